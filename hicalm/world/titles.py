"""Invented names: titles of paintings and rooms, and artists who never lived."""

import numpy as np

from hicalm.world.chance import happens, pick

SUBJECT_TITLES = {
    "seascape": (
        "Waves at {place}", "The {adjective} Sea", "Morning Tide", "Low Water, {place}", "Surf",
        "The Long Shore", "{adjective} Bay", "After the Gale", "The Bay at {place}", "Breakers",
    ),
    "mountains": (
        "The Peaks above {place}", "{adjective} Summit", "Snow Line", "The Pass at {place}",
        "High Ground", "The {adjective} Range", "Ridge, {season}", "Three Summits", "Glacier",
    ),
    "city skyline": (
        "Rooftops of {place}", "{adjective} Towers", "The City in {season}", "Skyline, {place}",
        "A Thousand Windows", "The {adjective} City", "Office Hours", "Uptown", "{place} at Six",
    ),
    "still life with fruit": (
        "Fruit on a Table", "The {adjective} Bowl", "Pears and a Bottle", "Oranges, {season}",
        "Still Life at {place}", "The Pantry Shelf", "Ripe Fruit", "Breakfast at {place}",
    ),
    "vase of flowers": (
        "Flowers in the {adjective} Vase", "Bouquet, {season}", "From the Market at {place}",
        "Roses", "The Blue Jug", "Blooms by the Window", "The {adjective} Bouquet", "Cut Flowers",
    ),
    "portrait": (
        "Portrait of {person}", "{person}", "The Reader", "Sitter from {place}", "My Neighbour",
        "{person} in the {adjective} Coat", "The Teacher", "Head of a Stranger", "Self with Hat",
    ),
    "night sky": (
        "Night over {place}", "The {adjective} Stars", "Moonrise, {season}", "Constellations",
        "Nocturne", "Moon and Rooftops", "The Small Hours", "The {adjective} Night", "Stargazing",
    ),
    "forest": (
        "The Wood near {place}", "{adjective} Trees", "Among the Birches", "Forest, {season}",
        "The Clearing", "Undergrowth", "Path through the Pines", "The {adjective} Wood",
    ),
    "horse": (
        "The {adjective} Mare", "Horse at {place}", "Grazing", "Before the Race", "The Stallion",
        "Pony, {season}", "{person}'s Horse", "Standing Horse", "The Paddock at {place}",
    ),
    "bird": (
        "Bird on a Branch", "The {adjective} Songbird", "First Song, {season}", "The Visitor",
        "Finch", "Small Wings", "The Bird of {place}", "Perched", "Before Flight", "Dawn Chorus",
    ),
    "sailing ships": (
        "Ships off {place}", "The {adjective} Sail", "Regatta, {season}", "Leaving {place}",
        "Two Schooners", "Homeward", "The Fleet", "Under Full Sail", "The {person}",
    ),
    "desert": (
        "Dunes near {place}", "The {adjective} Sand", "Noon without Water", "Cactus, {season}",
        "The Dry Country", "Caravan Road", "Drought", "The {adjective} Waste", "Sand and Wind",
    ),
    "garden": (
        "The Garden at {place}", "{adjective} Garden", "Path in {season}", "Flower Beds",
        "Behind the House", "{person}'s Garden", "The Gate at {place}", "Borders in Bloom",
    ),
}  # fmt: skip
STYLE_TITLES = {
    "de stijl": (
        "Composition {number}", "Grid {number}", "Composition with {colour}", "{colour} Square",
        "Verticals and Horizontals", "Plan of {place}", "Equilibrium {number}",
    ),
    "colour field": (
        "Untitled ({colour})", "{colour} over {colour}", "Field {number}", "{adjective} Stillness",
        "Two Bands", "Threshold {number}", "{colour} Silence",
    ),
    "abstract expressionist": (
        "Action {number}", "{adjective} Rhythm", "Untitled {number}", "Outburst", "Nerve {number}",
        "{season} Storm", "Convergence of {colour}",
    ),
    "op art": (
        "Vibration {number}", "Interference", "Moving Surface {number}", "Flicker", "Current",
        "{colour} Pulse", "{adjective} Illusion", "Oscillation {number}",
    ),
    "suprematist": (
        "Supremus of {place}", "Floating {colour}", "Construction {number}", "Dynamic Forms",
        "{colour} Wedge", "Weightless {number}", "Circle and Bars",
    ),
}  # fmt: skip
PALETTE_COLOURS = {
    "warm sunset": ("Orange", "Crimson", "Amber", "Scarlet"),
    "cool blues": ("Blue", "Cobalt", "Azure", "Ice"),
    "greyscale": ("Grey", "Black", "Silver", "White"),
    "pastel": ("Rose", "Mint", "Peach", "Pale Pink"),
    "primary colours": ("Red", "Yellow", "Blue", "Vermilion"),
    "earth tones": ("Ochre", "Umber", "Sienna", "Sand"),
    "greens": ("Green", "Emerald", "Olive", "Moss"),
    "purples": ("Violet", "Purple", "Mauve", "Plum"),
}
ADJECTIVES = (
    "Quiet", "Restless", "Distant", "Lonely", "Bright", "Old", "Silent", "Broken", "Gentle",
    "Hidden", "Endless", "Waiting", "Lost", "Patient", "Far", "Sleeping", "Proud", "Slow",
)  # fmt: skip
SEASONS = ("Spring", "Summer", "Autumn", "Winter", "April", "June", "October", "January")
PLACES = (
    "Velmar", "Oskerry", "Tarn Hollow", "Brisant", "Calvera", "Dunmorrow", "Elsinde", "Fallowmere",
    "Grindel Point", "Harrowick", "Isolde Bay", "Kestwold", "Lunemark", "Morrowgate", "Nivarre",
    "Pellacorta", "Quenby", "Rothelle", "Sandrigo", "Thornaby Moor",
)  # fmt: skip
PERSONS = (
    "Adela", "Bastian", "Corinna", "Dario", "Elspeth", "Fabian", "Greta", "Hanno", "Ines", "Jorun",
    "Katrin", "Leopold", "Mirela", "Nadia", "Orsolya", "Pavel", "Rosalind", "Tobias", "Una",
)  # fmt: skip
EASTERN_STYLES = ("ukiyo-e", "ink wash")
EASTERN_FAMILIES = (
    "Hanezawa", "Tsukihara", "Morikaze", "Shirogane", "Kuromine", "Asanuki", "Yukishiba",
    "Fujitani", "Minasato", "Tokigawa", "Ameyama", "Hoshimori",
)  # fmt: skip
EASTERN_GIVEN = (
    "Renzo", "Isoko", "Tamehide", "Sachiyo", "Kaneomi", "Mitsuru", "Haruei", "Tomoe", "Yasune",
    "Chigusa", "Norihisa", "Umeko",
)  # fmt: skip
WESTERN_GIVEN = (
    "Amalie", "Bertil", "Clemence", "Davor", "Eudora", "Florian", "Gisela", "Hector", "Ilse",
    "Joachim", "Kasimir", "Leonie", "Matteo", "Nerys", "Oriel", "Petra", "Quentin", "Rufina",
    "Stellan", "Thea", "Ursin", "Viola", "Wendel", "Xenia", "Yorick", "Zora",
)  # fmt: skip
FAMILY_HEADS = (
    "Arden", "Bolt", "Carra", "Dessen", "Evers", "Fenwall", "Gorin", "Hollen", "Ivers", "Jessel",
    "Kroy", "Lamber", "Mardin", "Nostro", "Orlen", "Perrin", "Quill", "Rask", "Sorel", "Tever",
    "Ulric", "Vesper", "Wolden", "Zander",
)  # fmt: skip
FAMILY_TAILS = ("ghast", "mark", "quist", "elli", "worth", "ovar", "dane", "ssen", "aux", "umir")
PLAIN_ROOMS = (
    "The Long Gallery", "North Room", "South Room", "East Room", "West Room", "The Cabinet",
    "The Octagon", "The Founders' Room", "The Upper Gallery", "The Tower Room", "The Old Library",
    "The Corner Room", "The Passage", "The Great Hall", "The Small Hall", "The Reading Room",
    "The Attic", "The Rotunda", "The Staircase Room", "The Quiet Room", "The Annexe",
    "The Garden Wing", "The River Wing", "The Print Cabinet", "The Vestibule", "The Salon",
)  # fmt: skip
SUBJECT_ROOMS = {
    "seascape": ("Room of Tides", "The Shore Room", "Salt and Foam"),
    "mountains": ("Room of Summits", "The High Room", "Above the Valley"),
    "city skyline": ("The City Room", "Streets and Towers", "Room of Windows"),
    "still life with fruit": ("The Fruit Room", "Room of the Table", "Ripe Things"),
    "vase of flowers": ("The Flower Room", "Room of Petals", "Bouquets"),
    "portrait": ("The Portrait Room", "Room of Faces", "Sitters"),
    "night sky": ("The Star Room", "Room of Night", "Moonlight"),
    "forest": ("The Forest Room", "Room of Trees", "Under the Leaves"),
    "horse": ("The Stable Room", "Room of Horses", "Hooves"),
    "bird": ("The Bird Room", "Room of Wings", "Birdsong"),
    "sailing ships": ("The Ship Room", "Room of Sails", "Setting Out"),
    "desert": ("The Sand Room", "Room of Dunes", "Dry Land"),
    "garden": ("The Garden Room", "Room of Paths", "In Bloom"),
}  # fmt: skip
NUMBERED_ROOM = 0.4  # of the rooms that have a number instead of a name
SUBJECT_ROOM = 0.4  # of the named rooms with a subject for focus that are called after it
SEED_COUNTS = 20


def painting_title(
    rng: np.random.Generator, subject: str | None, style: str, palette: str, taken: set[str]
) -> str:
    """Return a title that fits the painting and, if at all possible, is not in ``taken``.

    Titles hold no full stop, so that descriptions can be cut into sentences at full stops.
    """
    patterns = SUBJECT_TITLES[subject] if subject else STYLE_TITLES[style]
    title = ""
    for _ in range(SEED_COUNTS):
        title = pick(rng, patterns).format(
            place=pick(rng, PLACES),
            adjective=pick(rng, ADJECTIVES),
            season=pick(rng, SEASONS),
            person=pick(rng, PERSONS),
            colour=pick(rng, PALETTE_COLOURS[palette]),
            number=int(rng.integers(1, 100)),
        )
        if title not in taken:
            return title
    return title


def artist_name(rng: np.random.Generator, style: str) -> str:
    """Return an invented artist whose name has the sound of the style's home."""
    if style in EASTERN_STYLES:
        return f"{pick(rng, EASTERN_FAMILIES)} {pick(rng, EASTERN_GIVEN)}"
    return f"{pick(rng, WESTERN_GIVEN)} {pick(rng, FAMILY_HEADS)}{pick(rng, FAMILY_TAILS)}"


def room_name(rng: np.random.Generator, number: int, focus: dict[str, str], taken: set[str]) -> str:
    """Return a short name that no other room of the museum (``taken``) has; rooms count from 1."""
    if happens(rng, NUMBERED_ROOM):
        return f"Gallery {number}"
    named_after_subject = "subject" in focus and happens(rng, SUBJECT_ROOM)
    options = SUBJECT_ROOMS[focus["subject"]] if named_after_subject else PLAIN_ROOMS
    for _ in range(SEED_COUNTS):
        name = pick(rng, options)
        if name not in taken:
            return name
    return f"Gallery {number}"
