"""The image encoders: views -> rooms -> museums, and what all of them have in common."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from hicalm.data.batches import ViewBatch
from hicalm.models.embeddings import Standardise, VisionEmbedding
from hicalm.models.merging import merge_rooms, room_summary
from hicalm.models.pooling import AttentionPooling, GRUPooling, MeanPooling, make_pooling
from hicalm.models.processes import RowDropout
from hicalm.ragged import segment_mean, segment_sum

PUBLISHED_VIEWS = 12  # of a room of Museums3k


class VisionEncoder(nn.Module, ABC):
    """What every image encoder does. It reads standardised features, some set to zero."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.standardise = Standardise(width)
        self.dropout = RowDropout(dropout)

    @abstractmethod
    def forward(self, batch: ViewBatch) -> VisionEmbedding:
        """Encode the views of ``batch`` at all levels."""

    @abstractmethod
    def encode_museums(self, batch: ViewBatch) -> Tensor:
        """Encode museums at museum level only: -> (B, H)."""


class ViewEncoder(VisionEncoder):
    """An image encoder that has an image level, and that any subset of the views can be put to."""

    @abstractmethod
    def encode_views(self, views: Tensor) -> Tensor:
        """Encode view features (ΣV, D) at image level: -> (ΣV, H)."""

    @abstractmethod
    def encode_single_views(self, views: Tensor) -> Tensor:
        """Encode view features (ΣV, D) as they compare with sentences: -> (ΣV, H)."""

    @abstractmethod
    def subset_views(self, views: Tensor) -> Tensor:
        """Encode view features (V, D) as far as a view is encoded by itself: -> (V, H)."""

    @abstractmethod
    def encode_room_subsets(self, views: Tensor, present: Tensor) -> Tensor:
        """Encode a room with only some of its ``subset_views`` (V, H): bool (N, V) -> (N, H).

        Each subset has at least one view.
        """

    @abstractmethod
    def encode_museum_subsets(self, views: Tensor, view_counts: Tensor, present: Tensor) -> Tensor:
        """Encode a museum with only some of its ``subset_views`` (V, H): bool (N, V) -> (N, H).

        view_counts (R,) are those of its rooms. A room without views is not there; each subset has
        at least one view.
        """


class MeanEncoder(ViewEncoder):
    """An image encoder with Linear, ReLU per view, and a mean of the views in all above."""

    def __init__(self, width: int, hidden: int, dropout: float) -> None:
        super().__init__(width, dropout)
        self.view_layer = nn.Linear(width, hidden)

    def encode_views(self, views: Tensor) -> Tensor:
        """Encode view features (ΣV, D) at image level: -> (ΣV, H)."""
        return torch.relu(self.view_layer(self.dropout(self.standardise(views))))

    def encode_single_views(self, views: Tensor) -> Tensor:
        """Encode view features (ΣV, D), each as a room of its own: -> (ΣV, H)."""
        return self.encode_rooms(self.subset_views(views))

    def subset_views(self, views: Tensor) -> Tensor:
        """Encode view features (V, D) as far as a view is encoded by itself: -> (V, H).

        Projected before they are averaged: of one museum there are few views, many subsets.
        """
        return self.project_views(self.encode_views(views))

    def encode_room_subsets(self, views: Tensor, present: Tensor) -> Tensor:
        """Encode a room with only some of its ``subset_views`` (V, H): bool (N, V) -> (N, H)."""
        mask = present.to(views.dtype)
        return self.encode_rooms((mask @ views) / mask.sum(dim=1, keepdim=True))

    def encode_museum_subsets(self, views: Tensor, view_counts: Tensor, present: Tensor) -> Tensor:
        """Encode a museum with only some of its ``subset_views`` (V, H): bool (N, V) -> (N, H)."""
        counts = view_counts.tolist()
        masks = present.to(views.dtype).split(counts, dim=1)
        parts = zip(masks, views.split(counts), strict=True)
        sums = torch.stack([mask @ own for mask, own in parts], dim=1)
        sizes = torch.stack([mask.sum(dim=1) for mask in masks], dim=1)
        there = sizes > 0
        means = sums[there] / sizes[there].unsqueeze(1)
        return self.encode_means(means, sizes[there].long(), there.sum(dim=1))[0]

    @abstractmethod
    def project_views(self, view: Tensor) -> Tensor:
        """Apply the linear layer behind the image level (N, H); it may come before the mean."""

    @abstractmethod
    def encode_rooms(self, means: Tensor) -> Tensor:
        """Encode rooms from the mean of their projected views: (ΣR, H) -> (ΣR, H)."""

    @abstractmethod
    def encode_means(
        self, means: Tensor, view_counts: Tensor, room_counts: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Encode museums from the mean of the projected views of each room.

        means (ΣR, H), view_counts (ΣR,), room_counts (B,) -> museum (B, H), room (ΣR, H).
        """


class ImageEncoder(MeanEncoder):
    """Linear, ReLU per view; mean over a room, Linear, ReLU; a sequence encoder over rooms.

    Args:
        width: D, features of a view (encoder and art expert together).
        hidden: H, width of every level.
        museum: sequence encoder over rooms, see ``pooling``.
        dropout: share of the standardised input features set to zero in training.
        merge: how room vectors join the museum's, see ``merging``.
        padded_rooms: as published, rooms that are not there take part in `avg` and in merges, so
            that a vector depends on the other museums of its batch.
        twelvefold_mean: as published, merges by the mean take twelve times the rooms' mean, whose
            number is counted in rooms over views.
    """

    def __init__(
        self,
        width: int,
        hidden: int,
        museum: str,
        dropout: float = 0.0,
        merge: str = "none",
        padded_rooms: bool = False,
        twelvefold_mean: bool = False,
    ) -> None:
        super().__init__(width, hidden, dropout)
        self._museum_kind, self._merge, self._padded_rooms = museum, merge, padded_rooms
        self._mean_factor = PUBLISHED_VIEWS if twelvefold_mean and merge.startswith("mean") else 1
        self.room_layer = nn.Linear(hidden, hidden)
        self.museum_layer = make_pooling(museum, hidden, hidden)

    def forward(self, batch: ViewBatch) -> VisionEmbedding:
        """Encode the views of ``batch`` at all levels."""
        view = self.encode_views(batch.views)
        means = self.project_views(segment_mean(view, batch.view_counts))
        museum, room = self.encode_means(means, batch.view_counts, batch.room_counts)
        return VisionEmbedding(museum, room, view, self.encode_rooms(self.project_views(view)))

    def encode_museums(self, batch: ViewBatch) -> Tensor:
        """Encode museums at museum level only: -> (B, H)."""
        view = self.encode_views(batch.views)
        means = self.project_views(segment_mean(view, batch.view_counts))
        return self.encode_means(means, batch.view_counts, batch.room_counts)[0]

    def project_views(self, view: Tensor) -> Tensor:
        """Apply the room level's linear layer (N, H) -> (N, H); it may come before the mean."""
        return self.room_layer(view)

    def encode_rooms(self, means: Tensor) -> Tensor:
        """Encode rooms from the mean of their projected views: (ΣR, H) -> (ΣR, H)."""
        return torch.relu(means)

    def encode_means(
        self, means: Tensor, view_counts: Tensor, room_counts: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Encode museums from the mean of the projected views of each room.

        means (ΣR, H), view_counts (ΣR,), room_counts (B,) -> museum (B, H), room (ΣR, H).
        """
        room = self.encode_rooms(means)
        padding = torch.relu(self.room_layer.bias) if self._padded_rooms else None
        if self._museum_kind == "avg" and isinstance(self.museum_layer, MeanPooling):
            museum = self.museum_layer.linear(room_summary("mean", room, room_counts, padding))
        else:
            museum = self.museum_layer(room, room_counts)
        if self._merge == "none":
            return museum, room
        summary = self._mean_factor * room_summary(self._merge, room, room_counts, padding)
        return merge_rooms(self._merge, summary, museum), room

    def encode_museum_subsets(self, views: Tensor, view_counts: Tensor, present: Tensor) -> Tensor:
        """Encode a museum with only some of its ``subset_views`` (V, H): bool (N, V) -> (N, H).

        What a GRU makes of rooms that several subsets have in common is computed once.
        """
        if self._merge != "none" or not isinstance(self.museum_layer, GRUPooling):
            return super().encode_museum_subsets(views, view_counts, present)
        counts = view_counts.tolist()
        rooms, chosen, before = [], [], 0
        for own, shown in zip(views.split(counts), present.split(counts, dim=1), strict=True):
            distinct, number = torch.unique(shown, dim=0, return_inverse=True)
            distinct = distinct[distinct.any(dim=1)]
            there = shown.any(dim=1)
            # The room without views, where there is one, comes first.
            number += before - int(not there.all())
            chosen.append(number.where(there, number.new_tensor(-1)))
            rooms.append(self.encode_room_subsets(own, distinct))
            before += len(distinct)
        return self.museum_layer.of_choices(torch.cat(rooms), torch.stack(chosen, dim=1))


class FlatImageEncoder(MeanEncoder):
    """The baseline without rooms: Linear, ReLU per view, mean over the museum, Linear.

    A room or a view is encoded as if it were a whole museum. ``padded_views``: as the published
    training does, views that are not there, up to the longest museum of the batch, take part.
    """

    def __init__(
        self, width: int, hidden: int, dropout: float = 0.0, padded_views: bool = False
    ) -> None:
        super().__init__(width, hidden, dropout)
        self._padded_views = padded_views
        self.museum_layer = nn.Linear(hidden, hidden)

    def forward(self, batch: ViewBatch) -> VisionEmbedding:
        """Encode the views of ``batch`` at all levels."""
        view = self.encode_views(batch.views)
        museum, room = self._museums(view, batch)
        return VisionEmbedding(museum, room, view, self.project_views(view))

    def encode_museums(self, batch: ViewBatch) -> Tensor:
        """Encode museums at museum level only: -> (B, H)."""
        return self._museums(self.encode_views(batch.views), batch)[0]

    def _museums(self, view: Tensor, batch: ViewBatch) -> tuple[Tensor, Tensor]:
        means = self.project_views(segment_mean(view, batch.view_counts))
        museum, room = self.encode_means(means, batch.view_counts, batch.room_counts)
        if self._padded_views:
            counts = segment_sum(batch.view_counts, batch.room_counts)
            museum = self.museum_layer(self._padded_mean(view, counts))
        return museum, room

    def _padded_mean(self, view: Tensor, counts: Tensor) -> Tensor:
        """Return what the published code averages, with padding that is relu(bias), (B, H)."""
        padding = torch.relu(self.view_layer.bias)
        missing = (counts.max() - counts).unsqueeze(1)
        active = segment_sum((view.sum(dim=1, keepdim=True) > 0).long(), counts)
        active = active + missing * (padding.sum() > 0)
        return (segment_sum(view, counts) + missing * padding) / active.clamp_min(1)

    def project_views(self, view: Tensor) -> Tensor:
        """Apply the museum level's linear layer (N, H) -> (N, H); it may come before the mean."""
        return self.museum_layer(view)

    def encode_rooms(self, means: Tensor) -> Tensor:
        """Return rooms as museums of their own: the mean of their projected views (ΣR, H)."""
        return means

    def encode_means(
        self, means: Tensor, view_counts: Tensor, room_counts: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Encode museums from the mean of the projected views of each room.

        means (ΣR, H), view_counts (ΣR,), room_counts (B,) -> museum (B, H), room (ΣR, H).
        """
        weights = view_counts.to(means.dtype).unsqueeze(1)
        total = segment_sum(weights, room_counts)
        return segment_sum(means * weights, room_counts) / total, means


class AttentionImageEncoder(ViewEncoder):
    """Linear, ReLU per view; mean, attention and maximum over all views of a museum together.

    A room is encoded as if it were a whole museum, and so is a view, unless ``detail`` is the width
    of a linear map of its features by which it is compared with sentences.
    """

    def __init__(self, width: int, hidden: int, dropout: float = 0.0, detail: int = 0) -> None:
        super().__init__(width, dropout)
        self.museum_layer = AttentionPooling(width, hidden)
        self.detail_layer = nn.Linear(width, detail) if detail else None

    def forward(self, batch: ViewBatch) -> VisionEmbedding:
        """Encode the views of ``batch`` at all levels."""
        features, pool = self.dropout(self.standardise(batch.views)), self.museum_layer.pool
        view = self.museum_layer.encode_rows(features)
        return VisionEmbedding(
            museum=pool(view, segment_sum(batch.view_counts, batch.room_counts)),
            room=pool(view, batch.view_counts),
            view=view,
            view_room=self._alone(features, view),
        )

    def encode_museums(self, batch: ViewBatch) -> Tensor:
        """Encode museums at museum level only: -> (B, H)."""
        counts = segment_sum(batch.view_counts, batch.room_counts)
        return self.museum_layer.pool(self.encode_views(batch.views), counts)

    def encode_single_views(self, views: Tensor) -> Tensor:
        """Encode view features (ΣV, D) as they compare with sentences: -> (ΣV, H or detail)."""
        features = self.dropout(self.standardise(views))
        return self._alone(features, self.museum_layer.encode_rows(features))

    def _alone(self, features: Tensor, view: Tensor) -> Tensor:
        if self.detail_layer is not None:
            return self.detail_layer(features)
        return self.museum_layer.pool_alone(view)

    def encode_views(self, views: Tensor) -> Tensor:
        """Encode view features (ΣV, D) at image level: -> (ΣV, H)."""
        return self.museum_layer.encode_rows(self.dropout(self.standardise(views)))

    def subset_views(self, views: Tensor) -> Tensor:
        """Encode view features (V, D) as far as a view is encoded by itself: -> (V, H)."""
        return self.encode_views(views)

    def encode_room_subsets(self, views: Tensor, present: Tensor) -> Tensor:
        """Encode a room with only some of its ``subset_views`` (V, H): bool (N, V) -> (N, H)."""
        return self.museum_layer.pool_subsets(views, present)

    def encode_museum_subsets(self, views: Tensor, view_counts: Tensor, present: Tensor) -> Tensor:
        """Encode a museum with only some of its ``subset_views`` (V, H): bool (N, V) -> (N, H)."""
        return self.museum_layer.pool_subsets(views, present)
