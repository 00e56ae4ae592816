"""The names of the three levels, of a score's further parts, and of the lengths of texts: each is
written here alone."""

from collections.abc import Mapping

LEVELS = ("museum", "room", "view")  # top down: a museum has rooms, a room has views

# What a score may be the sum of: the levels, and what other stages add where they read a museum.
WORDS, PLAN = "words", "plan"
PARTS = (*LEVELS, WORDS, PLAN)

# Texts of a description as queries: the whole one, the paragraph of a room, a single sentence.
LENGTHS = FULL, ROOM, SENTENCE = ("full", "room", "sentence")

# What a typed query is: one sentence or less, several about one room, several rooms.
QUERY_LENGTHS = PHRASE, PARAGRAPH, DESCRIPTION = ("phrase", "paragraph", "description")


def parts_of(*scores: Mapping[str, float]) -> tuple[str, ...]:
    """Return the names of the parts that any of some scores has, in the order of ``PARTS``."""
    return tuple(name for name in PARTS if any(name in score for score in scores))


def query_length(paragraphs: int, sentences: int) -> str:
    """Return which of ``QUERY_LENGTHS`` a query of so many paragraphs and sentences is."""
    if paragraphs > 1:
        return DESCRIPTION
    return PHRASE if sentences <= 1 else PARAGRAPH
