"""Image encoders of multi-view recognition, which know no rooms: MVCNN, MVCNN-SA, DAN, VSFormer.

Each turns the views of a museum, (V, D) without padding, into one vector (H,). A room or a view
alone is encoded as if it were a whole museum.
"""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from torch.nn.utils.rnn import pad_sequence
from torch.utils.checkpoint import checkpoint

from hicalm.data.batches import ViewBatch
from hicalm.errors import HicalmError
from hicalm.models.embeddings import VisionEmbedding
from hicalm.models.image_encoder import VisionEncoder
from hicalm.models.processes import RowDropout
from hicalm.ragged import segment_ids, segment_max, segment_sum

INNER = 128  # width inside the classifier of MVCNN-SA
SCORER = 1024  # width of what scores a view in MVCNN-SA
ROWS = 128  # views, padding included, that pass through attention layers at once


class MVCNN(nn.Module):
    """The largest value of each feature over the views, then a Linear layer (Su et al. 2015)."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.classifier = nn.Linear(width, hidden)

    def forward(self, views: Tensor, counts: Tensor) -> Tensor:
        """Encode views (ΣV, D) in museums of ``counts`` (B,): -> (B, H)."""
        return self.classifier(segment_max(views, counts))


class MVCNNSA(nn.Module):
    """A sum of the views weighted by a softmax of learned scores, then two Linear layers."""

    def __init__(self, width: int, hidden: int, inner: int = INNER) -> None:
        super().__init__()
        self.score = nn.Sequential(
            nn.Linear(width, SCORER), nn.ReLU(), nn.Linear(SCORER, 1), nn.ReLU()
        )
        self.classifier = nn.Sequential(
            RowDropout(0.5), nn.Linear(width, inner), nn.ReLU(), nn.Linear(inner, hidden)
        )

    def forward(self, views: Tensor, counts: Tensor) -> Tensor:
        """Encode views (ΣV, D) in museums of ``counts`` (B,): -> (B, H)."""
        score = self.score(views)
        museum = segment_ids(counts)
        share = (score - segment_max(score, counts)[museum]).exp()  # softmax without overflow
        share = share / segment_sum(share, counts)[museum]
        return self.classifier(segment_sum(share * views, counts))


class _DANLayer(nn.Module):
    """Post-norm attention of four heads, each as wide as its input, and a pointwise network."""

    HEADS = 4

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(width, self.HEADS * width) for _ in range(3))
        for layer in (self.query, self.key, self.value):
            nn.init.normal_(layer.weight, std=(2.0 / (width + width)) ** 0.5)
        self.output = nn.Linear(self.HEADS * width, width)
        nn.init.xavier_normal_(self.output.weight)
        self.attention_norm, self.network_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.network = nn.Sequential(
            nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, width), nn.Dropout(0.1)
        )
        self.dropout = nn.Dropout(0.1)

    def forward(self, views: Tensor, there: Tensor) -> Tensor:
        """Let views (B, V, D) look at those that are ``there`` (B, V): -> (B, V, D)."""
        mixed = _attend(self.query(views), self.key(views), self.value(views), there, self)
        views = self.attention_norm(self.dropout(self.output(mixed)) + views)
        return self.network_norm(self.network(views) + views)


class _VSFormerLayer(nn.Module):
    """Pre-norm attention of eight heads and a pointwise network."""

    HEADS = 8

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.query, self.key, self.value = (nn.Linear(width, width, bias=False) for _ in range(3))
        self.output = nn.Linear(width, width)
        self.dropout = nn.Dropout(0.1)
        self.network = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, 2 * width),
            nn.GELU(),
            nn.Linear(2 * width, width),
            nn.Dropout(0.1),
        )

    def forward(self, views: Tensor, there: Tensor) -> Tensor:
        """Let views (B, V, D) look at those that are ``there`` (B, V): -> (B, V, D)."""
        normed = self.norm(views)
        mixed = _attend(self.query(normed), self.key(normed), self.value(normed), there, self)
        views = views + self.dropout(self.output(mixed))
        return views + self.network(views)


def _attend(
    query: Tensor, key: Tensor, value: Tensor, there: Tensor, layer: _DANLayer | _VSFormerLayer
) -> Tensor:
    """Scaled dot-product attention over the views that are there, heads split and joined."""
    query, key, value = (
        part.unflatten(2, (layer.HEADS, -1)).transpose(1, 2) for part in (query, key, value)
    )
    dropout = 0.1 if layer.training else 0.0
    mixed = scaled_dot_product_attention(
        query, key, value, attn_mask=there[:, None, None, :], dropout_p=dropout
    )
    return mixed.transpose(1, 2).flatten(2)


class _Transformer(nn.Module):
    """Attention layers over a museum's views, the largest value of each feature, Linear.

    Museums pass in chunks of at most ROWS views, so that no more than those are in memory. What is
    needed to learn from a chunk is computed again where there are several.
    """

    def __init__(self, width: int, hidden: int, layers: int, make: Callable[[], nn.Module]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(make() for _ in range(layers))
        self.classifier = nn.Linear(width, hidden)

    def forward(self, views: Tensor, counts: Tensor) -> Tensor:
        """Encode views (ΣV, D) in museums of ``counts`` (B,): -> (B, H)."""
        chunks = list(_chunks(counts.tolist()))
        again = len(chunks) > 1 and torch.is_grad_enabled()
        largest: list[Tensor] = []
        begin = 0
        for chunk in chunks:
            own = counts[chunk]
            rows = views[begin : (begin := begin + int(own.sum()))]
            if again:
                largest.append(checkpoint(self._pool, rows, own, use_reentrant=False))
            else:
                largest.append(self._pool(rows, own))
        return self.classifier(torch.cat(largest))

    def _pool(self, views: Tensor, counts: Tensor) -> Tensor:
        """Return the largest values of some museums' views: (ΣV, D), (B,) -> (B, D)."""
        padded = pad_sequence(list(views.split(counts.tolist())), batch_first=True)
        there = torch.arange(padded.shape[1], device=counts.device) < counts.unsqueeze(1)
        for layer in self.layers:
            padded = layer(padded, there)
        return segment_max(padded[there], counts)


def _chunks(counts: list[int]) -> Iterator[slice]:
    """Yield runs of museums that have at most ROWS views together when padded, or one museum."""
    begin, longest = 0, 0
    for end, count in enumerate(counts):
        longest = max(longest, count)
        if end > begin and longest * (end + 1 - begin) > ROWS:
            yield slice(begin, end)
            begin, longest = end, count
    yield slice(begin, len(counts))


class DAN(_Transformer):
    """Deep attention network, as adapted by MVP-N."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__(width, hidden, 2, lambda: _DANLayer(width, hidden))


class VSFormer(_Transformer):
    """View set transformer, as adapted by MVP-N."""

    def __init__(self, width: int, hidden: int) -> None:
        if width % _VSFormerLayer.HEADS:
            raise HicalmError(
                f"The image encoder 'vsformer' has {_VSFormerLayer.HEADS} heads, which do not "
                f"divide features of width {width}: choose another encoder."
            )
        super().__init__(width, hidden, 4, lambda: _VSFormerLayer(width))


COMPETITORS: dict[str, Callable[..., nn.Module]] = {
    "mvcnn": MVCNN,
    "mvcnn-sa": MVCNNSA,
    "dan": DAN,
    "vsformer": VSFormer,
}


class CompetitorImageEncoder(VisionEncoder):
    """One of COMPETITORS as an image encoder."""

    def __init__(self, width: int, hidden: int, kind: str, inner: int, dropout: float) -> None:
        super().__init__(width, dropout)
        options = {"inner": inner} if kind == "mvcnn-sa" else {}
        self.museum_layer = COMPETITORS[kind](width, hidden, **options)

    def forward(self, batch: ViewBatch) -> VisionEmbedding:
        """Encode the views of ``batch`` at all levels."""
        views = self.dropout(self.standardise(batch.views))
        single_views = self.museum_layer(
            views, torch.ones_like(batch.view_counts[:1]).expand(len(views))
        )
        return VisionEmbedding(
            museum=self.museum_layer(views, segment_sum(batch.view_counts, batch.room_counts)),
            room=self.museum_layer(views, batch.view_counts),
            view=single_views,
            view_room=single_views,
        )

    def encode_museums(self, batch: ViewBatch) -> Tensor:
        """Encode museums at museum level only: -> (B, H)."""
        views = self.dropout(self.standardise(batch.views))
        return self.museum_layer(views, segment_sum(batch.view_counts, batch.room_counts))
