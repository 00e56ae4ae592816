"""Which views of a room, and which cells of a view, answer the words of a query."""

import numpy as np
import torch

from hicalm.hosa.model import HosaModel
from hicalm.hosa.nodes import Nodes
from hicalm.hosa.rerank import Sentences
from hicalm.retrieval.evidence import Evidence, HeatMap
from hicalm.retrieval.words import load_stop_words, words_of


def room_evidence(model: HosaModel, room: Nodes, sentences: Sentences) -> Evidence:
    """Return what the views of a room (one item) make of the words of a query's sentences."""
    weights, answers = _attend(model, room, sentences)
    flat = _flat(sentences)
    stop_words = load_stop_words()
    is_content_word = np.array([not set(words_of(word)) <= stop_words for word in flat], bool)
    return Evidence(flat, is_content_word, weights, answers)


@torch.inference_mode()
def view_heat_map(model: HosaModel, cells: np.ndarray, sentences: Sentences) -> HeatMap:
    """Return where in a view, whose cells have the features (h, w, D), the words are answered."""
    height, width, dim = cells.shape
    view = model.encode_regions(torch.from_numpy(cells).reshape(1, -1, dim))
    weights, _ = _attend(model, view, sentences)
    return HeatMap(_flat(sentences), weights.reshape(-1, height, width))


def _flat(sentences: Sentences) -> tuple[str, ...]:
    return tuple(word for sentence in sentences.words for word in sentence)


def _attend(model: HosaModel, image: Nodes, sentences: Sentences) -> tuple[np.ndarray, np.ndarray]:
    nodes = sentences.nodes
    found = [model.attend(image, nodes[number]) for number in range(len(nodes))]
    weights, answers = zip(*found, strict=True)
    return torch.cat(weights).numpy(), torch.cat(answers).numpy()
