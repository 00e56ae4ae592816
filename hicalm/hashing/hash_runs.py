"""A run: heads learnt from a folder of data, and the codes they give it."""

from pathlib import Path

from hicalm.data.collection import Fingerprint
from hicalm.encoders.encoder import Encoder
from hicalm.errors import HicalmError
from hicalm.hashing.codes import CodeSet, save_codes
from hicalm.hashing.hash_settings import HashSettings
from hicalm.hashing.head_training import learn_codes
from hicalm.hashing.heads import HashHeads, load_heads, save_heads
from hicalm.hashing.pairs import Pairs
from hicalm.hashing.sources import check_objects, open_source

CODE_FILES = ("codes.mat", "codes.npz")


def train_run(
    data: Path,
    out: Path,
    settings: HashSettings,
    encoder_name: str,
    objects: str,
    *,
    queries: int,
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
    source = open_source(data, encoder, queries)
    pairs = source.training(max_pairs)
    found = source.objects(pairs, objects)
    heads = learn_codes(
        pairs, found, encoder.encode_texts, Fingerprint.of(encoder), settings, progress=True
    )
    save_heads(heads, out)
    return heads


def encode_run(data: Path, run: Path, out: Path, queries: int, split: str) -> CodeSet:
    """Write the codes of a folder of data as ``codes.mat`` and, packed, ``codes.npz``.

    Raises HicalmError for a run or data that are not there.
    """
    heads = load_heads(run)
    encoder = Encoder.load(heads.fingerprint.name)
    if encoder.hash != heads.fingerprint.hash:
        raise HicalmError(
            f"The heads in '{run}' were trained on features of the encoder "
            f"{heads.fingerprint.label}, which is another one now ({encoder.hash}). Train them "
            "again."
        )
    found = code_set(heads, *open_source(data, encoder, queries, split).search())
    for name in CODE_FILES:
        save_codes(found, Path(out) / name)
    return found


def code_set(heads: HashHeads, queries: Pairs, rest: Pairs) -> CodeSet:
    """Return the codes of queries and the retrieval set, with their labels."""
    codes = {
        "q_img": heads.image_codes(queries.images),
        "q_txt": heads.text_codes(queries.texts),
        "r_img": heads.image_codes(rest.images),
        "r_txt": heads.text_codes(rest.texts),
    }
    return CodeSet(codes, queries.labels, rest.labels)
