"""Sets of queries with ground truth: labelled ones, and ones for what no museum has."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hicalm.data.collection import Collection
from hicalm.data.museums import read_lines
from hicalm.encoders.encode import encoder_of
from hicalm.errors import HicalmError
from hicalm.evaluation.judging import GradedQueries
from hicalm.levels import LENGTHS
from hicalm.retrieval.queries import Queries, text_queries
from hicalm.world.relevance import load_queries

PARAPHRASE = "paraphrase"
KEYS = {"paraphrased": PARAPHRASE}  # of files whose sets have another name in the metrics
TAKEN = (*LENGTHS, "museum_to_text", "concepts", "user_queries")  # other keys of the metrics


@dataclass(frozen=True, eq=False)
class LabelledSet:
    """Queries of one file and split: their texts (Q,), features and gains (Q, B)."""

    name: str
    texts: tuple[str, ...]
    queries: Queries
    graded: GradedQueries


@dataclass(frozen=True)
class AbsentQuery:
    """A query for what no museum has, and its kind, such as ``gibberish``."""

    text: str
    kind: str


def labelled_sets(collection: Collection, files: Sequence[Path], split: str) -> list[LabelledSet]:
    """Return the labelled queries of a split, a file a set, named as their files.

    Raises HicalmError for a file that cannot be read or has none, for two sets of one name, and for
    an encoder that is not there.
    """
    named = [(KEYS.get(path.stem, path.stem), path) for path in files]
    for place, (name, path) in enumerate(named):
        if name in TAKEN or name in [other for other, _ in named[:place]]:
            raise HicalmError(f"The name of '{path}' is taken. Give the file another name.")
    found = [(name, path, load_queries(path, split)) for name, path in named]
    for _, path, labelled in found:
        if not labelled:
            raise HicalmError(f"'{path}' has no queries of the split '{split}'.")
    encoder = encoder_of(collection) if found else None
    sets = []
    for name, _, labelled in found:
        texts = tuple(query.text for query in labelled)
        graded = GradedQueries.of(labelled, collection.specifications)
        assert encoder is not None
        sets.append(LabelledSet(name, texts, text_queries(texts, encoder), graded))
    return sets


def load_absent_queries(path: Path, split: str) -> list[AbsentQuery]:
    """Read the queries of a split for what a collection has not: ``{"query", "split", "kind"}``.

    Raises HicalmError for a file that cannot be read and for one that has none of the split.
    """
    try:
        found = [
            AbsentQuery(str(line["query"]), str(line["kind"]))
            for _, line in read_lines(Path(path))
            if line["split"] == split
        ]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise HicalmError(f"The absent queries in '{path}' cannot be read: {error}.") from error
    if not found:
        raise HicalmError(f"'{path}' has no queries of the split '{split}'.")
    return found
