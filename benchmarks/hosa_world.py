"""HOSA on the built-in world: ``python benchmarks/hosa_world.py [MODEL ...]``.

Each MODEL is a folder of ``python -m hicalm hosa train`` and ``tune-rerank``
(default: checkpoints/hosa).
Prints, on test museums:

- nDCG@5 of the paraphrased test queries by HiCALM, and after HOSA has re-ranked its first 50
  museums, with the 95 % interval of the improvement (bootstrap over queries) and the time it takes;
- rooms found by texts that are true of them (a sentence and a short query each), among 300 rooms:
  recall by HOSA and by HiCALM's room level;
- pointing: for phrases about one painting, in rooms where it hangs once, the share whose view with
  the highest weight shows the painting, and the share of these whose brightest cell lies inside the
  painting's frame; beside plain cosine of the encoder's features, and chance.
"""

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from hicalm.data.collection import Collection, load_collection
from hicalm.data.dataset import view_rows
from hicalm.encoders.encoder import Encoder
from hicalm.evaluation.metric_tables import RECALLS
from hicalm.geometry import unit
from hicalm.hosa.hosa_checkpoints import load_hosa
from hicalm.hosa.hosa_evaluation import pair_recalls, score_pairs, texts_of
from hicalm.hosa.pointing import room_evidence, view_heat_map
from hicalm.hosa.rerank import RoomScorer, load_weight, read_sentences
from hicalm.hosa.room_pairs import RoomPairs
from hicalm.hosa.tune_rerank import score_for_rerank
from hicalm.metrics import bootstrap_interval
from hicalm.models.checkpoints import load_model
from hicalm.retrieval.index import build_index
from hicalm.retrieval.scoring import encode_queries
from hicalm.retrieval.stages import RANK, RERANK
from hicalm.search.searcher import Searcher
from hicalm.tabular import markdown_table
from hicalm.world.relevance import load_queries
from hicalm.world.seeds import generator
from hicalm.world.wording import attributes_of, painting_phrase
from hicalm.world.world_pictures import WorldPictures

ROOMS_FOUND = 300
CHECKPOINT = ROOT / "checkpoints" / "hicalm"


def main() -> None:
    """Measure every model."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("models", type=Path, nargs="*", default=[ROOT / "checkpoints" / "hosa"])
    parser.add_argument("--collection", type=Path, default=ROOT / "assets" / "world")
    parser.add_argument("--split", default="test")
    parser.add_argument("--rooms", type=int, default=150, help="whose paintings are looked for")
    options = parser.parse_args()
    collection = load_collection(options.collection).split(options.split)
    encoder = Encoder.load(collection.features.fingerprints["view"].name)
    for folder in options.models:
        _rank(folder, collection, encoder, options.split)
    _time(collection, options.split)
    _find_rooms(options.models, collection, encoder)
    _point(options.models, collection, encoder, options.rooms)


def _rank(folder: Path, collection: Collection, encoder: Encoder, split: str) -> None:
    labelled = load_queries(ROOT / "assets" / "queries" / "paraphrased.jsonl", split)
    found = score_for_rerank(CHECKPOINT, load_hosa(folder), collection, labelled, encoder)
    weight, _ = load_weight(folder) or (0.0, False)
    improvement, interval = found.improvement(weight)
    print(
        f"{folder.name}: nDCG@5 {found.ndcg(0).mean():.3f} -> {found.ndcg(weight).mean():.3f}, "
        f"improvement {improvement:+.3f} [{interval.low:+.3f}, {interval.high:+.3f}] "
        f"(weight {weight})"
    )


def _time(collection: Collection, split: str) -> None:
    searcher = Searcher.open(collection, CHECKPOINT)
    if RERANK not in searcher.stages:
        return
    spent = []
    for query in load_queries(ROOT / "assets" / "queries" / "paraphrased.jsonl", split):
        reports = searcher.search(query.text, stages=(RANK, RERANK)).stages
        spent.append(1000 * reports[-1].seconds)
    low, high = np.percentile(spent, [50, 95])
    print(f"re-ranking takes {low:.0f} ms (median), {high:.0f} ms (95 %)")


def _find_rooms(models: list[Path], collection: Collection, encoder: Encoder) -> None:
    pairs = RoomPairs(collection, encoder)
    images = np.sort(np.random.default_rng(0).choice(pairs.images, ROOMS_FOUND, replace=False))
    texts = texts_of(pairs, images)
    right = np.searchsorted(images, pairs.image_of[texts])
    model = load_model(CHECKPOINT)
    views = view_rows(collection, model.config.art_dim)
    index = build_index(model, views, collection.view_counts, collection.room_counts)
    features, ones = encoder.encode_texts([pairs.texts[row] for row in texts]), np.ones(len(texts))
    read = encode_queries(model, features, ones.astype(int), ones.astype(int))
    scores = {"hicalm, room level": index.room[pairs.rooms[images]] @ read.paragraph.T}
    for folder in models:
        scores[folder.name] = score_pairs(load_hosa(folder), pairs, images)
    rows = [
        [name, *(f"{100 * value:.1f}" for value in pair_recalls(found, right)["t2i"].values())]
        for name, found in scores.items()
    ]
    print(markdown_table([f"{len(texts)} texts, {len(images)} rooms", *RECALLS], rows))


def _point(models: list[Path], collection: Collection, encoder: Encoder, max_rooms: int) -> None:
    """Print the shares of every model, of plain cosine and of chance."""
    loaded = {folder.name: load_hosa(folder) for folder in models}
    views, counts = collection.features.rows("view"), collection.view_counts
    readers = {
        name: RoomScorer(model, views, counts, collection.room_counts)
        for name, model in loaded.items()
    }
    shown: dict[str, list[float]] = {name: [] for name in (*loaded, "cosine", "chance")}
    inside: dict[str, list[float]] = {name: [] for name in shown}
    pictures = WorldPictures(collection)
    museums = enumerate(collection.museums)
    rooms = [(row, room) for row, museum in museums for room in range(len(museum.rooms))]
    chosen = np.random.default_rng(0).choice(len(rooms), min(max_rooms, len(rooms)), replace=False)
    ends = np.cumsum(counts)
    for row in tqdm(np.sort(chosen), desc="rooms"):
        museum, number = rooms[row]
        own = collection.museums[museum]
        scene = pictures.scene(own.id, number)
        truth = collection.specifications[museum]["rooms"][number]
        seen = [scene.visible_paintings(view) for view in range(counts[row])]
        features = unit(np.asarray(views[ends[row] - counts[row] : ends[row]], np.float32))
        for painting, text in _phrases(truth, own.id, number):
            visible = [{p[0]: p[1:3] for p in view}.get(painting) for view in seen]
            shown["chance"].append(np.mean([place is not None for place in visible]))
            sentence = encoder.encode_texts([text])[0]
            view_weights = {"cosine": features @ sentence}
            nodes = {}
            for name, model in loaded.items():
                nodes[name] = read_sentences(model, [[text]], encoder.encode_words)
                found = room_evidence(model, readers[name].room(row), nodes[name])
                view_weights[name] = _over_words(found.views, found.is_content_word)
            for name, look in view_weights.items():
                view = int(look.argmax())
                shown[name].append(visible[view] is not None)
                if visible[view] is None:
                    continue
                quad, share = visible[view]
                cells = encoder.encode_cells([scene.render(view)])[0]
                heat = cells @ sentence
                if name != "cosine":
                    heat_map = view_heat_map(loaded[name], cells, nodes[name])
                    heat = _over_words(heat_map.heat, found.is_content_word)
                else:
                    inside["chance"].append(share)
                inside[name].append(_is_inside(quad, heat))
    print(f"{len(shown['chance'])} paintings in {len(chosen)} rooms")
    print("| | the view shows it | the brightest cell lies inside |\n|---|---|---|")
    for name in shown:
        print(f"| {name} | {_share(shown[name])} | {_share(inside[name])} |")


def _phrases(room: dict, museum_id: str, number: int) -> list[tuple[int, str]]:
    """Return phrases about the paintings that hang once in a room."""
    all_of = [attributes_of(painting) for painting in room["paintings"]]
    rng = generator(1, museum_id, number, "pointing")
    return [
        (index, painting_phrase(rng, own))
        for index, own in enumerate(all_of)
        if all_of.count(own) == 1
    ]


def _over_words(table: np.ndarray, is_content_word: np.ndarray) -> np.ndarray:
    """Return the mean weight over the words that say something, (W, ...) -> (...)."""
    return table[is_content_word].mean(axis=0) if is_content_word.any() else table.mean(axis=0)


def _is_inside(quad: np.ndarray, heat: np.ndarray, width: int = 480) -> bool:
    rows, columns = heat.shape
    y, x = np.unravel_index(heat.argmax(), heat.shape)
    centre = (float((x + 0.5) / columns * width), float((y + 0.5) / rows * width * 3 / 4))
    return cv2.pointPolygonTest(quad, centre, False) >= 0


def _share(values: list[float]) -> str:
    interval = bootstrap_interval(np.array(values, float), seed=0)
    return f"{np.mean(values):.3f} [{interval.low:.3f}, {interval.high:.3f}]"


if __name__ == "__main__":
    main()
