"""all-MiniLM-L6-v2 in plain torch: importing transformers, which has it too, takes seconds.

Names of modules and weights are those of transformers' ``BertModel``, and so are the results. The
published weights are read once and shared: of the networks that start from them (the text encoder,
the query encoder, the plan tagger) each keeps in memory only what it changed. N texts, L tokens.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple, TypeVar

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

from hicalm.encoders.minilm import WEIGHTS_FILE, minilm_folder

WIDTH = 384  # of a token's vector
LAYERS, HEADS, INNER = 6, 12, 1536
TOKENS, POSITIONS, TYPES = 30_522, 512, 2
NORM_EPS = 1e-12
DROPOUT = 0.1  # in training
PAD = 0  # the token that fills up a text

Network = TypeVar("Network", bound=nn.Module)


class Tokens(NamedTuple):
    """What comes out: ``last_hidden_state`` float32 (N, L, 384), as transformers calls it."""

    last_hidden_state: Tensor


class MiniLM(nn.Module):
    """MiniLM without the pooler that it was published with; its weights are random at first."""

    def __init__(self) -> None:
        super().__init__()
        self.embeddings, self.encoder = _Embeddings(), _Layers()

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None) -> Tokens:
        """Read token ids, int64 (N, L); the mask (N, L) is 0 at padding, None where there is none.

        Raises IndexError for more than 512 tokens.
        """
        mask = None
        if attention_mask is not None and not attention_mask.all():
            mask = attention_mask.bool()[:, None, None]
        hidden = self.embeddings(input_ids)
        for layer in self.encoder.layer:
            hidden = layer(hidden, mask)
        return Tokens(hidden)


class _Embeddings(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(TOKENS, WIDTH, padding_idx=PAD)
        self.position_embeddings = nn.Embedding(POSITIONS, WIDTH)
        self.token_type_embeddings = nn.Embedding(TYPES, WIDTH)
        self.LayerNorm = nn.LayerNorm(WIDTH, NORM_EPS)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, ids: Tensor) -> Tensor:
        positions = torch.arange(ids.shape[1], device=ids.device)
        hidden = self.word_embeddings(ids) + self.token_type_embeddings.weight[0]
        return self.dropout(self.LayerNorm(hidden + self.position_embeddings(positions)))


class _Layers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.ModuleList(_Layer() for _ in range(LAYERS))


class _Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = _Attention()
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(WIDTH, INNER)})
        self.output = _Output(INNER)

    def forward(self, hidden: Tensor, mask: Tensor | None) -> Tensor:
        hidden = self.attention(hidden, mask)
        return self.output(F.gelu(self.intermediate["dense"](hidden)), hidden)


class _Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.self, self.output = _SelfAttention(), _Output(WIDTH)

    def forward(self, hidden: Tensor, mask: Tensor | None) -> Tensor:
        return self.output(self.self(hidden, mask), hidden)


class _SelfAttention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH) for _ in range(3))

    def forward(self, hidden: Tensor, mask: Tensor | None) -> Tensor:
        shape = (*hidden.shape[:2], HEADS, WIDTH // HEADS)
        query, key, value = (
            linear(hidden).view(shape).transpose(1, 2)
            for linear in (self.query, self.key, self.value)
        )
        dropout = DROPOUT if self.training else 0.0
        found = F.scaled_dot_product_attention(query, key, value, mask, dropout)
        return found.transpose(1, 2).reshape(hidden.shape)


class _Output(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.dense = nn.Linear(width, WIDTH)
        self.LayerNorm = nn.LayerNorm(WIDTH, NORM_EPS)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, found: Tensor, before: Tensor) -> Tensor:
        return self.LayerNorm(self.dropout(self.dense(found)) + before)


@lru_cache(maxsize=1)
def minilm_state() -> Mapping[str, Tensor]:
    """Return MiniLM's published weights, float32, which nobody may change: networks share them.

    Raises HicalmError as ``minilm_folder``.
    """
    state = load_file(minilm_folder() / WEIGHTS_FILE)
    left_out = ("pooler.", "embeddings.position_ids")
    return {key: value for key, value in state.items() if not key.startswith(left_out)}


def fill(network: Network, part: str, own: Mapping[str, Tensor]) -> Network:
    """Give an empty network its weights, for evaluation: MiniLM's, and its own where it has any.

    Args:
        part: the name of the module that is MiniLM, whose weights are shared.
        own: weights of any precision, kept as float32. Raises RuntimeError where one is missing.
    """
    shared = {f"{part}.{key}": value for key, value in minilm_state().items()}
    network.load_state_dict(shared | single_precision(own), assign=True)
    return network.eval()


def single_precision(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return weights as float32; counters stay integers."""
    return {k: v.float() if v.is_floating_point() else v for k, v in state.items()}
