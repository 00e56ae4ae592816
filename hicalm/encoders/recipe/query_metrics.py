"""How well the query encoder reads wordings that it has not learned from."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import rankdata

from hicalm.encoders.attributes import attribute_columns, kind_slices
from hicalm.encoders.recipe.word_lists import Wording
from hicalm.encoders.recipe.worded_texts import WordedTexts

COMBINED = 300  # texts of two or three wordings
THRESHOLD = 0.5  # of a probability: from here on an attribute counts as read
SEED = 3

Read = Callable[[Sequence[str]], np.ndarray]  # texts (N) -> probabilities (N, A)


def query_metrics(
    read: Read, wordings: Sequence[Wording], background: Sequence[str]
) -> dict[str, object]:
    """Return F1 by kind on single and on combined wordings, and how unknown texts stand out.

    ``auroc`` is the chance that a wording's largest probability exceeds a background text's;
    ``false_alarms`` is the share of background texts in which an attribute is read.
    """
    rng, texts = np.random.default_rng(SEED), WordedTexts(wordings, background)
    columns = attribute_columns()
    single = read([texts.framed(rng, wording) for wording in wordings])
    drawn = [texts.draw_worded(rng, 2 + row % 2) for row in range(COMBINED)]
    combined = read([text.text for text in drawn])
    unknown = read(list(background)).max(axis=1)
    one = _labels([(columns[wording.kind, wording.value],) for wording in wordings])
    known = single.max(axis=1)
    return {
        "single": f1_by_kind(single, one),
        "combined": f1_by_kind(combined, _labels([text.columns for text in drawn])),
        "auroc": auroc(known, unknown),
        "false_alarms": float((unknown >= THRESHOLD).mean()),
        "missed": float((known < THRESHOLD).mean()),
    }


def f1_by_kind(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Return the F1 of every kind and of all together, from (N, A) and boolean (N, A)."""
    found = probabilities >= THRESHOLD
    columns = kind_slices() | {"all": slice(None)}
    return {kind: _f1(found[:, own], labels[:, own]) for kind, own in columns.items()}


def auroc(positive: np.ndarray, negative: np.ndarray) -> float:
    """Return the area under the ROC curve of scores (P,) against (Q,); ties count half."""
    ranks = rankdata(np.concatenate([positive, negative]))[: len(positive)]
    wins = ranks.sum() - len(positive) * (len(positive) + 1) / 2
    return float(wins / (len(positive) * len(negative)))


def _f1(found: np.ndarray, labels: np.ndarray) -> float:
    total = found.sum() + labels.sum()
    return float(2 * (found & labels).sum() / total) if total else 1.0


def _labels(columns: Sequence[tuple[int, ...]]) -> np.ndarray:
    labels = np.zeros((len(columns), len(attribute_columns())), bool)
    for row, own in enumerate(columns):
        labels[row, list(own)] = True
    return labels
