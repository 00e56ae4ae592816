"""What the part ``words`` of a museum's score is due to: its rooms and its views.

With only some of a museum's views a room is made of those that are there, its global node of them
anew; a room without views is not there, and a museum without rooms has no such part: 0. Sizes: R
rooms, V views in all, N subsets of them, P paragraphs and S sentences of the query.
"""

from functools import partial

import numpy as np
import torch
from torch import Tensor

from hicalm.explain.owen import owen
from hicalm.explain.shapley import best_match_share, best_match_shares
from hicalm.hosa.nodes import Nodes
from hicalm.hosa.rerank import RoomScorer, Sentences, paragraph_scores, words_part
from hicalm.ragged import starts

READINGS = 2400  # subsets of views times sentences, read for one museum: about 0.2 s


class WordsGame:
    """The part ``words`` of one museum's score as a function of which of its views are there."""

    def __init__(
        self, scorer: RoomScorer, weight: float, museum: int, sentences: Sentences
    ) -> None:
        """``museum`` counts in the collection."""
        self._model, self._weight, self._sentences = scorer.model, weight, sentences
        self._nodes = sentences.nodes
        self._views, self.view_counts = scorer.museum_views(museum)
        self._starts = starts(self.view_counts)
        with torch.inference_mode():
            found = self._model.scores(scorer.museum_nodes(museum), self._nodes)
        self.rooms = self._parts(found)  # (P, R): the part by every paragraph and room

    def values(self, present: np.ndarray) -> np.ndarray:
        """Return the part with only these views, bool (N, V) -> float64 (N,)."""
        best = np.zeros((self.rooms.shape[0], len(present)))  # no room at all is worth 0
        for room, own in enumerate(np.split(present, self._starts[1:], axis=1)):
            best = np.maximum(best, self._room_values(room, own))
        return best.mean(axis=0)

    def contributions(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the shares of rooms (R,) and of views (V,), and the views' standard errors (V,).

        Rooms are exact; views are where ``READINGS`` are enough for all subsets of a room's views.
        """
        rooms = best_match_shares(self.rooms).mean(axis=0)
        views = [
            owen(self.view_counts[[room]], partial(self._share, room), int(budget))
            for room, budget in enumerate(self._budgets())
        ]
        member = np.concatenate([shares.member[:, 0] for shares in views])
        return rooms, member, np.concatenate([shares.error[:, 0] for shares in views])

    def gradient_times_input(self, zero: np.ndarray) -> np.ndarray:
        """Return for every view the part's gradient times its features' distance from ``zero``.

        ``zero`` (D or more,) may have further features behind, of which HOSA reads none. float64
        (V,).
        """
        features = self._views.clone().requires_grad_()
        words = Nodes(self._nodes.vectors.clone(), self._nodes.counts.clone())  # with gradients
        with torch.enable_grad():
            rooms = (room[None] for room in features.split(self.view_counts.tolist()))
            found = [self._model.scores(self._model.encode_regions(room), words) for room in rooms]
            sentences = torch.cat(found).split(self._sentences.counts, dim=1)
            paragraphs = torch.stack([own.mean(dim=1) for own in sentences])  # (P, R)
            part = self._weight * (1 + paragraphs.max(dim=1).values.mean())
            (gradient,) = torch.autograd.grad(part, features)
        offset = features.detach() - torch.as_tensor(zero[: features.shape[1]])
        return (gradient * offset).sum(dim=1).double().numpy()

    def _budgets(self) -> np.ndarray:
        """Return how many subsets of each room's views are read (R,).

        Where k rooms answer a paragraph as well as this one or better, the share of this one moves
        by 1/k of what it answers: so the errors of its views, and so much of the readings it gets.
        """
        better = (self.rooms[:, None, :] >= self.rooms[:, :, None]).sum(axis=2)  # (P, R)
        slopes = (1 / better).mean(axis=0)
        return READINGS / sum(self._sentences.counts) * slopes / slopes.sum()

    def _share(self, room: int, present: np.ndarray) -> np.ndarray:
        """Return what a room gets among the others with only these of its views, (N, 1)."""
        others = np.delete(self.rooms, room, axis=1)
        shares = best_match_share(self._room_values(room, present), others).mean(axis=0)
        return (shares * present.any(axis=1))[:, None]

    def _room_values(self, room: int, present: np.ndarray) -> np.ndarray:
        """Return the part by one room with only these of its views, (N, V_r) -> (P, N); 0 for none.

        Every different subset is read once, those of like sizes together, so that little is padded.
        """
        different, rows = np.unique(present, axis=0, return_inverse=True)
        values = np.zeros((self.rooms.shape[0], len(different)))
        sizes = different.sum(axis=1)
        order = np.argsort(sizes, kind="stable")[int((sizes == 0).sum()) :]
        if len(order):
            with torch.inference_mode():
                views = self._views.split(self.view_counts.tolist())[room]
                nodes = self._model.encode_subsets(views, torch.as_tensor(different[order]))
                values[:, order] = self._parts(self._model.scores(nodes, self._nodes))
        return values[:, rows.reshape(-1)]

    def _parts(self, found: Tensor) -> np.ndarray:
        """Return the part by every paragraph and room (P, N), from scores of sentences (N, S)."""
        return words_part(self._weight, paragraph_scores(found, self._sentences)).T
