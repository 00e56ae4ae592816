"""The comparison of HiCALM with its baselines: figures as a dictionary and as a table."""

from pathlib import Path

from hicalm.checkpoints import load_model
from hicalm.data.collection import Collection, Mark, load_collection
from hicalm.encoders.encoder import Encoder
from hicalm.errors import HicalmError
from hicalm.evaluate import (
    ModelScorer,
    Queries,
    choose_weights,
    clip_mean_scores,
    description_queries,
    evaluate_scores,
    paraphrase_queries,
)
from hicalm.relevance import load_queries
from hicalm.scoring import MUSEUM_ONLY, LevelWeights

# Beside the museum-level score of the paper ("hicalm-museum"), the score the app uses ("hicalm").
BASELINES = ("flat", "hierartex")
LENGTHS = {
    "full": "full",
    "museum_to_text": "full, museum to text",
    "room": "room",
    "sentence": "sentence",
}


def evaluate_methods(
    folder: Path, checkpoints: Path, queries_file: Path, split: str
) -> dict[str, dict]:
    """Return ``{"methods": {name: {length: {figure: value}}}}`` on one split of a collection."""
    collection = load_collection(folder).split(split)
    encoder = _encoder_of(collection)
    labelled = load_queries(queries_file, split)
    queries: dict[str, Queries] = description_queries(collection)
    queries["paraphrase"] = paraphrase_queries(labelled, encoder)
    model = load_model(checkpoints / "hicalm")
    scorer, weights = ModelScorer(model, collection), LevelWeights.load(checkpoints / "hicalm")
    scores = {
        "hicalm": lambda batch: scorer.scores(batch, weights),
        "hicalm-museum": lambda batch: scorer.scores(batch, MUSEUM_ONLY),
    }
    for name in (*BASELINES, "hicalm-without-art"):
        if not (checkpoints / name).is_dir():
            continue
        own = ModelScorer(load_model(checkpoints / name), collection)
        used = LevelWeights.load(checkpoints / name) if name not in BASELINES else MUSEUM_ONLY
        scores[name] = lambda batch, own=own, used=used: own.scores(batch, used)
    scores["clip-mean"] = lambda batch: clip_mean_scores(collection, batch)
    return {
        "methods": {
            name: evaluate_scores(score, queries, labelled, collection)
            for name, score in scores.items()
        },
        "museums": len(collection.museums),
        "queries": {name: len(batch.paragraph_counts) for name, batch in queries.items()},
    }


def choose_and_save_weights(folder: Path, checkpoint: Path, queries_file: Path) -> LevelWeights:
    """Choose the level weights on the validation split and write them beside the checkpoint."""
    collection = load_collection(folder).split("validation")
    if not collection.specifications:
        raise HicalmError(
            f"The collection '{folder}' has no ground truth, by which the weights are chosen. "
            "Use a built-in world, or keep the default weights."
        )
    labelled = load_queries(queries_file, "validation")
    encoder = _encoder_of(collection)
    weights = choose_weights(load_model(checkpoint), collection, labelled, encoder)
    weights.save(checkpoint)
    return weights


def _encoder_of(collection: Collection) -> Encoder:
    mark = collection.features.marks.get("sentence")
    if mark is None:
        raise HicalmError("The collection has no features. Encode it first.")
    encoder = Encoder.load(mark.name)
    collection.features.check_mark("sentence", Mark.of(encoder))
    return encoder


def markdown_table(figures: dict[str, dict]) -> str:
    """Return the figures as a Markdown table; recalls in percent."""
    head = [f"{name} R@1 / 5 / 10 (median)" for name in LENGTHS.values()]
    lines = [
        "| method | " + " | ".join(head) + " | paraphrase nDCG@5 [95 %] | P@5 |",
        "|---" * (len(head) + 3) + "|",
    ]
    for name, lengths in figures["methods"].items():
        cells = [_recalls(lengths[length]) for length in LENGTHS]
        short = lengths["paraphrase"]
        low, high = short["nDCG@5_interval"]
        cells.append(f"{short['nDCG@5']:.3f} [{low:.3f}, {high:.3f}]")
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {short['P@5']:.3f} |")
    return "\n".join(lines)


def _recalls(figures: dict[str, float]) -> str:
    recalls = " / ".join(f"{100 * figures[f'R@{k}']:.1f}" for k in (1, 5, 10))
    return f"{recalls} ({figures['median_rank']:g})"
