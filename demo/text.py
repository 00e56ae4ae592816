"""Sentences and labels that Python chooses between; fixed wording lives in the templates."""

from typing import NamedTuple

from hicalm.levels import LEVELS, PLAN, WORDS

APP_NAME = "HiCALM Explorer"
TAGLINE = "Search museums by what hangs in their rooms."
INTRODUCTION = (
    "Describe a painting, a room or a whole visit in plain words. Every museum here is ranked by "
    "how well its rooms and views fit your words, and you can walk into each of them."
)
ABOUT = (
    "HiCALM reads a museum as a hierarchy (views in a room, rooms in a museum) and a description "
    "as sentences in paragraphs, and compares the two at every level. Each score is a sum of "
    "parts: the museum as a whole, its rooms, its single views, what was asked of the rooms and, "
    "for the best, the words."
)
HONESTY = (
    "The museums, rooms, paintings and artists here were made by a program: none of them exist. "
    "Real painters are named only to describe a manner. "
    "No museum's pictures could be given away with the project, so it draws its own."
)
DEFAULT_NOTE = "procedurally generated collection"

# Pages beside the search: their names in an address and on screen.
PAGE_LINKS = (
    ("map", "Map"),
    ("metrics", "Metrics"),
    ("add", "Your collections"),
)

WARMING = "The models are warming up"
WARMING_SEARCH = "Your search is queued and runs by itself as soon as they are ready."
WARMING_COLLECTION = "The collection is being opened."
LOADING_FAILED = "The models could not be loaded. The server's log says why."
UNEXPECTED = "Something went wrong on the server, and it was logged. Please try another search."
UNKNOWN_PAGE_PART = "This link asks for room {room}, but the museum has rooms 1 to {rooms}."
UNKNOWN_VIEW = "This link asks for view {view}, but the room has views 1 to {views}."
NOT_RANKED = "The search leaves this museum out."
AGAINST_ITSELF = "A museum cannot be compared with itself. Please choose another one."
SUMMARY = (
    "Room {room}, “{name}”, brings the most: {part} of {score}{percent}. "
    "Of the parts of the score, {most} brings the most."
)
SUMMARY_OVER = (
    "Room {room}, “{name}”, brings {part}, more than the score of {score}: other rooms take some "
    "of it back. Of the parts of the score, {most} brings the most."
)
NO_ROOM_ADDS = "No room adds to the score: nothing here is like the query."
SAME_SCORE = "Both museums have the same score, {score}."
AHEAD_MAINLY = "{ahead} is ahead by {gap}: most of it, {part}, comes from {most}."
AHEAD_PART = "{ahead} is ahead by {gap}: the largest part, {part}, comes from {most}."
AHEAD_ALL = (
    "{ahead} is ahead by {gap}: {most} alone gives it {part} more, "
    "and the others together take some of it back."
)
PICTURE_UNKNOWN = "This picture is outside of what is known here"
PICTURE_UNKNOWN_DETAILS = (
    "The encoder was taught pictures that a program drew, and this one is near to none of them."
)
PICTURE_EXPIRED = "The picture of this search is no longer kept. Please choose it again."
TEXT_EXPIRED = "The text of this search is no longer kept. Please enter it again."
PICTURE_TOO_LARGE = "This file has more than {limit} MB. Please choose a smaller picture."
COLLECTION_NO_MAP = (
    "Maps are drawn for the collection of this server only, not for collections that were added."
)
COLLECTION_NO_METRICS = (
    "Metrics are measured on the collection of this server only, not on collections that were "
    "added."
)
COLLECTION_GONE = (
    "This collection is no longer kept: it was deleted, was not used for {hours} hours, or made "
    "room for a newer one."
)
COLLECTION_NOT_READY = "This collection is not ready to be searched yet."
COLLECTION_BUSY = (
    "Other collections are being read at the moment. Please try again in a few minutes."
)
COLLECTION_BUSY_YOURSELF = "Your other collections are being read. Please wait until one is ready."
COLLECTION_TOO_MANY_VIEWS = (
    "These would be {views:,} views, and the limit is {limit:,}. Leave some out, or bring fewer."
)
COLLECTION_EMPTY = "No picture has a museum and a room. Fill in both for some of them."
COLLECTION_LEFT_OUT = "Left out by you."
DISCOVER_ROOMS = "Sort a museum without rooms by what its pictures have in common"
ENCODER_BUILTIN = (
    "The model here has seen only paintings and rooms drawn by a program. Photographs and real "
    "paintings it reads badly."
)
ENCODER_CONSE = (
    "Photographs are read offline here, by which of 1,000 kinds of things a classifier sees in "
    "them: animals, plants, buildings and things are found, styles, colours and moods hardly."
)
ENCODER_PHOTOS = (
    "Pictures drawn by this app are read by the built-in encoder, which knows nothing else; "
    "photographs by an encoder of photographs. What yours are is measured, or you say so below."
)
READ_AS_FITS = "Whatever fits them"
READ_AS_DRAWN = "As drawn by this app"
READ_AS_PHOTOS = "As photographs"
ENCODER_OTHER = "Pictures are read by {name}, which decides what can be found in them."
COLLECTION_CUT = "The files did not arrive as a whole. Please bring them again."
COLLECTION_FAILED = "Something went wrong while reading this collection, and it was logged."

NO_MAPS = "This collection has no maps yet. Make them with 'python -m hicalm map COLLECTION'."
BAD_FOCUS = (
    "This link asks for a museum or room that the collection lacks, so the whole map is shown."
)
NO_PICTURES = "These views have features and no pictures; each leads to views like it."
WORDS_NOTE = (
    "Type a few words of a description, and choose one of its sentences, paragraphs or the whole: "
    "their features are stored."
)
CHOOSE_TEXT = "Choose a text of the collection to search by"
NO_TEXT = "No text of the collection has any of these words"
STORED_KINDS = {
    "sentence": "Sentences",
    "paragraph": "Paragraphs",
    "description": "Descriptions",
}
DESCRIBE, FIND_TEXT = "Describe what to find", "Find a text of the collection"  # in the search box
QUERY_TOO_LONG = "The text has {size:,} characters, and the limit is {limit:,}. Please shorten it."
QUERY_EMPTY = "The search box is empty. Please describe a painting, a room or a museum."
BAD_LIKE = "This link does not name a view of a museum."

HOW_RANKED = "How this was ranked"
RANKS_OF = (
    "Binary codes, or an index, choose a shortlist, HiCALM ranks it by three levels, and the "
    "alignment of words with views adds a part to the scores of the first {listed}, which re-ranks "
    "them. A museum without a rank after a stage is not among its first {listed}."
)
STAGE_NAMES = {"shortlist": "Shortlist", "rank": "Rank", "rerank": "Re-rank"}
STAGE_OFF = {
    "shortlist": "Off: every museum goes on.",
    "rank": "",
    "rerank": "Off: the words are no part of the scores.",
}
STAGE_NO_PICTURE = "Compares words, so it cannot re-rank a search by a picture."
SHORTLISTED = "{kept} of {museums} go on."
SHORTLIST_WHOLE = " None of the ten best was missed."
RANKED = "{museums} scored at all three levels."
RANKED_PLAN = "{museums} scored at all three levels and by what was asked."
RERANKED = "{moved} of the first {first} moved. Furthest: {title}, {rank_change}."
RERANKED_SAME = "The first {first} were re-ranked, and none moved."
NOT_RERANKED = (
    "From here on words were not read: only the first {reranked} have them in their score."
)
HEAT_MAP_BAD = "A heat map is asked for with an address, a museum, a room and a view."
STAGES_BAD = "There is no stage '{stage}' here. Choose from {stages}, with commas between them."
THEME_BAD = "There is no theme '{theme}' here. Choose from {themes}, or leave it empty."
NO_THEMES = "The museums here have no themes. Leave the theme empty."
NO_SUCH_ROOM = "{museum} has the rooms 0 to {last}, so there is no room {room}."
NO_SUCH_VIEW = "Room {room} of {museum} has the views 0 to {last}, so there is no view {view}."
PICTURE_NO_BASE64 = (
    "The picture could not be decoded. Send a JPEG, PNG or WebP file in base64, or as a data URL."
)
NO_SUCH_ENDPOINT = "There is no endpoint '{name}' here. Choose from {names}."
TOO_FEW_VALUES = "'{name}' takes {all} values, and {given} came. They are {names}."
WRONG_VALUES = "'{name}' cannot be called with these values. Name some of {names}."
WRONG_BODY = "The call is not one that this server takes: {place}: {what}."
WRONG_PAGE_VALUES = "The page sent values that this server does not take. Please reload the page."
FOREIGN = (
    "This call comes from a page of another site, which this server does not answer. Where a proxy "
    "is in between, it has to pass the Host header on."
)
CLOSED = "There is nothing here for pages or programs: see the API page for what can be called."
BODY_TOO_LARGE = "This is too large: at most {limit} MB are taken here."
BODY_TOO_RICH = "This has too many values to be read here. Please send less at a time."
BODY_TOO_SLOW = "The data came too slowly, and the server stopped waiting. Please send it again."
TOO_MUCH_ARRIVES = "Too much arrives at once. Please send it again in a moment."
TOO_MANY_REQUESTS = (
    "More than {limit} requests of yours are open. Please wait until some are answered."
)
UPLOADS_TOO_MANY = (
    "You have brought more than {limit} MB within {hours} hours. Please come back later."
)
UPLOADS_FULL = "The server has no room for files at the moment. Please come back later."
DISK_FULL = "The server has no room on its disk at the moment. Please try again later."
BUSY = "Many people are searching at the moment."
BUSY_YOURSELF = "You have asked for many things at once, and some of them are not answered yet."
BUSY_AGAIN = "This page asks again by itself every few seconds."
BEFORE_SHORT = "Your turn comes after {before}."
BEFORE_LONG = "Much work is done in turn: yours comes after {before}, which may take minutes."
BEING_DONE = "It is your turn. This takes a while, because shorter searches go first."
NO_SUCH_TOOL = "There is no tool '{name}' here. Choose from {names}."

# How a query was understood: what a chip says, and what its switches do.
NOT_IN = {
    "painting": "not in the painting",
    "room": "not in that room",
    "museum": "not in the museum",
}
ROOMS_OF = "{number} rooms of"
BELONGS = {"then": "in this order", "same": "same room", "different": "different rooms"}
CHANGES = {
    "remove": "Remove “{text}”",
    "not": "Search without “{text}”",
    "wanted": "Search with “{text}”",
    "fewer": "One room fewer of “{text}”",
    "more": "One room more of “{text}”",
    "any order": "In any order",
    "in order": "In this order",
    "same room": "In the same room",
    "different rooms": "In different rooms",
}
UNKNOWN_PHRASE = "The encoder does not know this."

# How well a search was answered.
VERDICTS = {
    "strong": "Strong match",
    "partly": "Partly a match",
    "little": "Nothing here shows this",
}
NOT_ALL_OF_THIS = "Nothing here shows all of this"
AMONG_OTHERS = "Shown here, but only among other things"
VERDICT_DETAILS = (
    "{title} comes closest: the probability that it shows what was asked, in at least half the "
    "paintings of a room, is {0}."
)
MATCH_MARKS = {"strong": "●", "partly": "◐", "little": "○"}
MATCH_WORDS = {"strong": "strong match", "partly": "partly a match", "little": "little match"}
SHOWN = "{text}"
SHOWN_IN = "{text}: {rooms}"
NO_ROOM_SHOWS = "no room shows: {text}"
TOO_FEW_ROOMS = "fewer than {number} rooms show: {text}"
LEFT_OUT = "nowhere: {text}"
NOT_LEFT_OUT = "not wanted, but perhaps in {rooms}: {text}"
SOME_ROOM = "some room"
# The sentence about a museum: its parts, of which {} is a phrase of the query.
ROOM_SHOWS, ROOMS_SHOW = "{rooms} shows {what}", "{rooms} show {what}"
SHOWS_ALL, SHOWS_PART = "it", "part of it"
SHOWS_AMONG_OTHERS = "it, but only among other things"
MISSING = "nothing here answers {}"
NOT_KNOWN = "not known here: {}"
TOO_FEW_SHOW = "fewer than {number} rooms show {}"
SHOWN_ELSEWHERE = "not where you asked for it: {}"
ABSENT = "no room shows {}, as you asked"
PERHAPS_THERE = "{rooms} may show {}, which you did not want"
LIMIT_MISSED = "not so: {}"
NEAREST = "{} comes nearest"
LONGEST_PART = 90  # characters of a part of a query on a card

# What a collection knows, by kind of attribute: its name, and the query for a value.
OWN_WORDS = "Words of its descriptions"
KIND_NAMES = {
    "subject": "Subjects",
    "style": "Styles",
    "palette": "Palettes",
    "wall_color": "Walls",
    "floor": "Floors",
    "lighting": "Light",
    "object": "Objects",
}
KIND_QUERIES = {
    "style": "{} paintings",
    "palette": "paintings in {}",
    "wall_color": "a room with {} walls",
    "floor": "a room with a {} floor",
    "lighting": "a room with {} light",
    "object": "a room with a {}",
}

ANSWERED_WELL, ANSWERED_PARTLY, ANSWERED_HARDLY = "well", "partly", "hardly"
ANSWERED_BY = "“{word}”: answered{how}, most by {views}."
ANSWERED_BESIDE = (
    "Answered {how} in this room: its cosine is {cosine:.2f}, and that of the query's "
    "best-answered word {best:.2f}"
)
ANSWERED_PHRASE = "Probability that this room shows “{phrase}”: {probability}"
UNKNOWN = "unknown"
ANSWERED_UNKNOWN = "“{word}”: the encoder does not know this; it comes nearest in {views}."
POINT_AT = "Point at a word, or tap it, and what answers it lights up."
WORD_MARKS = (
    (ANSWERED_HARDLY, "Dashed words are hardly answered here."),
    (UNKNOWN, "Dotted words are not known to the encoder."),
)
VIEW_SHARE = "view {view} ({percent}\N{NO-BREAK SPACE}%)"
ALL_WORDS = "All words"
ALL_ANSWERED_BY = "All words together: answered most by view{s} {views}."
AND = " and "

HOW_IT_ADDS_UP = "How its score adds up"
ABOUT_NUMBERS = (
    "A *similarity*, from \N{MINUS SIGN}1 to 1, says how alike two things are; that of the query "
    "and the museum as a whole is {similarity}. A *contribution* says how much of this score would "
    "be missing without a room or a view. Contributions add up, from the score of a museum with no "
    "rooms, {baseline}; similarities do not. {error}"
)
ESTIMATED = (
    "The contributions of views and of parts of the query are estimated, within ±{error:.4f}."
)
AGREEMENT = (
    "{common} of {shown} museums are in both lists. Over all {total} museums, without filters, "
    "Kendall's tau is {tau}: 1 is the same order, 0 is chance, \N{MINUS SIGN}1 the reverse."
)
DIFFERENCE = "A \N{MINUS SIGN} B"  # of two museums side by side
METHODS_NEED_WORDS = (
    "Methods are compared on a query. Type what the museum should show, then choose "
    "“Compare methods” above the results."
)

TEXT_LENGTHS = (
    ("full", "Full descriptions"),
    ("room", "Room paragraphs"),
    ("sentence", "Single sentences"),
)
# Columns of the metrics: key, name, and what the texts are.
MEASURED = (
    (
        "paraphrase",
        "Paraphrased queries",
        "Short queries in other words, judged by what hangs there: 1 is a perfect order (nDCG@5); "
        "P@5 is the share of fitting museums among the first 5.",
    ),
    ("plain", "Plain queries", "More short queries for one thing each, judged in the same way."),
    (
        "structured",
        "Structured queries",
        "With “not”, “then”, counts, several rooms and typing errors, judged in the same way.",
    ),
    ("full", "Full descriptions", "The whole description of a museum, room after room."),
    ("museum_to_text", "From museum to text", "The other way round: a museum asks for its text."),
    ("room", "Room paragraphs", "What is written about one room; the museum that has it is right."),
    (
        "sentence",
        "Single sentences",
        "One sentence about a room. Many fit several museums: “The walls are white.”",
    ),
)

PART_NAMES = {WORDS: "words", PLAN: "what was asked"}  # of a score, beside its levels
LABELS = {"wall_color": "Wall colour", "lighting": "Light"}  # attributes whose key reads badly
TOP_CHOICES = (6, 12, 24, 48)
LISTED = (("Museums", "museum"), ("Rooms", "room"), ("Views", "view"))


class Example(NamedTuple):
    """A query to click on, and the strength that it shows."""

    strength: str
    query: str


EXAMPLES = (
    Example("A subject", "sailing ships on the sea"),
    Example("A style and a palette", "cubist paintings in warm sunset colours"),
    Example("The look of a room", "a dim room with red walls and a marble floor"),
    Example("Rooms in order", "a first room with portraits, then a room of seascapes"),
    Example("Rooms of their own", "still lifes with fruit in one room and birds in another"),
    Example("Counting rooms", "two rooms of seascapes, at most six rooms"),
    Example("Not in that style", "seascapes without pop art"),
    Example("Not in the museum", "a museum without horses"),
)


def shortened(words: str) -> str:
    """Return words as far as a card has room for them."""
    return words if len(words) <= LONGEST_PART else words[: LONGEST_PART - 1].rstrip() + "…"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``"1 room"``, ``"2,000 rooms"``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def milliseconds(seconds: float) -> str:
    """Return a time as text: ``"0.4 ms"``, ``"1,250 ms"``."""
    value = 1000 * seconds
    return f"{value:.1f} ms" if value < 9.95 else f"{value:,.0f} ms"


def rank_change_text(change: int) -> str:
    """Return a move in a ranking as words: ``"3 up"``, ``"1 down"`` (below 0)."""
    return f"{abs(change)} {'up' if change > 0 else 'down'}"


def part_name(part: str) -> str:
    """Return the name of a part of a score as shown: ``"Room level"``, ``"What was asked"``."""
    return f"{part.capitalize()} level" if part in LEVELS else PART_NAMES[part].capitalize()


def short_name(part: str) -> str:
    """Return the name of a part of a score in a legend: ``"room"``, ``"what was asked"``."""
    return PART_NAMES.get(part, part)


def part_in_words(part: str) -> str:
    """Return a part of a score inside a sentence: ``"the room level"``, ``"the part “words”"``."""
    return f"the {part} level" if part in LEVELS else f"the part “{PART_NAMES[part]}”"


def label(attribute: str) -> str:
    """Return the name of a museum's or room's attribute as shown."""
    return LABELS.get(attribute, attribute.replace("_", " ").capitalize())
