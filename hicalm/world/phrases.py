"""How the lexicon keeps its phrases: a few grammatical forms per value, so that templates fit."""

from dataclasses import dataclass, fields


def split_phrases(text: str) -> tuple[str, ...]:
    """Return the phrases of a text that separates them by semicolons, blanks normalised."""
    return tuple(" ".join(part.split()) for part in text.split(";") if part.strip())


@dataclass(frozen=True)
class _Phrases:
    """What all entries of the lexicon share."""

    def all(self) -> tuple[str, ...]:
        """Return every phrase of the entry once, in all grammatical forms."""
        forms = (getattr(self, field.name) for field in fields(self))
        return tuple(dict.fromkeys(phrase for form in forms for phrase in form))


@dataclass(frozen=True)
class SubjectPhrases(_Phrases):
    """A subject: "a {pictures}", "three {plurals}", "a painting of {scenes}", bare ``words``."""

    pictures: tuple[str, ...]
    plurals: tuple[str, ...]
    scenes: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class StylePhrases(_Phrases):
    """A style: "a {adjectives} painting", "a painting {manners}", {nouns} and famous painters."""

    adjectives: tuple[str, ...]
    manners: tuple[str, ...]
    nouns: tuple[str, ...]
    painters: tuple[str, ...]


@dataclass(frozen=True)
class PalettePhrases(_Phrases):
    """A palette: "a {adjectives} painting", "a painting in {colours}", bare colour ``words``."""

    adjectives: tuple[str, ...]
    colours: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class ThingPhrases(_Phrases):
    """A part of a room: complete noun phrases ("red walls", "a bench") without other words."""

    names: tuple[str, ...]


def article(phrase: str) -> str:
    """Return the phrase with "a" or "an" before it."""
    lowered = phrase.lower()
    sounds_like_you = lowered.startswith(("uk", "uni", "euro", "one"))
    vowel = lowered[0] in "aeiou" and not sounds_like_you
    return f"{'an' if vowel else 'a'} {phrase}"


def without_article(phrase: str) -> str:
    """Return the phrase without a leading "a", "an" or "the"."""
    first, _, rest = phrase.partition(" ")
    return rest if first.lower() in ("a", "an", "the") and rest else phrase


def joined(parts: list[str]) -> str:
    """Return the parts as an English list: "a", "a and b", "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
