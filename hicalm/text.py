"""How a typed text is understood: its rooms, each a paragraph of sentences."""

import re
import unicodedata

from hicalm.errors import HicalmError

LONGEST_QUERY = 20_000  # characters; the longest description of the built-in world has 9,000

_ORDINAL = r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|next|last|final)"
# Where a new room begins: "In the second room, ...", "then a room with ...", "another room ...".
_ROOM_STARTS = re.compile(
    rf"\b(?:in\s+(?:the|a)\s+{_ORDINAL}\s+(?:room|gallery|hall|video)"
    rf"|(?:the|a)\s+{_ORDINAL}\s+(?:room|gallery|hall|one)\s+(?:with|of|has|shows|holds|is|where)"
    r"|(?:and\s+)?(?:then|next|after\s+that|followed\s+by|afterwards),?\s+"
    r"(?:(?:comes|there\s+is|you\s+enter)\s+)?(?:a|an|one|another|the)\s+(?:\w+\s+){0,3}?"
    r"(?:room|gallery|hall|one)\b"
    r"|(?:and\s+)?(?:another|a\s+second|a\s+third)\s+(?:room|gallery|hall)\b)",
    re.IGNORECASE,
)
_CONNECTIVE = re.compile(
    r"^(?:(?:and|then|next|afterwards|after that|followed by),?\s+)+", re.IGNORECASE
)
# The last two are the full-width ! and ?, escaped because they look like the ASCII ones.
_SENTENCE_END = re.compile(r"(?<=[.!?…。\uff01\uff1f])\s+|\n+")


def clean(text: str) -> str:
    """Return the text without control characters, blanks folded, in Unicode's composed form."""
    text = unicodedata.normalize("NFC", str(text))
    kept = (c if c.isprintable() or c in "\n\t " else " " for c in text)
    lines = (" ".join(line.split()) for line in "".join(kept).splitlines())
    return "\n".join(line for line in lines if line)


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


def split_sentences(text: str) -> tuple[str, ...]:
    """Split a text at sentence ends and line breaks; without any, it is one sentence."""
    parts = (part.strip(" ,;") for part in _SENTENCE_END.split(text))
    return tuple(part for part in parts if any(c.isalnum() for c in part))


def split_rooms(text: str) -> tuple[tuple[str, ...], ...]:
    """Split a query into the rooms it names, each a tuple of sentences.

    What comes before the first room named belongs to that room unless it is a sentence of its
    own, in which case it is left out as an introduction when at least two rooms follow. A query
    that names no rooms is one room. Returns an empty tuple for a text without words.
    """
    starts = [match.start() for match in _ROOM_STARTS.finditer(text)]
    if len(starts) == 1 and starts[0] > 0 and _is_room(text[: starts[0]]):
        starts = [0, *starts]  # "a room of seascapes, then a room of portraits"
    if not starts:
        sentences = split_sentences(text)
        return (sentences,) if sentences else ()
    before = text[: starts[0]].strip(" ,;")
    if before and (len(starts) == 1 or not before.endswith((".", "!", "?"))):
        if len(starts) > 1 and _is_room(before):
            starts = [0, *starts]
        else:
            starts[0] = 0
    pieces = [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    rooms = (split_sentences(_without_connectives(piece)) for piece in pieces)
    return tuple(room for room in rooms if room)


def _without_connectives(piece: str) -> str:
    """Drop what only joins a room to its neighbours: "then a room of boats, and" -> the room."""
    return _CONNECTIVE.sub("", re.sub(r"[\s,;]+(?:and\s*)?$", "", piece))


def _is_room(text: str) -> bool:
    return re.search(r"\b(?:room|gallery|hall)\b", text, re.IGNORECASE) is not None
