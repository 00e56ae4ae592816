"""Evidence as the room page shows it: words as chips, the views that answer them, and heat maps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

import numpy as np

from demo import text
from demo.address import parse_address
from demo.user_collections import ServedExplorer
from demo.verdict import KNOWN_FROM, STRONG, percent
from hicalm.errors import HicalmError
from hicalm.reading.plan_phrases import words_in
from hicalm.retrieval.evidence import Evidence

WELL, PARTLY = 0.85, 0.55  # of the cosine of the query's best-answered word
# From these probabilities on that the room shows a phrase, its words are answered so at most.
PHRASE_BOUNDS = ((STRONG, text.ANSWERED_WELL), (0.25, text.ANSWERED_PARTLY))
NAMED_VIEWS = 2  # at most, in the sentence about a word
MIN_NAMED_SHARE = 1.25  # times the even share: a second view below it is not worth naming
FULL_PEAK = 2.0  # times the even share of a cell: from such a peak on, heat is shown in full
BYTE = 255  # heat travels to the browser in whole numbers up to it


@dataclass(frozen=True)
class Chip:
    """A word of the query.

    ``is_content_word`` is False for a stop word, which is plain text. ``views`` has a light of
    0..100 for every view: the one that answers most has the most. ``how`` says how well the word is
    answered, or that it is unknown, ``measure`` by which measure, and ``sentence`` by which views.
    """

    word: str
    is_content_word: bool
    views: tuple[int, ...] = ()
    best: int = 0
    how: str = ""
    measure: str = ""
    sentence: str = ""


@dataclass(frozen=True)
class Answered:
    """What a room answers at all: ``paragraphs`` of the query as it was read and, by its phrases,
    the probability that the room shows any of one, and how surely the encoder knows it (0..1)."""

    paragraphs: Sequence[Sequence[str]] = ()
    presence: Mapping[str, float] = field(default_factory=dict)
    known: Mapping[str, float] = field(default_factory=dict)

    def phrases(self, words: Sequence[str]) -> list[str]:
        """Return for each word of the query the phrase that it stands in, ``""`` for none found."""
        left = [(words_in(one), one) for paragraph in self.paragraphs for one in paragraph]
        found, place = [], 0
        for word in words:
            inside = [n for n in range(place, len(left)) if _has(left[n][0], word)]
            place = inside[0] if inside else place
            found.append(left[place][1] if inside else "")
        return found


def chips(evidence: Evidence, answers_of: Answered | None = None) -> list[Chip]:
    """Return the words of an Evidence in the order of the query.

    A word is answered no better than its phrase is (``answers_of``): being the best of its query
    says nothing where the room shows none of it.
    """
    is_content_word, answers = (
        np.asarray(evidence.is_content_word, bool),
        np.asarray(evidence.answers),
    )
    best = float(answers[is_content_word].max(initial=0.0))
    whole = answers_of or Answered()
    found = zip(
        evidence.words,
        is_content_word,
        answered(answers, is_content_word),
        answers,
        evidence.views,
        whole.phrases(evidence.words),
        strict=True,
    )
    return [
        _chip(word, *_absolute(how, phrase, whole, (float(cosine), best)), shares)
        if content
        else Chip(word, is_content_word=False)
        for word, content, how, cosine, shares, phrase in found
    ]


def _absolute(
    how: str, phrase: str, whole: Answered, cosines: tuple[float, float]
) -> tuple[str, str]:
    """Return how well a word is answered, the worse of its own class and of its phrase's, and by
    which measure."""
    if whole.known.get(phrase, 1.0) < KNOWN_FROM:
        return text.UNKNOWN, text.UNKNOWN_PHRASE
    probability = whole.presence.get(phrase)
    if probability is None:
        measure = text.ANSWERED_BESIDE.format(how=how, cosine=cosines[0], best=cosines[1])
        return how, measure if how else ""
    own = next(
        (name for least, name in PHRASE_BOUNDS if probability >= least), text.ANSWERED_HARDLY
    )
    classes = (text.ANSWERED_WELL, text.ANSWERED_PARTLY, text.ANSWERED_HARDLY)
    worse = max(own, how or own, key=classes.index)
    measure = text.ANSWERED_PHRASE.format(phrase=phrase, probability=percent(probability))
    return worse, measure


def _has(words: Sequence[str], word: str) -> bool:
    return any(one in words for one in words_in(word)) or word.lower() in words


def answered(answers: np.ndarray, is_content_word: np.ndarray) -> list[str]:
    """Return how well each word is answered, as words; ``""`` where there is nothing to compare.

    The best-answered content word is the measure: ``WELL`` and ``PARTLY`` of its cosine bound the
    three classes. A single word, or a stop word, has no others to be compared with.
    """
    best = float(answers[is_content_word].max(initial=0.0))
    if is_content_word.sum() < 2:
        return [""] * len(answers)
    bounds = ((WELL, text.ANSWERED_WELL), (PARTLY, text.ANSWERED_PARTLY))
    return [
        next((name for share, name in bounds if 0 < share * best <= answer), text.ANSWERED_HARDLY)
        if content
        else ""
        for answer, content in zip(answers.tolist(), is_content_word, strict=True)
    ]


def lights(heat: np.ndarray) -> np.ndarray:
    """Return how brightly each cell is shown, uint8 (W, h, w).

    An even share, or less, is dark. A word's peak is shown in full if it stands out (``FULL_PEAK``
    times the even share) and fainter otherwise, so that a word which is found nowhere in particular
    does not seem to point.
    """
    heat = np.asarray(heat, np.float32)
    beyond = np.maximum(heat * heat[0].size - 1, 0) if len(heat) else heat
    peak = np.maximum(beyond.max(axis=(1, 2), initial=0.0), FULL_PEAK - 1)
    return np.round(BYTE * beyond / peak[:, None, None]).astype(np.uint8)


class HeatMapRequest(TypedDict):
    """What the page's script asks with (anybody else may send anything): its ``address``, and the
    museum, room and view (from 0) on screen, which an address may leave to the search."""

    address: str
    museum: str
    room: int
    view: int


def view_heat_map(explorer: ServedExplorer, wanted: HeatMapRequest) -> dict[str, object]:
    """Return where in a view each word of a query is answered, for the browser to draw.

    Answers ``rows``, ``columns`` and ``words``, a list of lights of 0..255 for each word, row after
    row; or ``error``, a sentence.
    """
    try:
        address = parse_address(str(wanted.get("address", "")))
        room, view = int(wanted["room"]), int(wanted["view"])
        found = explorer.at(address).heat_map(address, str(wanted["museum"]), room, view)
    except HicalmError as error:
        return {"error": str(error)}
    except (KeyError, TypeError, ValueError, OverflowError):  # not asked by the page's own script
        return {"error": text.HEAT_MAP_BAD}
    shown = lights(found.heat)
    _, rows, columns = shown.shape
    return {"rows": rows, "columns": columns, "words": shown.reshape(len(shown), -1).tolist()}


def _chip(word: str, how: str, measure: str, shares: np.ndarray) -> Chip:
    """Return a content word."""
    order = np.argsort(-shares, kind="stable")
    largest = float(shares[order[0]])
    views = tuple(round(100 * float(share) / largest) if largest > 0 else 0 for share in shares)
    second = [v for v in order[1:NAMED_VIEWS] if shares[v] * len(shares) >= MIN_NAMED_SHARE]
    parts = [
        text.VIEW_SHARE.format(view=v + 1, percent=round(100 * float(shares[v])))
        for v in (order[0], *second)
    ]
    views_named = text.AND.join(parts)
    if how == text.UNKNOWN:
        sentence = text.ANSWERED_UNKNOWN.format(word=word, views=views_named)
    else:
        said = f" {how}" if how else ""
        sentence = text.ANSWERED_BY.format(word=word, how=said, views=views_named)
    return Chip(word, True, views, int(order[0]), how, measure, sentence)
