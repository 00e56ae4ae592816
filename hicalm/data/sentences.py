"""Texts cleaned and split into sentences."""

import re
import unicodedata

# Escaped because they look like ASCII ones: the full-width ! and ?, the Arabic question mark.
# Chinese and Japanese write no blank behind their full stop.
_SENTENCE_END = re.compile(r"(?<=[.!?…\u061f])\s+|(?<=[。\uff01\uff1f])\s*|\n+")


def clean(text: str) -> str:
    """Return the text without control characters, blanks folded, in Unicode's composed form."""
    text = unicodedata.normalize("NFC", str(text))
    kept = (c if c.isprintable() or c in "\n\t " else " " for c in text)
    lines = (" ".join(line.split()) for line in "".join(kept).splitlines())
    return "\n".join(line for line in lines if line)


def split_sentences(text: str) -> tuple[str, ...]:
    """Split a text at sentence ends and line breaks; without any, it is one sentence."""
    parts = (part.strip(" ,;") for part in _SENTENCE_END.split(text))
    return tuple(part for part in parts if _has_words(part))


def only_named(room: str) -> tuple[str, ...]:
    """Return the paragraph of a room of which nothing but its name is known."""
    return (f"A room called {room}.",)


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)
