"""The queries that fits are calibrated on and judged by: labelled ones, and absent ones."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hicalm.errors import HicalmError
from hicalm.matching.fit_training import JudgedAnswer
from hicalm.search.plan_ranking import knowledge
from hicalm.search.searcher import Searcher
from hicalm.world.relevance import LabelledQuery, expression_gains


def load_absent(path: Path, split: str) -> list[str]:
    """Read the queries of a split for what a collection has not: ``{"query", "split", "kind"}``.

    Raises HicalmError for a file that cannot be read and for one that has none of the split.
    """
    try:
        lines = [json.loads(line) for line in Path(path).read_text("utf-8").splitlines() if line]
        found = [str(line["query"]) for line in lines if line["split"] == split]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise HicalmError(f"The absent queries in '{path}' cannot be read: {error}.") from error
    if not found:
        raise HicalmError(f"'{path}' has no queries of the split '{split}'.")
    return found


def judged_answers(
    searcher: Searcher, labelled: Sequence[LabelledQuery], absent: Sequence[str]
) -> list[JudgedAnswer]:
    """Return how a searcher answers labelled and absent queries, with the museums' gains.

    Raises HicalmError for a collection without ground truth.
    """
    specifications = searcher.collection.specifications
    if not specifications:
        raise HicalmError(f"'{searcher.collection.name}' has no ground truth to judge by.")
    nothing = np.zeros(len(specifications))
    judged = [(q.text, expression_gains(q.expression, list(specifications))) for q in labelled]
    judged += [(text, nothing) for text in absent]
    answers = []
    for text, gains in judged:
        query = searcher.read(text)
        best = searcher.best_presence(query)
        answers.append(JudgedAnswer(searcher.plan_values(query), best, knowledge(query), gains))
    return answers
