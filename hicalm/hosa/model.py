"""HOSA: high-order semantic alignment of an image's regions and a text's words.

The method (LREC-COLING 2024) rebuilds the representation of one modality from the other's by a
linear combination under the tensor-tensor product (``tproduct``) in a common space, and scores by
the reconstruction. Its code is not public in full: what follows that sentence is our design.

* Regions (N, R, D_r) are projected to d numbers, words (N, W, D_w) too; words given as numbers of a
  vocabulary are embedded first, and a bidirectional GRU, the mean of its directions, reads them.
* Each side gets one global node: the mean of its local nodes by learned weights, a softmax that
  starts as the plain mean.
* A d-vector is read as (d / c, c), so that n nodes are a third-order tensor with tubes of length c,
  and normalised in the algebra: unit length at every frequency.
* Every node of a text, local or global, is rebuilt from all nodes of the image, local and global,
  and every node of the image from all of the text: local nodes see the global one and the reverse.
  ``matching`` has the formulas of the weights, softmax and all.
* The score is the mean cosine of nodes and their reconstructions, the global node weighted against
  the mean of the local ones, and the image's side against the text's.

With real weights for each frequency, the t-product works as cross-attention with c // 2 + 1 heads
that are the frequencies of the tubes; with c = 1 it is ordinary cross-attention with one head.

For pointing, the weights of words on regions are A's first frontal slice, which is the mean of the
weights over all c frequencies: none is negative and a row adds up to 1. What lies on the global
node is left out and the rest scaled to add up to 1 again.
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from hicalm.errors import HicalmError
from hicalm.hosa.matching import compare
from hicalm.hosa.nodes import Nodes, checked_counts
from hicalm.hosa.tproduct import t_normalise, t_product, t_transpose, to_frequencies, to_tubes
from hicalm.models.processes import RowDropout
from hicalm.settings import Count, Dropout, Positive, Share, Whole, settings

KIND = "hosa"


@settings
class HosaConfig:
    """All that is needed to build a model; stored as JSON beside and inside the weights."""

    region_dim: Count = 2048  # features of a region
    word_dim: Count = 300  # features of a word, or width of its embedding
    width: Count = 1024  # d: width of the common space
    tube: Count = 8  # c: length of the tubes; 1: ordinary cross-attention
    vocabulary: Whole = (
        0  # words that are embedded, with padding and unknown; 0: features are given
    )
    gru: bool = True  # a GRU reads the words in their order
    dropout: Dropout = 0.0  # share of the input features set to zero in training
    temperature: Positive = 0.1  # of the softmax over cosines
    global_weight: Share = 0.5  # share of the global node in a score
    image_weight: Share = 0.5  # share of the image's nodes in a score; the rest: the text's
    encoder: str = ""  # name and content hash of the encoder whose features the model reads

    def __post_init__(self) -> None:
        if self.width % self.tube:
            raise HicalmError(
                f"The width {self.width} must be a multiple of the tubes' length {self.tube}."
            )

    def to_json(self) -> dict:
        """Return the fields and the model's kind."""
        return {"kind": KIND, **asdict(self)}


class HosaModel(nn.Module):
    """Regions and words to nodes, and nodes to scores; see the module."""

    def __init__(self, config: HosaConfig) -> None:
        super().__init__()
        self.config = config
        self.dropout = RowDropout(config.dropout)
        self.region_layer = nn.Linear(config.region_dim, config.width)
        if config.vocabulary:
            self.embedding = nn.Embedding(config.vocabulary, config.word_dim, padding_idx=0)
        self.word_layer: nn.GRU | nn.Linear
        if config.gru:
            self.word_layer = nn.GRU(
                config.word_dim, config.width, batch_first=True, bidirectional=True
            )
        else:
            linear = nn.Linear(config.word_dim, config.width)
            if config.region_dim == config.word_dim == config.width:
                # both may come from an encoder of one space, which is where to begin
                for weight in (self.region_layer.weight, linear.weight):
                    nn.init.zeros_(weight).data.fill_diagonal_(1)
            self.word_layer = linear
        self.region_pool, self.word_pool = (nn.Linear(config.width, 1) for _ in range(2))
        for pool in (self.region_pool, self.word_pool):
            nn.init.zeros_(pool.weight)
            nn.init.zeros_(pool.bias)

    def encode_regions(self, regions: Tensor, counts: Tensor | None = None) -> Nodes:
        """Return the nodes of N images.

        Args:
            regions: (N, R, D_r) float features; what lies behind an image's count is not read.
            counts: (N,) regions of each image, in 1..R; None for R.

        Raises HicalmError for features of another width and for wrong counts.
        """
        counts = checked_counts(regions, counts, 3, self.config.region_dim, "regions")
        regions = regions.to(self.region_pool.weight.dtype)
        with _autocast(regions.device):
            local = self.region_layer(self.dropout(_zero_behind(regions, counts)))
        return _nodes(local, counts, self.region_pool, self.config.tube)

    def encode_subsets(self, regions: Tensor, present: Tensor) -> Nodes:
        """Return the nodes of one image with only some of its regions, for many subsets of them.

        The local nodes stay as they are, the global one is made anew of those that are there; what
        the layer makes of the regions is shared by all subsets.

        Args:
            regions: (R, D_r) float features.
            present: (N, R) bool, in every row at least one.
        """
        local = self.region_layer(regions.to(self.region_pool.weight.dtype))
        logits = self.region_pool(local)[:, 0].expand(len(present), -1)
        shares = logits.masked_fill(~present, float("-inf")).softmax(dim=1)  # (N, R)
        tube = self.config.tube
        together, alone = (
            t_normalise(to_tubes(rows, tube)).flatten(-2) for rows in (shares @ local, local)
        )
        counts = present.sum(dim=1)
        first = torch.argsort(~present, dim=1, stable=True)[:, : int(counts.max())]
        nodes = alone[first] * present.gather(1, first)[..., None]
        return Nodes(torch.cat([together[:, None], nodes], dim=1), counts)

    def encode_words(self, words: Tensor, counts: Tensor | None = None) -> Nodes:
        """Return the nodes of N texts.

        Args:
            words: (N, W, D_w) float features, or (N, W) int64 numbers of a vocabulary's words.
            counts: (N,) words of each text, in 1..W; None for W.

        Raises HicalmError for features of another width, wrong counts and unknown numbers.
        """
        if self.config.vocabulary:
            counts = checked_counts(words, counts, 2, 0, "words")
            size = self.config.vocabulary
            if words.numel() and not 0 <= int(words.min()) <= int(words.max()) < size:
                raise HicalmError(f"Words must be numbers from 0 and below {size}.")
            words = self.embedding(words)
        else:
            counts = checked_counts(words, counts, 3, self.config.word_dim, "words")
            words = words.to(self.word_pool.weight.dtype)
        with _autocast(words.device):
            local = self._read_words(self.dropout(_zero_behind(words, counts)), counts)
        return _nodes(local, counts, self.word_pool, self.config.tube)

    def scores(self, regions: Nodes, words: Nodes) -> Tensor:
        """Return the scores of all images with all texts: (N_img, N_txt) in [-1, 1], in blocks."""
        config = self.config
        return compare(
            regions,
            words,
            config.tube,
            config.temperature,
            config.global_weight,
            config.image_weight,
        )

    @torch.no_grad()
    def attend(self, regions: Nodes, words: Nodes) -> tuple[Tensor, Tensor]:
        """Return where the words of one text look in one image, spelt out in the algebra.

        Returns:
            The weight of each region for each word (W, R), none negative, rows adding up to 1, and
            the cosine (W,) in [-1, 1] of each word and its reconstruction.

        Raises HicalmError for more or less than one image and one text.
        """
        if (len(regions), len(words)) != (1, 1):
            raise HicalmError(
                f"Words look at one image: expected 1 image and 1 text, not {len(regions)} and "
                f"{len(words)}."
            )
        tube = self.config.tube
        keys, queries = (to_tubes(nodes.vectors[0], tube) for nodes in (regions[0], words[0]))
        similarity = to_frequencies(t_product(queries, t_transpose(keys))).real
        frequencies = (similarity / self.config.temperature).softmax(dim=1)  # (1 + W, 1 + R, H)
        weights = torch.fft.irfft(frequencies, n=tube, dim=-1)
        rebuilt = t_product(weights, keys).flatten(1)
        cosines = nn.functional.cosine_similarity(queries.flatten(1), rebuilt)
        table = weights[1:, 1:, 0].clamp(min=0)  # rounding can leave a weight just below 0
        return table / table.sum(dim=1, keepdim=True), cosines[1:]

    def _read_words(self, words: Tensor, counts: Tensor) -> Tensor:
        if not self.config.gru:
            return self.word_layer(words)
        packed = pack_padded_sequence(words, counts.cpu(), batch_first=True, enforce_sorted=False)
        read = self.word_layer(packed)[0]
        both, _ = pad_packed_sequence(read, batch_first=True, total_length=words.shape[1])
        return both.unflatten(-1, (2, -1)).mean(dim=-2)


def _nodes(local: Tensor, counts: Tensor, pool: nn.Linear, tube: int) -> Nodes:
    """Put the global node before the local ones (N, n, d) and normalise them all."""
    local = local.to(pool.weight.dtype)  # Fourier transforms and cosines are not for half precision
    behind = _behind(local, counts)
    shares = pool(local).masked_fill(behind, float("-inf")).softmax(dim=1)  # (N, n, 1)
    local = local.masked_fill(behind, 0)
    together = (shares * local).sum(dim=1, keepdim=True)
    rows = t_normalise(to_tubes(torch.cat([together, local], dim=1), tube))
    return Nodes(rows.flatten(-2), counts)


def _behind(rows: Tensor, counts: Tensor) -> Tensor:
    """Which rows of (N, n, ...) lie behind their counts: (N, n, 1) bool."""
    return (torch.arange(rows.shape[1], device=rows.device) >= counts[:, None])[..., None]


def _zero_behind(rows: Tensor, counts: Tensor) -> Tensor:
    return rows.masked_fill(_behind(rows, counts), 0)


def _autocast(device: torch.device) -> AbstractContextManager:
    """Bfloat16 on CUDA for the layers that read features; the CPU stays in float32."""
    return torch.autocast("cuda", torch.bfloat16) if device.type == "cuda" else nullcontext()
