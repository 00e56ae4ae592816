"""The names of the three levels, and of the lengths of texts: each is written here alone."""

LEVELS = ("museum", "room", "view")  # top down: a museum has rooms, a room has views

# Texts of a description as queries: the whole one, the paragraph of a room, a single sentence.
LENGTHS = FULL, ROOM, SENTENCE = ("full", "room", "sentence")

# What a typed query is: one sentence or less, several about one room, several rooms.
QUERY_LENGTHS = PHRASE, PARAGRAPH, DESCRIPTION = ("phrase", "paragraph", "description")


def query_length(paragraphs: int, sentences: int) -> str:
    """Return which of ``QUERY_LENGTHS`` a query of so many paragraphs and sentences is."""
    if paragraphs > 1:
        return DESCRIPTION
    return PHRASE if sentences <= 1 else PARAGRAPH
