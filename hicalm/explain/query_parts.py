"""The parts of a query that contributions are given for: phrases, sentences, or passages."""

import re
from itertools import count, islice
from typing import NamedTuple

MAX_PHRASES = 6  # all their combinations are encoded: 63 short texts at most
MAX_PARTS = 150  # beyond these, neighbouring sentences of a paragraph come and go together
_STARTS = (
    "in|on|with|without|and|or|but|at|by|near|under|over|beside|behind|between|from|for|like|"
    "where|while|that|which|who|to"
)
# A phrase begins at such a word or behind a comma, but "of" stays with what it belongs to.
_PHRASE = re.compile(rf"\s+(?=(?:{_STARTS})\b)|(?<=[,;:])\s+", re.IGNORECASE)
_SMALL = re.compile(rf"^(?:{_STARTS}|a|an|the|of|some|is|are|there)$", re.IGNORECASE)


class Part(NamedTuple):
    """A part of a query: its words, its paragraph, and the sentences (of all) that it is of."""

    text: str
    paragraph: int
    sentences: tuple[int, ...]


def query_parts(paragraphs: tuple[tuple[str, ...], ...], whole: bool = False) -> list[Part]:
    """Split a query into its phrases, or into its sentences where there are too many phrases.

    ``whole`` keeps the sentences whole. Where there are too many sentences, each part is a passage
    of as many as it takes.
    """
    owners = [(p, sentence) for p, sentences in enumerate(paragraphs) for sentence in sentences]
    phrases = [
        Part(phrase, paragraph, (number,))
        for number, (paragraph, sentence) in enumerate(owners)
        for phrase in _phrases(sentence)
    ]
    if len(phrases) <= MAX_PHRASES and not whole:
        return phrases
    size = -(-len(owners) // MAX_PARTS)
    parts, numbers = [], count()
    for paragraph, sentences in enumerate(paragraphs):
        for start in range(0, len(sentences), size):
            own = sentences[start : start + size]
            parts.append(Part(" ".join(own), paragraph, tuple(islice(numbers, len(own)))))
    return parts


def _phrases(sentence: str) -> list[str]:
    """Split a sentence into phrases, or into words where it is a single phrase."""
    phrases = _joined(_PHRASE.split(sentence))
    return phrases if len(phrases) > 1 else _joined(sentence.split())


def _joined(pieces: list[str]) -> list[str]:
    """Join what is made of small words only to what follows; at the end, to what comes before."""
    joined, small = [], ""
    for piece in pieces:
        piece = f"{small} {piece}".strip()
        small = piece if all(_SMALL.match(word) for word in piece.split()) else ""
        if not small:
            joined.append(piece)
    if not small:
        return joined
    return [*joined[:-1], f"{joined[-1]} {small}"] if joined else [small]
