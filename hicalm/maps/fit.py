"""Fit the maps of a collection with UMAP. Only the command line does this: it takes minutes, and
the import of umap alone up to half a minute.

UMAP (McInnes, Healy and Melville, 2018) with the cosine metric on the normalised vectors of
``MuseumIndex``: views are placed as single views, in the space of the rooms.
"""

import warnings
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
from pydantic import Field
from sklearn.manifold import trustworthiness
from tqdm import tqdm

from hicalm.data.collection import Collection
from hicalm.data.dataset import view_features
from hicalm.data.paragraphs import paragraphs_of
from hicalm.errors import HicalmError
from hicalm.levels import LEVELS
from hicalm.maps.columns import level_columns
from hicalm.maps.map import WIDTH, LevelMap, Maps, encoder_label, locate, weights_hash
from hicalm.maps.sample import Sample, shown_museums
from hicalm.maps.structure import find_structure
from hicalm.models import DualEncoder
from hicalm.models.checkpoints import open_model
from hicalm.retrieval.index import build_index, check_encoder
from hicalm.retrieval.scoring import encode_queries
from hicalm.settings import Share, settings

MIN_POINTS = 8  # points that UMAP is asked to lay out; fewer are put on a circle
MAX_JUDGED_POINTS = 5_000  # points of a level that the metrics are taken from, drawn with the seed
JUDGED_NEIGHBOURS = 15
# Views that are laid out unasked, and that are advised: of so many `map` takes five minutes of CPU,
# and the page was measured with about as many.
MOST_VIEWS, SUGGESTED_VIEWS = 250_000, 40_000


@settings
class MapSettings:
    """How the maps of a collection are laid out."""

    seed: Annotated[int, Field(ge=0, lt=2**32)] = 2026
    neighbours: Annotated[int, Field(ge=2, le=500)] = 15  # how far UMAP looks round a point
    min_dist: Share = 0.1  # how close points may come
    sample: Annotated[int, Field(ge=1)] | None = None  # museums that are drawn; None: all are shown


def fit_maps(
    collection: Collection, checkpoint: Path, chosen: MapSettings, progress: bool = False
) -> Maps:
    """Lay out the museums, rooms and views of a collection, and its descriptions.

    Of a sample only its museums' texts and features are read; a zero-shot checkpoint alone takes
    the mean of all views. Raises HicalmError for a collection or checkpoint that cannot be searched
    with, and for a collection of more views than can be laid out, unless a sample is asked for.
    """
    seed, sample = chosen.seed, None
    if chosen.sample is None:
        _check_size(collection)
    else:
        sample = Sample.draw(collection, chosen.sample, seed)
    model = open_model(checkpoint, collection)
    check_encoder(collection, model)
    collection = shown_museums(collection, sample)
    features = view_features(collection, model.config.art_dim)
    counts = collection.view_counts, collection.room_counts
    index = build_index(model, features, *counts, progress)
    columns = level_columns(collection, progress)
    texts = _text_vectors(collection, model)
    levels, metrics = {}, {}
    for level in tqdm(LEVELS, desc="fitting", disable=not progress):
        vectors = getattr(index, level)
        xy = layout(vectors, chosen)
        text_xy = np.zeros((0, 2), np.float32)
        metrics[level] = map_quality(vectors, xy, seed)
        if level in texts:
            text_xy = locate_all(xy, texts[level], vectors)
            far = np.linalg.norm(text_xy - xy, axis=1)
            metrics[level]["description_error"] = round(float(np.median(far)), 2)
        levels[level] = LevelMap(xy, text_xy, columns[level])
    parameters: dict[str, str | float] = {
        "method": "umap",
        "metric": "cosine",
        "neighbours": chosen.neighbours,
        "min_dist": chosen.min_dist,
        "judged": MAX_JUDGED_POINTS,
        "judged_neighbours": JUDGED_NEIGHBOURS,
    }
    fingerprints = weights_hash(checkpoint), encoder_label(collection)
    structure = find_structure(levels, collection, seed)
    return Maps(levels, seed, parameters, *fingerprints, metrics, structure, sample)


def _check_size(collection: Collection) -> None:
    views, museums = int(collection.view_offsets[-1]), len(collection.museums)
    if views > MOST_VIEWS:
        raise HicalmError(
            f"The collection '{collection.name}' has {views:,} views, and to lay more than "
            f"{MOST_VIEWS:,} out takes long. Say how many of its {museums:,} museums to draw at "
            f"random, such as --sample {max(1, SUGGESTED_VIEWS * museums // views)}; --sample "
            f"{museums} takes all."
        )


def layout(vectors: np.ndarray, chosen: MapSettings) -> np.ndarray:
    """Return the coordinates of vectors (N, H) on a map, float32 (N, 2): centred, WIDTH wide."""
    if len(vectors) < MIN_POINTS:
        turns = 2 * np.pi * np.arange(len(vectors)) / max(1, len(vectors))
        return _to_width(np.stack([np.cos(turns), np.sin(turns)], axis=1))
    import umap

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # umap and numba speak of what was decided here on purpose
        fitter = umap.UMAP(
            n_neighbors=min(chosen.neighbours, len(vectors) - 1),
            min_dist=chosen.min_dist,
            metric="cosine",
            random_state=chosen.seed,
            n_jobs=1,  # what a seed needs
        )
        return _to_width(fitter.fit_transform(vectors))


def map_quality(vectors: np.ndarray, xy: np.ndarray, seed: int) -> dict[str, float]:
    """Return how true a map is to the vectors (N, H) it was made from.

    ``trustworthiness`` and ``continuity`` (Venna and Kaski, 2001) lie in 0..1 and fall with
    neighbours on the map that are none, and with neighbours torn apart. ``place_error`` is the
    median distance between a point and where the others would place it, in units of the map.
    """
    drawn = np.random.default_rng(seed).permutation(len(vectors))[:MAX_JUDGED_POINTS]
    near = min(JUDGED_NEIGHBOURS, (len(drawn) - 1) // 2)
    metrics: dict[str, float] = {"points": len(drawn)}
    if near >= 1:
        # Of normalised vectors the nearest by angle are the nearest by distance.
        metrics["trustworthiness"] = _rounded(vectors[drawn], xy[drawn], near)
        metrics["continuity"] = _rounded(xy[drawn], vectors[drawn], near)
    if len(vectors) > 1:
        errors = [_own_error(vectors, xy, int(row)) for row in drawn]
        metrics["place_error"] = round(float(np.median(errors)), 2)
    return metrics


def locate_all(xy: np.ndarray, texts: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Return the places of texts (T, H) among a map's points, which have vectors (N, H): float32
    (T, 2)."""
    places = [locate(xy, vectors @ text)[0] for text in texts]
    return np.array(places, np.float32).reshape(-1, 2)


def _rounded(first: np.ndarray, second: np.ndarray, near: int) -> float:
    return round(float(trustworthiness(first, second, n_neighbors=near)), 4)


def _own_error(vectors: np.ndarray, xy: np.ndarray, row: int) -> float:
    others = np.arange(len(xy)) != row
    middle, _ = locate(xy[others], (vectors @ vectors[row])[others])
    return float(np.hypot(*(xy[row] - middle)))


def _to_width(xy: np.ndarray) -> np.ndarray:
    low, high = xy.min(axis=0), xy.max(axis=0)
    size = max(float((high - low).max()), 1e-6)  # a single point has none
    return ((xy - (low + high) / 2) * (WIDTH / size)).astype(np.float32)


@torch.inference_mode()
def _text_vectors(collection: Collection, model: DualEncoder) -> dict[str, np.ndarray]:
    """Return the vectors of the descriptions (B, H) and room paragraphs (ΣR, H), if encoded.

    Rooms have none unless each has a paragraph of its own.
    """
    if "sentence" not in collection.features.arrays:
        return {}
    texts = paragraphs_of(collection)
    vectors = encode_queries(
        model,
        collection.features.get("sentence"),
        texts.sentence_counts,
        texts.paragraph_counts,
        texts.is_introduction,
    )
    found = {"museum": vectors.museum}
    return found | {"room": vectors.paragraph} if texts.tell_each_room else found
