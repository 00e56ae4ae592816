"""The queries that fits are calibrated on and judged by: labelled ones, and absent ones."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from hicalm.data.collection import load_collection
from hicalm.errors import HicalmError
from hicalm.evaluation.labelled import load_absent_queries
from hicalm.files import hash_files
from hicalm.matching.fit_calibration import FitCalibration
from hicalm.matching.fit_training import JudgedAnswer, calibrate_fits
from hicalm.matching.share_networks import CONFIG_FILE, WEIGHTS_FILE
from hicalm.search.plan_ranking import MATCH, knowledge, phrase_count
from hicalm.search.searcher import Searcher
from hicalm.world.relevance import LabelledQuery, expression_gains, load_queries


def load_absent(path: Path, split: str) -> list[str]:
    """Read the texts of a split's queries for what a collection has not.

    Raises HicalmError for a file that cannot be read and for one that has none of the split.
    """
    return [query.text for query in load_absent_queries(path, split)]


def judged_answers(
    searcher: Searcher, labelled: Sequence[LabelledQuery], absent: Sequence[str]
) -> list[JudgedAnswer]:
    """Return how a searcher answers labelled and absent queries, with the museums' gains.

    Raises HicalmError for a collection without ground truth, and for one with test museums.
    """
    if any(museum.split == "test" for museum in searcher.collection.museums):
        raise HicalmError("Fits are calibrated on validation museums, never on the test split.")
    specifications = searcher.collection.specifications
    if not specifications:
        raise HicalmError(f"'{searcher.collection.name}' has no ground truth to judge by.")
    nothing = np.zeros(len(specifications))
    judged = [(q.text, expression_gains(q.expression, list(specifications))) for q in labelled]
    judged += [(text, nothing) for text in absent]
    answers = []
    for text, gains in tqdm(judged, disable=None, leave=False):
        query = searcher.read(text)
        best = searcher.best_presence(query)
        values, known = searcher.plan_values(query), knowledge(query)
        answers.append(JudgedAnswer(values, best, known, gains, phrase_count(query)))
    return answers


def calibrate_and_save_fits(
    folder: Path, out: Path, checkpoint: Path, labelled: Sequence[Path], absent: Path
) -> FitCalibration:
    """Calibrate fits on a world's validation museums and queries, and write them to ``out``.

    ``out`` holds the share networks that lie beside the ``checkpoint``, whose answers are judged;
    ``labelled`` and ``absent`` are files of queries. Raises HicalmError where it holds others, and
    for what cannot be read.
    """
    beside = Path(checkpoint).resolve().parent / MATCH
    prints = [hash_files([one / name for name in (CONFIG_FILE, WEIGHTS_FILE)])
              for one in (beside, Path(out))]  # fmt: skip
    if prints[0] != prints[1] or not (beside / WEIGHTS_FILE).is_file():
        raise HicalmError(
            f"Fits belong to the networks beside the checkpoint, in '{beside}', but '{out}' holds "
            "others or none. Put the same networks into both, or name that folder."
        )
    collection = load_collection(folder).split("validation")
    searcher = Searcher.open(collection, checkpoint)
    if not searcher.reads_attributes:
        raise HicalmError(
            f"The networks in '{beside}' do not read the pictures of '{folder}': they are those of "
            "another encoder, or the collection is not a built-in world."
        )
    queries = [query for file in labelled for query in load_queries(file, "validation")]
    found = calibrate_fits(judged_answers(searcher, queries, load_absent(absent, "validation")))
    found.save(out)
    return found
