"""A run: heads learnt from a folder of data, what they were learnt from, and the codes they give.

``run.json`` beside the heads remembers the split: how many queries were drawn of how many items,
and the names of the pairs that were learnt from.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from hicalm.data.collection import Fingerprint
from hicalm.encoders.encoder import Encoder
from hicalm.errors import HicalmError
from hicalm.files import read_json, to_json, write_text
from hicalm.hashing.codes import CodeSet, save_codes
from hicalm.hashing.hash_settings import HashSettings
from hicalm.hashing.head_training import learn_codes
from hicalm.hashing.heads import HashHeads, load_heads, save_heads
from hicalm.hashing.measures import rank_codes
from hicalm.hashing.pairs import Pairs
from hicalm.hashing.sources import check_objects, open_source

CODE_FILES = ("codes.mat", "codes.npz")
RUN_FILE = "run.json"
QUERIES = 2000  # as published


@dataclass(frozen=True)
class RunSplit:
    """What a run was learnt from.

    queries: how many items were drawn as queries, of .mat files; trained: names of the pairs learnt
    from; validation: mAP of the validations, by epoch, if there were any.
    """

    queries: int
    trained: list[str]
    validation: list[dict[str, float]] = field(default_factory=list)


def train_run(
    data: Path,
    out: Path,
    settings: HashSettings,
    encoder_name: str,
    objects: str,
    *,
    queries: int = QUERIES,
    max_pairs: int,
) -> HashHeads:
    """Learn heads from a folder of data and write them to the folder ``out``.

    Args:
        objects: a kind of ``sources.OBJECTS``, or a .json file of boxes.
        queries: of the .mat files, kept out of training.
        max_pairs: to learn from.
    Raises HicalmError for data, an encoder or objects that are not there.
    """
    check_objects(objects)
    encoder = Encoder.load(encoder_name)
    source = open_source(data, encoder, queries, "validation", settings)
    pairs = source.training(max_pairs)
    found = source.objects(pairs, objects, settings.detection_score)
    split = RunSplit(queries, list(pairs.names))
    judge = _judge(*source.search(), split) if settings.valid_freq else None
    heads = learn_codes(
        pairs, found, source.encode_words, Fingerprint.of(encoder), settings, True, judge
    )
    save_heads(heads, out)
    write_text(Path(out) / RUN_FILE, to_json(asdict(split)) + "\n")
    return heads


def encode_run(data: Path, run: Path, out: Path, queries: int | None, split: str) -> CodeSet:
    """Write the codes of a folder of data as ``codes.mat`` and, packed, ``codes.npz``.

    ``queries``: how many are drawn; None for as many as the run kept out of its training.
    Raises HicalmError for a run or data that are not there, and for queries that the run was
    trained on.
    """
    heads, remembered = load_heads(run), load_split(run)
    encoder = Encoder.load(heads.fingerprint.name)
    if encoder.hash != heads.fingerprint.hash:
        raise HicalmError(
            f"The heads in '{run}' were trained on features of the encoder "
            f"{heads.fingerprint.label}, which is another one now ({encoder.hash}). Train them "
            "again."
        )
    count = queries or remembered.queries
    source = open_source(data, encoder, count, split, heads.settings)
    seen = len(set(source.query_names()) & set(remembered.trained))
    if seen:
        raise HicalmError(
            f"{seen:,} of the {count:,} queries were trained on by the run '{run}': leave out "
            f"--queries, so that its own {remembered.queries:,} are taken, or choose another split."
        )
    found = code_set(heads, *source.search())
    for name in CODE_FILES:
        save_codes(found, Path(out) / name)
    return found


def load_split(run: Path) -> RunSplit:
    """Return what a run was learnt from. Raises HicalmError where the run does not say it."""
    path = Path(run) / RUN_FILE
    try:
        content = read_json(path)
        return RunSplit(
            int(content["queries"]),
            [str(name) for name in content["trained"]],
            content["validation"],
        )
    except FileNotFoundError as error:
        raise HicalmError(
            f"The run '{run}' does not say what it was trained on: {RUN_FILE} is missing. Train it "
            "again with `python -m hicalm hash train`."
        ) from error
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise HicalmError(f"'{path}' is damaged: train the run again.") from error


def code_set(heads: HashHeads, queries: Pairs, rest: Pairs) -> CodeSet:
    """Return the codes of queries and the retrieval set, with their labels."""
    codes = {
        "q_img": heads.image_codes(queries.images),
        "q_txt": heads.text_codes(queries.texts),
        "r_img": heads.image_codes(rest.images),
        "r_txt": heads.text_codes(rest.texts),
    }
    return CodeSet(codes, queries.labels, rest.labels, heads.settings.pieces)


def _judge(queries: Pairs, rest: Pairs, split: RunSplit) -> Callable[[HashHeads], float]:
    """Return what judges heads by their mAP, both ways and over all kinds of labels."""

    def judge(heads: HashHeads) -> float:
        ranked = rank_codes(code_set(heads, queries, rest))
        means = {
            f"{kind} {direction}": float(metrics["mAP"])  # type: ignore[arg-type]
            for kind, directions in ranked.items()
            for direction, metrics in directions.items()
        }
        split.validation.append(means)
        return sum(means.values())

    return judge
