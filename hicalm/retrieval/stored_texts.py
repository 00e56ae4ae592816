"""The texts of a collection as queries, found by their words: their features are there already.

A sentence is asked for by its own words. A description has the name of its museum, a paragraph that
and its room: "Museum12-5, room 3"; both may be asked for by all their words, too. Case and
punctuation play no part.
"""

import heapq
import re
from collections import Counter
from dataclasses import dataclass

from hicalm.data.collection import Collection, Museum
from hicalm.errors import HicalmError
from hicalm.ragged import offsets

NAMED = 3  # texts that an error names
SUGGESTED = 8  # texts of a kind that are offered for words
KINDS = ("sentence", "paragraph", "description")
_BETWEEN = re.compile(r"\W+")  # words
Place = tuple[int, int | None, int | None]  # museum; paragraph, 0 is the introduction; sentence


@dataclass(frozen=True)
class StoredText:
    """A text of a collection: what it is asked for by, and its words.

    ``kind`` is one of ``KINDS``; of sentences that several museums have, ``museum`` and ``room``
    are the first. ``room`` counts from 0 and is None for a description and an introduction.
    """

    name: str
    kind: str
    museum: Museum
    room: int | None
    text: str


class WordsNotRead(HicalmError):
    """Words that are no text of the collection, where nothing reads any others.

    ``reason`` says why, ``texts`` are those that have most of the words.
    """

    def __init__(self, reason: str, texts: list[StoredText]) -> None:
        self.reason, self.texts = reason, texts
        named = ", ".join(f"'{one.name}'" for one in texts[:NAMED])
        found = f" These have most of the words: {named}." if named else ""
        super().__init__(f"{reason} Search by a text of the collection, in its own words.{found}")


class StoredTexts:
    """The descriptions, paragraphs and sentences of a collection."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._first_paragraph = offsets(collection.paragraph_counts)  # (B + 1,)
        self._first_sentence = offsets(collection.sentence_counts)  # (ΣP + 1,)
        titles = Counter(museum.title for museum in collection.museums)
        self._names = [
            one.title if titles[one.title] == 1 else one.id for one in collection.museums
        ]
        self._places = self._find_places()

    def find(self, words: str) -> Place | None:
        """Return the place of the text that some words ask for; None where there is none."""
        asked = _plain(words)
        tables = (self._places["name"], *(self._places[kind] for kind in KINDS))
        return next((table[asked] for table in tables if asked in table), None)

    def with_words(self, words: str, most: int = SUGGESTED) -> list[StoredText]:
        """Return the texts that have most of some words, or words that begin so.

        Sentences, then paragraphs, then descriptions; of each kind the shortest, ``most`` of them.
        """
        wanted = [f" {word}" for word in dict.fromkeys(_plain(words).split())]
        found = []
        for kind in KINDS:
            counted = (
                (-sum(word in text or word in named for word in wanted), len(text), place)
                for text, place in self._places[kind].items()
                for named in [_plain(self._name(place)) if kind != KINDS[0] else ""]
            )
            best = heapq.nsmallest(
                most, (one for one in counted if one[0]), key=lambda one: one[:2]
            )
            found += [self._text(place) for has, _, place in best if has == best[0][0]]
        return found

    def paragraphs(self, place: Place) -> list[tuple[tuple[str, ...], range]]:
        """Return the paragraphs of a text: their sentences, and the rows of those.

        A description has those of its rooms: its introduction is left out, as it is where a
        description is typed, unless no room has a text of its own.
        """
        museum, paragraph, sentence = place
        own = self._collection.museums[museum].paragraphs
        if paragraph is None:
            chosen = [number for number in range(1, len(own)) if own[number]] or [0]
        else:
            chosen = [paragraph]
        first = int(self._first_paragraph[museum])
        found = []
        for number in chosen:
            rows = range(*map(int, self._first_sentence[first + number : first + number + 2]))
            some = slice(None) if sentence is None else slice(sentence, sentence + 1)
            found.append((own[number][some], rows[some]))
        return found

    def _find_places(self) -> dict[str, dict[str, Place]]:
        """Return the texts of each kind by their words, and those that have a name by that."""
        places: dict[str, dict[str, Place]] = {kind: {} for kind in ("name", *KINDS)}
        for row, museum in enumerate(self._collection.museums):
            whole: list[str] = []
            for number, paragraph in enumerate(museum.paragraphs):
                if not paragraph:
                    continue
                sentences = [_plain(sentence) for sentence in paragraph]
                for at, words in enumerate(sentences):
                    places["sentence"].setdefault(words, (row, number, at))
                whole.append("".join(sentences))
                places["paragraph"].setdefault(whole[-1], (row, number, None))
                places["name"].setdefault(
                    _plain(self._name((row, number, None))), (row, number, None)
                )
            places["description"].setdefault("".join(whole), (row, None, None))
            places["name"].setdefault(_plain(self._name((row, None, None))), (row, None, None))
        return places

    def _name(self, place: Place) -> str:
        museum, paragraph, sentence = place
        name = self._names[museum]
        if paragraph is None:
            return name
        if sentence is None:
            return f"{name}, room {paragraph}" if paragraph else f"{name}, introduction"
        return self._collection.museums[museum].paragraphs[paragraph][sentence]

    def _text(self, place: Place) -> StoredText:
        museum, paragraph, sentence = place
        kind = KINDS[(paragraph is None) + (sentence is None)]
        words = " ".join(text for own, _ in self.paragraphs(place) for text in own)
        room = None if not paragraph else paragraph - 1
        return StoredText(self._name(place), kind, self._collection.museums[museum], room, words)


def _plain(text: str) -> str:
    """Return the words of a text in lower case, with a blank before each."""
    words = _BETWEEN.sub(" ", text.casefold()).strip()
    return f" {words}" if words else ""
