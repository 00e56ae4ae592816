"""Evidence as the room page shows it: words as chips, the views that answer them, and heat maps."""

from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from demo import text
from demo.address import parse_address
from demo.user_collections import ServedExplorer
from hicalm.errors import HicalmError
from hicalm.retrieval.evidence import Evidence

WELL, PARTLY = 0.85, 0.55  # of the cosine of the query's best-answered word
NAMED_VIEWS = 2  # at most, in the sentence about a word
MIN_NAMED_SHARE = 1.25  # times the even share: a second view below it is not worth naming
FULL_PEAK = 2.0  # times the even share of a cell: from such a peak on, heat is shown in full
BYTE = 255  # heat travels to the browser in whole numbers up to it


@dataclass(frozen=True)
class Chip:
    """A word of the query.

    ``is_content_word`` is False for a stop word, which is plain text. ``views`` has a light of
    0..100 for every view: the one that answers most has the most. ``how`` says how well the word is
    answered among the others, ``measure`` by which measure, and ``sentence`` by which views.
    """

    word: str
    is_content_word: bool
    views: tuple[int, ...] = ()
    best: int = 0
    how: str = ""
    measure: str = ""
    sentence: str = ""


def chips(evidence: Evidence) -> list[Chip]:
    """Return the words of an Evidence in the order of the query."""
    is_content_word, answers = (
        np.asarray(evidence.is_content_word, bool),
        np.asarray(evidence.answers),
    )
    best = float(answers[is_content_word].max(initial=0.0))
    found = zip(
        evidence.words,
        is_content_word,
        answered(answers, is_content_word),
        answers,
        evidence.views,
        strict=True,
    )
    return [
        _chip(word, how, (float(cosine), best), shares)
        if content
        else Chip(word, is_content_word=False)
        for word, content, how, cosine, shares in found
    ]


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


def _chip(word: str, how: str, cosines: tuple[float, float], shares: np.ndarray) -> Chip:
    """Return a content word; ``cosines`` are its own and that of the best-answered word."""
    order = np.argsort(-shares, kind="stable")
    largest = float(shares[order[0]])
    views = tuple(round(100 * float(share) / largest) if largest > 0 else 0 for share in shares)
    second = [v for v in order[1:NAMED_VIEWS] if shares[v] * len(shares) >= MIN_NAMED_SHARE]
    parts = [
        text.VIEW_SHARE.format(view=v + 1, percent=round(100 * float(shares[v])))
        for v in (order[0], *second)
    ]
    sentence = text.ANSWERED_BY.format(
        word=word, how=f" {how}" if how else "", views=text.AND.join(parts)
    )
    measure = (
        text.ANSWERED_BESIDE.format(how=how, cosine=cosines[0], best=cosines[1]) if how else ""
    )
    return Chip(word, True, views, int(order[0]), how, measure, sentence)
