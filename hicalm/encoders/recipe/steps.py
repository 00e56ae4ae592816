"""How the built-in encoder and the experts were made: the steps behind ``hicalm encoder``.

Nothing here sees the test split except the last measurements of the gates and of the objects.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from safetensors.torch import load_file

from hicalm.data.home import QUERIES
from hicalm.encoders.attributes import KINDS, PAINTING_KINDS, anchors, kind_slices
from hicalm.encoders.picture_store import PictureStore, WorldIndex
from hicalm.files import read_json, to_json, write_text
from hicalm.world.generate import WORLD_SEED, WORLD_SIZES
from hicalm.world.relevance import LabelledQuery, load_queries
from hicalm.world.specification import make_world

if TYPE_CHECKING:  # torch takes a second to import
    from hicalm.encoders.recipe.train_query_encoder import QueryEncoderConfig

TRAIN = np.arange(WORLD_SIZES["train"])
VALIDATION = WORLD_SIZES["train"] + np.arange(WORLD_SIZES["validation"])
TEST = WORLD_SIZES["train"] + WORLD_SIZES["validation"] + np.arange(WORLD_SIZES["test"])
SIZE = (120, 160)  # height and width in pixels at which the encoder is used


def open_store(folder: Path) -> PictureStore:
    """Open (or begin) the encoder-sized pictures of the built-in world."""
    specifications = make_world(WORLD_SEED, *WORLD_SIZES.values())
    return PictureStore(folder, WorldIndex.of(specifications))


def train_image(pictures: Path, out: Path) -> None:
    """Train the image encoder; about an hour on one core."""
    from hicalm.encoders.recipe.train_image_encoder import ImageEncoderConfig, train_image_encoder

    train_image_encoder(open_store(pictures), TRAIN, ImageEncoderConfig(), out)


def train_text(out: Path) -> None:
    """Train the text encoder, watched by the validation half of the paraphrased queries."""
    from hicalm.encoders.recipe.train_text_encoder import TextEncoderConfig, train_text_encoder

    queries = load_queries(QUERIES, "validation")
    texts = [query.text for query in queries]
    train_text_encoder(
        TextEncoderConfig(),
        out,
        lambda encoder: read_attributes(encoder.embed(texts).numpy(), queries),
    )


def train_query(
    out: Path, start: Path, config: "QueryEncoderConfig", everything: bool = False
) -> None:
    """Train the query encoder, watched by a tenth of the wordings that it does not learn from.

    ``start`` has the weights to begin with. With ``everything`` it learns from all wordings, once
    the configuration has been chosen: nothing is held out then that could watch it.
    """
    from hicalm.encoders.recipe.query_metrics import query_metrics
    from hicalm.encoders.recipe.train_query_encoder import read_probabilities, train_query_encoder
    from hicalm.encoders.recipe.word_lists import load_background, load_wordings, split_held_out
    from hicalm.encoders.recipe.worded_texts import WordedTexts

    if everything:
        texts = WordedTexts(load_wordings(), load_background())
        train_query_encoder(config, texts, out, None, start)
        return
    wordings, held_wordings = split_held_out(load_wordings())
    background, held_background = split_held_out(load_background())
    train_query_encoder(
        config,
        WordedTexts(wordings, background),
        out,
        lambda encoder: query_metrics(
            lambda texts: read_probabilities(encoder, texts), held_wordings, held_background
        ),
        start,
    )


def train_art(pictures: Path, out: Path) -> None:
    """Train the art expert."""
    from hicalm.encoders.recipe.train_art_expert import ArtExpertConfig, train_art_expert

    train_art_expert(open_store(pictures), TRAIN, ArtExpertConfig(), out)


def train_objects(pictures: Path, out: Path) -> dict:
    """Train the object expert; measure it where validation and test museums are rendered."""
    from hicalm.encoders.recipe.object_metrics import object_metrics
    from hicalm.encoders.recipe.train_object_expert import ObjectExpertConfig, train_object_expert

    store = open_store(pictures)
    expert = train_object_expert(store, TRAIN, WORLD_SEED, ObjectExpertConfig(), out)
    splits = {"validation": VALIDATION, "test": TEST}
    metrics = {
        split: object_metrics(expert, store, museums[store.done[museums] == 1], WORLD_SEED)
        for split, museums in splits.items()
        if store.done[museums].any()
    }
    write_text(Path(out) / "metrics.json", to_json(metrics, indent=1) + "\n")
    return metrics


def read_attributes(embeddings: np.ndarray, queries: list[LabelledQuery]) -> dict[str, float]:
    """Return by kind the share of queries whose attribute is the nearest anchor of that kind.

    embeddings (Q, D) of the queries' texts. A kind that no query constrains is left out.
    """
    logits = embeddings @ anchors().numpy().T
    result = {}
    for kind, columns in kind_slices().items():
        if kind == "object":
            continue
        right = [
            KINDS[kind][int(logits[row, columns].argmax())] == wanted
            for row, query in enumerate(queries)
            if (wanted := _wanted(query, kind)) is not None
        ]
        if right:
            result[kind] = float(np.mean(right))
    return result


def _wanted(query: LabelledQuery, kind: str) -> str | None:
    part = query.predicate.painting if kind in PAINTING_KINDS else query.predicate.room
    return part.get(kind)


def pack(pictures: Path, run: Path, out: Path) -> dict:
    """Write the encoder's folder from the encoders trained in ``run``; return its gates.

    The gates are measured with the weights as they are written, in half precision.
    """
    from hicalm.encoders.encoder import Encoder, write_builtin
    from hicalm.encoders.recipe.gates import GATES, evaluate_gates

    run, out = Path(run), Path(out)
    write_builtin(
        out,
        load_file(run / "image_encoder.safetensors"),
        load_file(run / "text_encoder.safetensors"),
    )
    encoder, store = Encoder.load(str(out), device="cpu"), open_store(pictures)
    image_encoder = encoder.model.visual.trunk
    labelled = {split: load_queries(QUERIES, split) for split in ("validation", "test")}
    metrics = {
        "goals": GATES,
        "gates": {
            "validation": evaluate_gates(image_encoder, store, VALIDATION, "validation", SIZE),
            "test": evaluate_gates(image_encoder, store, TEST, "test", SIZE),
        },
        "paraphrases": {
            split: read_attributes(encoder.encode_texts([q.text for q in queries]), queries)
            for split, queries in labelled.items()
        },
        "training": {
            image_encoder: read_json(run / f"{image_encoder}.json")
            for image_encoder in ("image_encoder", "text_encoder")
        },
    }
    write_text(out / "metrics.json", to_json(metrics, indent=1) + "\n")
    return {"gates": metrics["gates"], "paraphrases": metrics["paraphrases"]}


def pack_query(run: Path, out: Path) -> dict:
    """Write the query encoder trained in ``run`` to the encoder's folder; return its metrics.

    They are measured on what is held out, with the weights as they are written, in half precision.
    Raises HicalmError for an encoder's folder that lacks its other files.
    """
    from hicalm.encoders.builtin import QUERY_FILE, write_query_encoder
    from hicalm.encoders.encoder import Encoder
    from hicalm.encoders.recipe.query_metrics import query_metrics
    from hicalm.encoders.recipe.word_lists import load_background, load_wordings, split_held_out

    run, out = Path(run), Path(out)
    write_query_encoder(out, load_file(run / QUERY_FILE))
    encoder = Encoder.load(str(out), device="cpu")
    held_out = query_metrics(
        lambda texts: np.asarray(encoder.encode_queries(texts).probabilities),
        split_held_out(load_wordings())[1],
        split_held_out(load_background())[1],
    )
    training = read_json((run / QUERY_FILE).with_suffix(".json"))
    metrics = {"held_out": held_out, "query_hash": encoder.query_hash, "training": training}
    write_text(out / "query_metrics.json", to_json(metrics, indent=1) + "\n")
    return held_out
