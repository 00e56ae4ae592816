"""Evidence as the room page shows it: words as chips, the views that answer them, and heat maps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypedDict

import numpy as np

from demo import text
from demo.address import Address, parse_address
from demo.user_collections import ServedWorkspace
from demo.verdict import KNOWN_FROM, STRONG, percent
from demo.workspace import Workspace
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


class Words(NamedTuple):
    """The words of a query for a room: each, all as one, or a sentence why there are none."""

    chips: Sequence[Chip] = ()
    whole: Chip | None = None
    notice: str = ""


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
    content, answers = np.asarray(evidence.is_content_word, bool), np.asarray(evidence.answers)
    best, whole = float(answers[content].max(initial=0.0)), answers_of or Answered()
    hows, phrases = answered(answers, content), whole.phrases(evidence.words)
    found = []
    for n, word in enumerate(evidence.words):
        if content[n]:
            how, measure = _absolute(hows[n], phrases[n], whole, (float(answers[n]), best))
            found.append(_chip(word, how, measure, evidence.views[n]))
        else:
            found.append(Chip(word, is_content_word=False))
    return found


def room_words(workspace: Workspace, address: Address, museum: str, room: int) -> Words:
    """Return the words of an address's query for a room of a museum; none for a picture, and where
    there is no evidence."""
    try:
        found = workspace.evidence(address, museum, room)
        if found is None:
            return Words()
        paragraphs, presence = workspace.find(address).paragraphs, workspace.presence
        whole = Answered(paragraphs, presence(address, museum, room), workspace.known(address))
    except HicalmError as error:
        return Words(notice=str(error))
    words = chips(found, whole)
    return Words(words, whole_chip(found, words))


def whole_chip(evidence: Evidence, words: Sequence[Chip]) -> Chip | None:
    """Return all words of a query as one chip; None where there are not two that count."""
    counted = counts(words)
    if sum(counted) < 2:
        return None
    named, views = _views(evidence.whole(np.array(counted)))
    numbers = text.AND.join(str(view + 1) for view in named)
    sentence = text.ALL_ANSWERED_BY.format(s="s" if len(named) > 1 else "", views=numbers)
    return Chip(text.ALL_WORDS, True, views, named[0], "", "", sentence)


def counts(words: Sequence[Chip]) -> list[bool]:
    """Return which words count among all: no stop words, and none that is unknown."""
    return [chip.is_content_word and chip.how != text.UNKNOWN for chip in words]


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


def asked_view(
    workspace: ServedWorkspace, wanted: HeatMapRequest
) -> tuple[Workspace, Address, str, int, int]:
    """Return the workspace and address of a request, and the museum, room and view that it names.

    Raises HicalmError where it was not asked by the page's own script.
    """
    try:
        address = parse_address(str(wanted.get("address", "")))
        museum, room, view = str(wanted["museum"]), int(wanted["room"]), int(wanted["view"])
    except (KeyError, TypeError, ValueError, OverflowError):
        raise HicalmError(text.HEAT_MAP_BAD) from None
    return workspace.at(address), address, museum, room, view


def view_heat_map(workspace: ServedWorkspace, wanted: HeatMapRequest) -> dict[str, object]:
    """Return where in a view the words of a query are answered, for the browser to draw.

    Answers ``rows``, ``columns``, ``words``, a list of lights of 0..255 for each word, row after
    row, and ``whole``, one of the query; or ``error``, a sentence.
    """
    try:
        own, address, museum, room, view = asked_view(workspace, wanted)
        found = own.heat_map(address, museum, room, view)
        whole = found.whole(np.array(counts(room_words(own, address, museum, room).chips)))
    except HicalmError as error:
        return {"error": str(error)}
    shown = lights(np.concatenate([found.heat, whole[None]]))
    _, rows, columns = shown.shape
    *words, last = shown.reshape(len(shown), -1).tolist()
    return {"rows": rows, "columns": columns, "words": words, "whole": last}


def _views(shares: np.ndarray) -> tuple[list[int], tuple[int, ...]]:
    """Return of shares (V,) the views worth naming, the best first, and a light 0..100 of each."""
    order = np.argsort(-shares, kind="stable").tolist()
    largest = float(shares[order[0]])
    second = [v for v in order[1:NAMED_VIEWS] if shares[v] * len(shares) >= MIN_NAMED_SHARE]
    views = tuple(round(100 * float(share) / largest) if largest > 0 else 0 for share in shares)
    return [order[0], *second], views


def _chip(word: str, how: str, measure: str, shares: np.ndarray) -> Chip:
    """Return a content word."""
    named, views = _views(shares)
    said = text.AND.join(
        text.VIEW_SHARE.format(view=v + 1, percent=round(100 * float(shares[v]))) for v in named
    )
    pattern = text.ANSWERED_UNKNOWN if how == text.UNKNOWN else text.ANSWERED_BY
    sentence = pattern.format(word=word, how=f" {how}" if how else "", views=said)
    return Chip(word, True, views, named[0], how, measure, sentence)
