"""The queries that fits are calibrated on and judged by: labelled ones, and absent ones."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hicalm.errors import HicalmError
from hicalm.evaluation.labelled import load_absent_queries
from hicalm.matching.fit_training import JudgedAnswer
from hicalm.search.plan_ranking import knowledge
from hicalm.search.searcher import Searcher
from hicalm.world.relevance import LabelledQuery, expression_gains


def load_absent(path: Path, split: str) -> list[str]:
    """Read the texts of a split's queries for what a collection has not.

    Raises HicalmError for a file that cannot be read and for one that has none of the split.
    """
    return [query.text for query in load_absent_queries(path, split)]


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
        answers.append(JudgedAnswer(searcher.plan_values(query), knowledge(query), gains))
    return answers
