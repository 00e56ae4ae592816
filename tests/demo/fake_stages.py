"""Stages and evidence of the stand-in searcher: invented, the same for the same query."""

import time
import zlib
from dataclasses import replace

import numpy as np

from hicalm.errors import HicalmError
from hicalm.levels import WORDS
from hicalm.retrieval.evidence import Evidence, HeatMap
from hicalm.retrieval.results import MuseumMatch
from hicalm.retrieval.stages import MAX_RERANKED, RANK, RERANK, SHORTLIST, StageReport

SHORT = 14  # museums that the shortlist lets through
RERANKED = 10  # museums whose words are read
STEP = 0.01  # of the score from one of them to the next
CELLS = (6, 8)
STOP_WORDS = frozenset(["a", "an", "the", "of", "in", "and", "with", "by", "then", "to", "on"])


def run_stages(
    matches: list[MuseumMatch], stages: tuple[str, ...]
) -> tuple[list[MuseumMatch], tuple[StageReport, ...]]:
    """Return ranked matches as the stages leave them.

    The shortlist loses the third of them and keeps thirteen others; re-ranking brings the fourth
    of those that are left to the top, and changes places 6 and 7: only the first ten have words.
    """
    reports = []
    if SHORTLIST in stages:
        missed = (matches[2].museum_id,) if len(matches) > SHORT else ()
        kept = [match for match in matches if match.museum_id not in missed][:SHORT]
        order = tuple(match.museum_id for match in reversed(kept))
        reports.append(_report(SHORTLIST, len(matches), order, missed))
        matches = kept
    reports.append(_report(RANK, len(matches), tuple(m.museum_id for m in matches)))
    if RERANK in stages:
        first, rest = matches[:RERANKED], matches[RERANKED:]
        if len(first) > 6:
            first = [first[3], *first[:3], first[4], first[6], first[5], *first[7:]]
        best = max((match.score for match in first), default=0.0)
        read = [
            _with_words(match, best + STEP * (len(first) - place))
            for place, match in enumerate(first)
        ]
        matches = read + rest
        report = _report(RERANK, len(matches), tuple(m.museum_id for m in matches))
        reports.append(replace(report, reranked=len(read)))
    return matches, tuple(reports)


def _with_words(match: MuseumMatch, score: float) -> MuseumMatch:
    levels = match.levels | {WORDS: score - match.score}
    return replace(match, score=sum(levels.values()), levels=levels)


def _report(
    name: str, museums: int, order: tuple[str, ...], missed: tuple[str, ...] = ()
) -> StageReport:
    seconds = {SHORTLIST: 0.0004, RANK: 0.0032, RERANK: 0.148}[name]
    return StageReport(name, seconds, museums, len(order), order[:MAX_RERANKED], missed)


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a query. Raises HicalmError where it has none."""
    if not text:
        raise HicalmError("A picture has no words to point with.")
    return tuple(text.split())


def invent_evidence(text: str, views: int) -> Evidence:
    """Return evidence in which every word peaks at one view; the first word is answered best."""
    words = words_of(text)
    shares = np.full((len(words), views), 0.3 / max(views - 1, 1), np.float32)
    shares[np.arange(len(words)), [_number(word) % views for word in words]] = 0.7
    shares /= shares.sum(axis=1, keepdims=True)
    is_content_word = np.array([word.lower() not in STOP_WORDS for word in words])
    return Evidence(
        words, is_content_word, shares, np.linspace(0.9, 0.3, len(words), dtype=np.float32)
    )


def invent_heat_map(text: str, view: int) -> HeatMap:
    """Return a heat map with a smooth peak for every word."""
    time.sleep(0.05)  # what the computation takes
    words = words_of(text)
    rows, columns = CELLS
    y, x = np.mgrid[:rows, :columns]
    heat = [
        np.exp(-((y - number % rows) ** 2 + (x - number // 7 % columns) ** 2) / 2.5)
        for number in (_number(f"{word} {view}") for word in words)
    ]
    return HeatMap(words, np.array([one / one.sum() for one in heat], np.float32))


def _number(text: str) -> int:
    return zlib.crc32(text.encode())
