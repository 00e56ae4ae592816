"""How a typed text is understood: its rooms, each a paragraph of sentences."""

import re

from hicalm.data.sentences import _has_words, clean, split_sentences
from hicalm.errors import HicalmError

LONGEST_QUERY = 20_000  # characters; the longest description of the built-in world has 9,000

_ORDINAL = r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|next|last|final)"
_ROOM_WORD = r"(?:room|gallery|hall)"
# "room", "small dark room"; but "horse in a room" is no room of its own.
_NAMED = rf"(?:(?!(?:in|of|with|on|from|by)\b)\w+\s+){{0,3}}?{_ROOM_WORD}\b"
_JOINING = r"(?:then|next|after\s+that|followed\s+by|afterwards|finally|lastly)"
# Where a new room begins: "In the second room, ...", "then a room with ...", "another room ...".
_ROOM_STARTS = re.compile(
    rf"\b(?:(?:in\s+)?(?:(?:the|a)\s+)?{_ORDINAL}\s+(?:{_ROOM_WORD}|video)\b"
    # "The second one is full of birds" is a room, "the last one is a picture of a bird" is none.
    rf"|(?:the|a)\s+{_ORDINAL}\s+one\s+"
    rf"(?:with|of|has|shows|holds|where|is\s+(?:full|filled|devoted|given|about|all))\b"
    rf"|room\s+(?:\d{{1,2}}\b|(?:one|two|three|four|five|six|seven|eight)\s*:)"
    rf"|(?:and\s+)?{_JOINING},?\s+(?:(?:comes|there\s+is|you\s+enter)\s+)?"
    rf"(?:(?:a|an|one|another|the)\s+{_NAMED}|(?:another\s+)?one\s+(?:with|of|full|where)\b)"
    rf"|(?:and\s+)?(?:there\s+is\s+)?another\s+{_ROOM_WORD}\b)"
    rf"|(?:(?<=[,;]\s)|\band\s+)(?:a|an|one)\s+{_NAMED}",
    re.IGNORECASE,
)
_CONNECTIVE = re.compile(
    r"^(?:(?:and|then|next|afterwards|after that|followed by|finally|lastly),?\s+)+", re.IGNORECASE
)
_JOINT = re.compile(r"\band$", re.IGNORECASE)


def check_query(text: str) -> str:
    """Return the cleaned query. Raises HicalmError for an empty, too long or wordless one."""
    if len(text) > LONGEST_QUERY:
        raise HicalmError(
            f"The query has {len(text):,} characters; at most {LONGEST_QUERY:,} are searched. "
            "Shorten it."
        )
    cleaned = clean(text)
    if not cleaned:
        raise HicalmError("The query is empty. Type what the museum should show, in plain words.")
    if not any(character.isalpha() for character in cleaned):
        raise HicalmError("The query has no words. Type what the museum should show.")
    return cleaned


def split_rooms(text: str) -> tuple[tuple[str, ...], ...]:
    """Split a query into the rooms it names, each a tuple of sentences.

    What comes before the first room named is a room of its own where it speaks of one ("a room of
    ships, then a room of birds"). Otherwise it belongs to that room, unless it is a sentence of
    its own: then it is left out as an introduction when at least two rooms follow. A query that
    names no rooms is one room. Returns an empty tuple for a text without words.
    """
    named = list(_ROOM_STARTS.finditer(text))
    if not named:
        sentences = split_sentences(text)
        return (sentences,) if sentences else ()
    starts = [match.start() for match in named]
    before = text[: starts[0]].strip(" ,;")
    if _names_the_rooms_behind(text, named):
        starts = [0, *(match.end() for match in named[:-1])]
    elif _is_room(before) and "first" not in named[0].group().lower():
        starts = [0, *starts]
    elif len(starts) == 1 or not before.endswith((".", "!", "?")):
        starts[0] = 0
    pieces = [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    rooms = (split_sentences(_without_connectives(piece)) for piece in pieces)
    return tuple(room for room in rooms if room)


def _without_connectives(piece: str) -> str:
    """Drop what only joins a room to its neighbours: "then a room of boats, and" -> the room."""
    joints = " \n\t,;"
    piece = _JOINT.sub("", piece.strip(joints)).rstrip(joints)
    return _CONNECTIVE.sub("", piece)


def _names_the_rooms_behind(text: str, named: list[re.Match]) -> bool:
    """Tell whether rooms are named at their end: "ships in the first room, birds in the second
    room" has words before the first and none after the last."""
    return (
        len(named) > 1
        and named[-1].group().lower().startswith("in ")
        and _has_words(text[: named[0].start()])
        and not _has_words(text[named[-1].end() :])
    )


def _is_room(text: str) -> bool:
    return re.search(rf"\b(?!room\s+for\b){_ROOM_WORD}\b", text, re.IGNORECASE) is not None
