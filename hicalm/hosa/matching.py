"""Compare every image with every text by what each rebuilds of the other.

The nodes of one side (queries) are rebuilt from those of the other side (keys). With rows x̂_h and
ŷ_h at frequency h, unit vectors, and the share p_h of each frequency (``tproduct``):

    similarity      s_h(x, y) = Re <x̂_h, ŷ_h>
    weights         a_h(x, y) = softmax over y of s_h(x, y) / temperature, real, adding up to 1
    reconstruction  x̃_h = sum over y of a_h(x, y) ŷ_h

This is the t-product x̃ = A * Y with the weights A = the inverse transform of a. Because a_h is
real, A's tubes are symmetric, and because it adds up to 1 at every frequency, a row of A adds up to
the identity tube: a reconstruction is a convex combination in the sense of the algebra. The softmax
takes the real part, so that it is defined for complex slices, gives conjugate frequencies the same
weights (hence real reconstructions), and at c = 1 is the softmax of ordinary cross-attention.

The cosine of a node and its reconstruction needs no reconstruction in memory:

    <x, x̃> = sum over h of p_h sum over y of a_h s_h        |x| = 1
    |x̃|²   = sum over h of p_h a_hᵀ G_h a_h                 G_h: products of the keys
"""

import torch
from torch import Tensor

from hicalm.hosa.nodes import Nodes
from hicalm.hosa.tproduct import real_slices, slice_shares, to_tubes

# Similarities of nodes at once, with a few times as much for what follows from them
BLOCK = 2**18  # on a CPU: 1 MB, which stays in its cache
CUDA_BLOCK = 2**25  # 128 MB, enough work at a time
_TEXTS = 64  # texts in a block
_TRANSPOSED = (2, 1, 0, 4, 3)  # (I, H, T, W, R) and (T, H, I, R, W)
SHORTEST = 1e-6  # reconstructions below this length, where keys cancel out, have no direction


class Side:
    """The images or the texts of a comparison: their frequency slices and which nodes count."""

    def __init__(self, nodes: Nodes, tube: int) -> None:
        self.slices = real_slices(to_tubes(nodes.vectors, tube)).transpose(1, 2)  # (N, H, n, K)
        mask = nodes.mask
        self.absent = torch.zeros_like(mask, dtype=self.slices.dtype)  # added to logits
        self.absent.masked_fill_(~mask, float("-inf"))
        self.local = mask.clone()
        self.local[:, 0] = False

    def share_of_nodes(self, global_weight: float) -> Tensor:
        """Return what each node counts in a score: (N, n), adding up to 1 in each item."""
        local = self.local / self.local.sum(dim=1, keepdim=True)
        shares = (1 - global_weight) * local
        shares[:, 0] = global_weight
        return shares.to(self.slices.dtype)


def compare(
    images: Nodes,
    texts: Nodes,
    tube: int,
    temperature: float,
    global_weight: float,
    image_weight: float,
) -> Tensor:
    """Return the scores of all images with all texts (I, T), each in [-1, 1].

    A score is the mean cosine of nodes and their reconstructions. Memory is bounded by blocks of
    images and texts; with gradients, what they need of every block is kept.

    Args:
        global_weight: share of the global node, the rest being shared by the local ones.
        image_weight: share of the image's nodes, the rest being the text's.
    """
    if not len(images) or not len(texts):
        return images.vectors.new_zeros(len(images), len(texts))
    block = CUDA_BLOCK if images.vectors.is_cuda else BLOCK
    order = torch.argsort(texts.counts)  # texts of like lengths meet, so that little is padding
    blocks = []
    for some in order.split(_TEXTS):
        part = texts[some]
        text_side = Side(part, tube)
        nodes = images.vectors.shape[1] * part.vectors.shape[1]
        image_step = max(1, block // (nodes * text_side.slices.shape[1] * len(part)))
        columns = []
        for first in range(0, len(images), image_step):
            image_side = Side(images[first : first + image_step], tube)
            by_text, by_image = both_cosines(image_side, text_side, tube, temperature)
            text = (by_text * text_side.share_of_nodes(global_weight)).sum(dim=-1)  # (I, T)
            image = (by_image * image_side.share_of_nodes(global_weight)).sum(dim=-1)  # (T, I)
            columns.append(torch.lerp(text, image.T, image_weight))
        blocks.append(torch.cat(columns))
    return torch.cat(blocks, dim=1)[:, torch.argsort(order)]


def both_cosines(images: Side, texts: Side, tube: int, temperature: float) -> tuple[Tensor, Tensor]:
    """Return the cosines of the texts' nodes (I, T, W) and of the images' nodes (T, I, R)."""
    similarity = torch.einsum("ihrk,thwk->ihtwr", images.slices, texts.slices)
    logits = similarity / temperature
    # softmax over a dimension that is not the last is much faster than over a short last one
    on_images = (logits + images.absent[:, None, None, None, :]).softmax(dim=-1)
    on_texts = (logits + texts.absent[None, None, :, :, None]).softmax(dim=-2)
    by_image = _cosines(on_texts.permute(_TRANSPOSED), similarity.permute(_TRANSPOSED), texts, tube)
    return _cosines(on_images, similarity, images, tube), by_image


def _cosines(weights: Tensor, similarity: Tensor, keys: Side, tube: int) -> Tensor:
    """Return the cosines of the queries' nodes and their reconstructions (N, M, q).

    Args:
        weights, similarity: (N, H, M, q, n): N items of ``keys`` with n nodes, M items of queries
            with q.
    """
    shares = slice_shares(tube).to(similarity)
    along = (weights * similarity).sum(dim=-1)  # (N, H, M, q)
    flat = weights.flatten(2, 3)
    if keys.slices.shape[-2] <= keys.slices.shape[-1]:  # the cheaper of two ways to |x̃|²
        squared = ((flat @ (keys.slices @ keys.slices.mT)) * flat).sum(dim=-1)
    else:
        squared = (flat @ keys.slices).square().sum(dim=-1)
    squared = torch.einsum("nhx,h->nx", squared, shares).clamp(min=SHORTEST**2)
    along = torch.einsum("nhmq,h->nmq", along, shares)
    return along / squared.sqrt().unflatten(1, along.shape[1:])
