"""The themes of the museums: what a theme prefers to hang, and how its museums are called."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """A theme with the subjects, styles and palettes it prefers and templates of titles.

    ``titles`` are templates with ``{place}``; all templates of all themes differ, so that a place
    and a template make a unique title.
    """

    name: str
    subjects: tuple[str, ...]
    styles: tuple[str, ...]
    palettes: tuple[str, ...]
    titles: tuple[str, ...]


TITLES_PER_THEME = 6

THEMES = (
    Theme(
        "the sea",
        ("seascape", "sailing ships"),
        ("impressionist", "watercolour", "ukiyo-e"),
        ("cool blues", "warm sunset"),
        (
            "{place} Museum of the Sea",
            "{place} Maritime Gallery",
            "The Harbour Collection, {place}",
            "{place} Coastal Museum",
            "The {place} Tide House",
            "Sea Pictures at {place}",
        ),
    ),
    Theme(
        "modern life",
        ("city skyline", "portrait"),
        ("pop art", "impressionist", "cubist"),
        ("greyscale", "primary colours"),
        (
            "{place} Museum of Modern Life",
            "{place} City Gallery",
            "The Boulevard Collection, {place}",
            "{place} Metropolitan Rooms",
            "The {place} Tramway Gallery",
            "Modern {place}",
        ),
    ),
    Theme(
        "gardens and flowers",
        ("garden", "vase of flowers", "bird"),
        ("impressionist", "watercolour", "pointillist"),
        ("greens", "pastel"),
        (
            "{place} Museum of Gardens",
            "The {place} Flower Gallery",
            "The Orangery at {place}",
            "{place} Botanical Collection",
            "{place} Rose House",
            "The Walled Garden Museum, {place}",
        ),
    ),
    Theme(
        "cubism and after",
        ("portrait", "still life with fruit"),
        ("cubist", "suprematist", "de stijl"),
        ("earth tones", "primary colours"),
        (
            "{place} Museum of Form",
            "The {place} Avant-Garde",
            "Cubism and After, {place}",
            "{place} Hall of Angles",
            "The Facet Collection, {place}",
            "{place} Museum of the New Geometry",
        ),
    ),
    Theme(
        "light and shadow",
        ("portrait", "still life with fruit", "night sky"),
        ("chiaroscuro", "ink wash"),
        ("greyscale", "warm sunset", "earth tones"),
        (
            "{place} Museum of Light and Shadow",
            "The {place} Candlelight Gallery",
            "The Lantern House, {place}",
            "{place} Old Gallery",
            "{place} Shadow Rooms",
            "The Lamp Collection, {place}",
        ),
    ),
    Theme(
        "colour studies",
        ("vase of flowers", "garden"),
        ("colour field", "de stijl", "pointillist"),
        ("primary colours", "purples", "pastel", "greens"),
        (
            "{place} Museum of Colour",
            "The {place} Prism",
            "The Spectrum Rooms, {place}",
            "{place} Colour House",
            "{place} Gallery of Hues",
            "The Palette Collection, {place}",
        ),
    ),
    Theme(
        "the far east",
        ("mountains", "bird", "seascape"),
        ("ukiyo-e", "ink wash"),
        ("cool blues", "greyscale", "earth tones"),
        (
            "{place} Museum of Eastern Art",
            "The {place} Print Rooms",
            "The Ink and Paper Museum, {place}",
            "{place} Far Eastern Collection",
            "{place} Bamboo House",
            "The Scroll Gallery, {place}",
        ),
    ),
    Theme(
        "the animal kingdom",
        ("horse", "bird", "forest"),
        ("watercolour", "chiaroscuro", "cubist"),
        ("earth tones", "greens"),
        (
            "{place} Museum of Animals in Art",
            "The {place} Menagerie",
            "The Stable Gallery, {place}",
            "{place} Aviary Museum",
            "{place} Gallery of Living Things",
            "Fur and Feather, {place}",
        ),
    ),
    Theme(
        "wild places",
        ("mountains", "desert", "forest"),
        ("impressionist", "watercolour", "ink wash"),
        ("earth tones", "greens", "warm sunset"),
        (
            "{place} Museum of Landscape",
            "The {place} Wilderness Gallery",
            "The Horizon Collection, {place}",
            "{place} Upland Museum",
            "{place} Landscape Rooms",
            "The Far Country Museum, {place}",
        ),
    ),
    Theme(
        "the laid table",
        ("still life with fruit", "vase of flowers"),
        ("cubist", "chiaroscuro", "pop art"),
        ("warm sunset", "primary colours", "pastel"),
        (
            "{place} Museum of Still Life",
            "The {place} Table",
            "The Pantry Gallery, {place}",
            "{place} House of Quiet Things",
            "{place} Fruit and Flower Collection",
            "The Silver Bowl Museum, {place}",
        ),
    ),
    Theme(
        "faces",
        ("portrait",),
        ("chiaroscuro", "pop art", "cubist", "impressionist"),
        ("greyscale", "earth tones", "purples"),
        (
            "{place} Portrait Gallery",
            "The {place} Museum of Faces",
            "The Likeness Collection, {place}",
            "{place} Gallery of Sitters",
            "{place} House of Portraits",
            "The Mirror Museum, {place}",
        ),
    ),
    Theme(
        "the abstract century",
        ("city skyline",),
        ("abstract expressionist", "op art", "suprematist", "colour field", "de stijl"),
        ("primary colours", "greyscale", "cool blues"),
        (
            "{place} Museum of Abstract Art",
            "The {place} Foundation",
            "The Abstract Century, {place}",
            "{place} Gallery of Pure Form",
            "{place} Contemporary",
            "The Non-Objective Museum, {place}",
        ),
    ),
    Theme(
        "night and dreams",
        ("night sky", "city skyline", "forest"),
        ("impressionist", "chiaroscuro", "pointillist"),
        ("purples", "cool blues", "greyscale"),
        (
            "{place} Museum of the Night",
            "The {place} Nocturne",
            "The Moon Gallery, {place}",
            "{place} Dream House",
            "{place} Midnight Collection",
            "The Star Rooms, {place}",
        ),
    ),
    Theme(
        "the pop age",
        ("portrait", "still life with fruit", "city skyline"),
        ("pop art", "op art"),
        ("primary colours", "pastel", "purples"),
        (
            "{place} Museum of Pop",
            "The {place} Print Factory",
            "The Pop Age, {place}",
            "{place} Poster Rooms",
            "{place} Museum of the Sixties",
            "The Neon Gallery, {place}",
        ),
    ),
    Theme(
        "journeys",
        ("sailing ships", "desert", "horse", "mountains"),
        ("ukiyo-e", "watercolour", "pop art"),
        ("warm sunset", "earth tones", "cool blues"),
        (
            "{place} Museum of Travel",
            "The {place} Voyage",
            "The Compass Collection, {place}",
            "{place} Explorers' Gallery",
            "{place} House of Journeys",
            "The Caravan Museum, {place}",
        ),
    ),
    Theme(
        "the free brush",
        ("garden", "horse", "sailing ships", "forest"),
        ("pointillist", "impressionist", "abstract expressionist"),
        ("pastel", "purples", "greens", "warm sunset"),
        (
            "{place} Museum of Painting",
            "The {place} Atelier",
            "The Brush Collection, {place}",
            "{place} Studio Museum",
            "{place} Easel House",
            "The Open Air Gallery, {place}",
        ),
    ),
)

PLACE_HEADS = (
    "Aldre", "Bresk", "Caldo", "Dorne", "Eskel", "Fennow", "Grisel", "Havre", "Istel", "Jorune",
    "Kelmo", "Lorres", "Marvo", "Norrel", "Ostre", "Pellan", "Quarre", "Rosken", "Selve", "Thalen",
    "Ulvers", "Vandre", "Wendle", "Yarrow", "Zellin", "Ambre", "Corven", "Delmar", "Elsen",
    "Tavish",
)  # fmt: skip
PLACE_TAILS = (
    "burg", "ford", "holm", "mere", "wick", "stad", "haven", "mont", "vale", "ness",
    "bridge", "minster", "field", "combe", "gate", "port", "moor", "dale", "wood", "cliff",
)  # fmt: skip
PLACES = tuple(head + tail for tail in PLACE_TAILS for head in PLACE_HEADS)


def museum_title(theme: Theme, index: int) -> str:
    """Return the title of museum ``index``; no two indices of a world share one.

    The index picks the place and the template, so that a museum's title needs no knowledge of the
    other museums; after all of them are used, a number is added.
    """
    place = PLACES[(index * 233) % len(PLACES)]  # 233 and 600 have no common divisor
    template, repeat = (
        index // len(PLACES) % TITLES_PER_THEME,
        index // (len(PLACES) * TITLES_PER_THEME),
    )
    title = theme.titles[template].format(place=place)
    return f"{title} {repeat + 1}" if repeat else title


THEME_PHRASES: dict[str, tuple[str, ...]] = {
    "the sea": ("the sea", "the ocean and its coasts", "life by the water", "ships and shores"),
    "modern life": ("modern life", "the big city and its people", "urban life", "life in town"),
    "gardens and flowers": (
        "gardens and flowers",
        "everything that blooms",
        "flowers and gardens",
        "parks and petals",
    ),
    "cubism and after": (
        "cubism and after",
        "the cubists and their heirs",
        "the avant-garde",
        "broken forms",
    ),
    "light and shadow": (
        "light and shadow",
        "chiaroscuro and ink",
        "the play of light and dark",
        "deep shadows",
    ),
    "colour studies": ("colour studies", "colour itself", "the study of colour", "pure colour"),
    "the far east": ("the far east", "the art of East Asia", "prints and ink", "eastern art"),
    "the animal kingdom": (
        "the animal kingdom",
        "animals",
        "creatures great and small",
        "animals in art",
    ),
    "wild places": ("wild places", "unspoilt nature", "landscapes far from towns", "wild country"),
    "the laid table": ("the laid table", "still life", "fruit and flowers", "quiet things"),
    "faces": ("faces", "portraits of every kind", "the human face", "people and their likenesses"),
    "the abstract century": (
        "the abstract century",
        "abstract art",
        "painting without objects",
        "abstraction",
    ),
    "night and dreams": (
        "night and dreams",
        "the night",
        "stars, moon and sleep",
        "the hours after dark",
    ),
    "the pop age": ("the pop age", "pop art and its time", "the sixties", "bold printed pictures"),
    "journeys": ("journeys", "travel and adventure", "distant lands", "voyages by land and sea"),
    "the free brush": (
        "the free brush",
        "the joy of painting",
        "loose and lively brushwork",
        "free painting",
    ),
}
