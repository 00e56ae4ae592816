"""Queries with marks: what the plan tagger learns from. The files are in ``marked/``.

``[portraits], none of them [cubist]{p}, in at least <two>{N} rooms``: a phrase stands in square
brackets, a number in angle brackets; in braces follows what it is.

=======  =======================================================================================
phrases  nothing: wanted, first or anywhere; ``+`` in the same room as the phrase before, ``|`` in
         another, ``>`` in a later, ``<`` in an earlier one, ``&`` anywhere; ``p``, ``r``, ``m``:
         not of a painting, not of a room, not of the museum
numbers  ``n`` rooms of the phrase after, ``N`` of the one before, ``max``, ``min``, ``is`` rooms
         of the museum; ``n+``, ``N+``, ``min+`` more than that, ``max-`` fewer than that
=======  =======================================================================================
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from hicalm.errors import HicalmError
from hicalm.reading.word_tags import LINKS, PIECES, ROLES, TaggedText, split_words

FOLDER = Path(__file__).parent / "marked"
_LINKS = dict(zip("&+|><", LINKS, strict=True))
_ROLES = dict(zip("prm", ROLES[1:], strict=True))
_NUMBERS = {
    **{"n": "count after", "n+": "more after", "N": "count before", "N+": "more before"},
    **{"max": "most", "max-": "fewer", "min": "least", "min+": "more", "is": "exactly"},
}
_MARK = re.compile(
    r"\[(?P<phrase>[^\[\]]+)\](?:\{(?P<kind>[prm+|<>&]+)\})?"
    r"|<(?P<number>[^<>{}]+)>\{(?P<counts>n\+?|N\+?|max-?|min\+?|is)\}"
)


@dataclass(frozen=True)
class Part:
    """A stretch of a query: ``piece`` is "outside", "phrase", or one of `NUMBER_PIECES`."""

    text: str
    piece: str = "outside"
    role: str = ""
    link: str = ""

    def worded(self, text: str) -> "Part":
        """Return the part with other words."""
        return replace(self, text=text)


Marked = tuple[Part, ...]


def read_marks(line: str) -> Marked:
    """Return the parts of a marked query.

    Raises HicalmError for marks that are not balanced and for a query without any.
    """
    parts: list[Part] = []
    at = 0
    for match in _MARK.finditer(line):
        parts.append(Part(line[at : match.start()]))
        if match["phrase"]:
            kind = match["kind"] or ""
            role = next((_ROLES[sign] for sign in kind if sign in _ROLES), "wanted")
            link = next((_LINKS[sign] for sign in kind if sign in _LINKS), "any")
            parts.append(Part(match["phrase"], "phrase", role, link))
        else:
            parts.append(Part(match["number"], _NUMBERS[match["counts"]]))
        at = match.end()
    parts.append(Part(line[at:]))
    outside = "".join(part.text for part in parts if part.piece == "outside")
    if len(parts) == 1 or re.search(r"[\[\]{}]", outside):
        raise HicalmError(f"'{line}' is no marked query: its marks are missing or not closed.")
    return tuple(part for part in parts if part.text)


def load_marked(folder: Path = FOLDER) -> dict[str, list[Marked]]:
    """Return the marked queries by the names of their files; each is one writer's."""
    return {
        path.stem: [
            read_marks(line)
            for line in path.read_text(encoding="utf-8").splitlines()
            if line and not line.startswith("#")
        ]
        for path in sorted(folder.glob("*.txt"))
    }


def tagged(parts: Marked) -> TaggedText:
    """Return the query with the tags of its words."""
    text = "".join(part.text for part in parts)
    spans, pieces, roles, links = [], [], [], []
    start = 0
    for part in parts:
        for row, (first, end) in enumerate(split_words(part.text)):
            spans.append((start + first, start + end))
            phrase = part.piece == "phrase"
            piece = ("inside" if row else "begin") if phrase else part.piece
            pieces.append(PIECES.index(piece))
            roles.append(ROLES.index(part.role) if phrase else -1)
            links.append(LINKS.index(part.link) if phrase else -1)
        start += len(part.text)
    return TaggedText(text, tuple(spans), tuple(pieces), tuple(roles), tuple(links))
