"""The image tower: views -> rooms -> museums."""

import torch
from torch import Tensor, nn

from hicalm.data.batch import ViewBatch
from hicalm.geometry import segment_mean, segment_sum
from hicalm.models.embeddings import Standardise, VisionEmbedding
from hicalm.models.pooling import make_pooling


class VisionTower(nn.Module):
    """Linear, ReLU per view; mean over a room, Linear, ReLU; a sequence encoder over rooms.

    Args:
        width: D, features of a view (encoder and art expert together).
        hidden: H, width of every level.
        museum: sequence encoder over rooms, see ``pooling``.
        dropout: share of the standardised input features set to zero in training.
    """

    def __init__(self, width: int, hidden: int, museum: str, dropout: float = 0.0) -> None:
        super().__init__()
        self.standardise = Standardise(width)
        self.dropout = nn.Dropout(dropout)
        self.view_layer = nn.Linear(width, hidden)
        self.room_layer = nn.Linear(hidden, hidden)
        self.museum_layer = make_pooling(museum, hidden, hidden)

    def forward(self, batch: ViewBatch) -> VisionEmbedding:
        """Encode the views of ``batch`` at all levels."""
        view = torch.relu(self.view_layer(self.dropout(self.standardise(batch.views))))
        room = self._room_head(segment_mean(view, batch.view_counts))
        museum = self.museum_layer(room, batch.room_counts)
        return VisionEmbedding(museum, room, view, self._room_head(view))

    def _room_head(self, mean_view: Tensor) -> Tensor:
        return torch.relu(self.room_layer(mean_view))


class FlatVisionTower(nn.Module):
    """The baseline without rooms: Linear, ReLU per view, mean over the museum, Linear.

    A room or a view is encoded as if it were a whole museum.
    """

    def __init__(self, width: int, hidden: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.standardise = Standardise(width)
        self.dropout = nn.Dropout(dropout)
        self.view_layer = nn.Linear(width, hidden)
        self.museum_layer = nn.Linear(hidden, hidden)

    def forward(self, batch: ViewBatch) -> VisionEmbedding:
        """Encode the views of ``batch`` at all levels."""
        view = torch.relu(self.view_layer(self.dropout(self.standardise(batch.views))))
        views_per_museum = segment_sum(batch.view_counts, batch.room_counts)
        return VisionEmbedding(
            museum=self.museum_layer(segment_mean(view, views_per_museum)),
            room=self.museum_layer(segment_mean(view, batch.view_counts)),
            view=view,
            view_room=self.museum_layer(view),
        )
