"""Judge a HOSA model by retrieval in both directions, as on Flickr30k and MS-COCO.

R@K is the share, 0 to 1, of queries with a right answer among the first K: of images, whose right
answers are all their captions (i2t), and of texts, whose right answer is their image (t2i). `rsum`
is the sum of the six. In a tie, wrong answers come first. nDCG@25, where it is asked for, takes
relevances as ``relevances`` has them; in a tie, the less relevant come first.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from hicalm.errors import HicalmError
from hicalm.files import read_json
from hicalm.hosa.benchmark_files import read_images
from hicalm.hosa.hosa_checkpoints import load_hosa
from hicalm.hosa.hosa_config import DATA, DataConfig, read_section
from hicalm.hosa.hosa_vocabulary import load_vocabulary
from hicalm.hosa.model import HosaModel
from hicalm.hosa.nodes import join_nodes
from hicalm.hosa.region_pairs import Pairs
from hicalm.hosa.relevances import PLACES, ROUGE, given_relevances, ndcg, rouge_relevances
from hicalm.metrics import checked_scores, ranks_of_targets, recalls

SIZES = {"1k": 1000, "5k": 5000}  # images ranked at once
PUBLISHED_WEIGHTS = (".pth", ".tar")  # how their names end
_AT_ONCE = 256  # images or texts encoded at once


@torch.no_grad()
def score_pairs(
    model: HosaModel,
    pairs: Pairs,
    images: np.ndarray | None = None,
    device: torch.device | str | None = None,
) -> np.ndarray:
    """Return the scores of images (I,) with their own texts (T,): float32 (I, T).

    Args:
        images: numbers of images; None for all. Texts come in the order of ``texts_of``.
        device: where to compute; None for where the model is.
    """
    device = device or next(model.parameters()).device
    images = np.arange(pairs.images) if images is None else images
    texts = texts_of(pairs, images)
    nodes = join_nodes(
        [
            model.encode_regions(*(tensor.to(device) for tensor in pairs.regions(part)))
            for part in _parts(images)
        ]
    )
    columns = []
    for part in _parts(texts):
        words = model.encode_words(*(tensor.to(device) for tensor in pairs.words(part)))
        columns.append(model.scores(nodes, words).float().cpu())
    return torch.cat(columns, dim=1).numpy()


def texts_of(pairs: Pairs, images: np.ndarray) -> np.ndarray:
    """Return the numbers of the texts of images, in rising order."""
    return np.flatnonzero(np.isin(pairs.image_of, images))


def pair_recalls(scores: np.ndarray, image_of: np.ndarray) -> dict[str, Any]:
    """Return `i2t` and `t2i`, each with R@1, R@5 and R@10, and their sum `rsum`, 0 to 6.

    Args:
        scores: (I, T), larger is better.
        image_of: (T,) the row of every text; every row has at least one.

    Raises HicalmError for an image without a text, wrong shapes and scores that are not finite.
    """
    scores, image_of = checked_scores(scores), np.asarray(image_of)
    of_texts = ranks_of_targets(scores.T, image_of)  # checks the shapes
    ranks = {"i2t": _ranks_of_images(scores, image_of), "t2i": of_texts}
    metrics: dict = {direction: recalls(found) for direction, found in ranks.items()}
    metrics["rsum"] = sum(value for direction in ranks for value in metrics[direction].values())
    return metrics


def evaluate_pairs(
    model: HosaModel,
    pairs: Pairs,
    fold: int = 0,
    device: torch.device | str | None = None,
    relevances: np.ndarray | None = None,
) -> dict[str, Any]:
    """Return the recalls of all pairs, or their average over folds of ``fold`` images each.

    With ``relevances`` (T, I) of texts and images, `i2t` and `t2i` have nDCG@25, too.
    Raises HicalmError for a number of images that is no multiple of ``fold``.
    """
    fold = fold or pairs.images
    if pairs.images < fold or pairs.images % fold:
        raise HicalmError(
            f"The split has {pairs.images} images, which are no folds of {fold}: choose another "
            "size, or none for all images at once."
        )
    found = []
    for images in np.arange(pairs.images).reshape(-1, fold):
        texts = texts_of(pairs, images)
        scores = score_pairs(model, pairs, images, device)
        found.append(pair_recalls(scores, np.searchsorted(images, pairs.image_of[texts])))
        if relevances is not None:
            for direction, value in ndcg(scores, relevances[texts][:, images]).items():
                found[-1][direction][f"nDCG@{PLACES}"] = value
    metrics: dict[str, Any] = {
        direction: {
            name: float(np.mean([one[direction][name] for one in found]))
            for name in found[0][direction]
        }
        for direction in ("i2t", "t2i")
    }
    metrics["rsum"] = float(np.mean([one["rsum"] for one in found]))
    return {"images": pairs.images, "texts": len(pairs.image_of), "folds": len(found), **metrics}


def evaluate_run(
    run: Path,
    data: DataConfig,
    size: str | None = None,
    device: str | None = None,
    relevance: str | None = None,
    workers: int = 1,
) -> dict[str, Any]:
    """Return the metrics of a run's best model on the test split of ``data``.

    Args:
        size: `1k` or `5k`, the images ranked at once; more are split into folds and averaged, and
            none means all at once.
        relevance: `rougeL` or `spice` for nDCG; rougeL is computed by so many ``workers`` where the
            data do not give it.

    Raises HicalmError for an unknown size and for what the layouts and relevances refuse.
    """
    if size is not None and size not in SIZES:
        raise HicalmError(f"Unknown size {size!r}: choose {' or '.join(SIZES)}.")
    model = load_hosa(run)
    words = load_vocabulary(run)
    if len(words) != model.config.vocabulary:
        raise HicalmError(
            f"The vocabulary in '{run}' has {len(words)} numbers and the model "
            f"{model.config.vocabulary}."
        )
    pairs = read_images(data, data.test, words, model.config.region_dim)
    found = given = None
    if relevance is not None:
        found = given = given_relevances(data, data.test, relevance, pairs.images)
        if given is None and relevance != ROUGE:
            raise HicalmError(f"'{data.folder}' gives no relevances '{relevance}': try {ROUGE}.")
        if given is None:
            found = rouge_relevances(pairs.captions, workers)
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    fold = SIZES[size] if size else 0
    metrics = evaluate_pairs(model.to(device), pairs, fold, device, found)
    if relevance is not None:
        metrics["relevance"] = f"{relevance}, {'computed here' if given is None else 'as given'}"
    return {"split": data.test, "size": size or "all", **metrics}


def run_data(run: Path) -> DataConfig:
    """Return where the data of a run lay; HicalmError where the run does not say it."""
    if Path(run).suffix in PUBLISHED_WEIGHTS:
        raise HicalmError(
            f"'{run}' holds published weights, which are not read: to convert them it would need "
            "the model that they belong to, layer by layer, with its words, and HOSA's code is not "
            "public in full. Train one with `python -m hicalm hosa train`, and name its folder."
        )
    path = Path(run) / f"{DATA}.json"
    try:
        content = read_json(path)
    except FileNotFoundError as error:
        raise HicalmError(
            f"'{run}' is no run of `python -m hicalm hosa train`: {path.name} is missing."
        ) from error
    return read_section(DataConfig, content)


def _parts(numbers: np.ndarray) -> list[np.ndarray]:
    return np.array_split(numbers, -(-len(numbers) // _AT_ONCE))


def _ranks_of_images(scores: np.ndarray, image_of: np.ndarray) -> np.ndarray:
    """Return the rank of the best of every image's texts, those of other images before it."""
    ranks = np.empty(len(scores), np.int64)
    order = np.argsort(image_of, kind="stable")
    groups = np.split(order, np.searchsorted(image_of[order], np.arange(1, len(scores))))
    for image, own in enumerate(groups):
        if not len(own):
            raise HicalmError(f"Image {image + 1} has no text to be found by.")
        best = scores[image, own].max()
        others = (scores[image] >= best).sum() - (scores[image, own] >= best).sum()
        ranks[image] = 1 + others
    return ranks
