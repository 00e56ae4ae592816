"""The built-in encoder's networks, in the layout of open_clip's ``CustomTextCLIP``.

The names of modules and weights are open_clip's, so that the files can be read by either.
"""

from torch import Tensor, nn

from hicalm.encoders.minilm_network import PAD, WIDTH, MiniLM
from hicalm.encoders.thin_resnet import ThinResNet


class BuiltinNetworks(nn.Module):
    """A text encoder and an image encoder of one space, of ``dim`` dimensions (D)."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.text, self.visual = BuiltinText(dim), nn.ModuleDict({"trunk": ThinResNet(dim)})

    def encode_text(self, tokens: Tensor) -> Tensor:
        """Return the embeddings of token ids int64 (N, L), padded with 0: float32 (N, D)."""
        return self.text(tokens)

    def encode_image(self, batch: Tensor) -> Tensor:
        """Return the embeddings of network input float32 (N, 3, h, w): float32 (N, D)."""
        return self.visual["trunk"](batch)


class BuiltinText(nn.Module):
    """MiniLM, the mean over a text's tokens, and a linear projection to ``dim`` dimensions (D)."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.transformer, self.pooler = MiniLM(), MeanPooler()
        self.proj = nn.Linear(WIDTH, dim, bias=False)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the embeddings of token ids int64 (N, L), padded with 0: (N, D)."""
        mask = (tokens != PAD).long()
        return self.proj(self.pooler(self.transformer(tokens, mask).last_hidden_state, mask))


class MeanPooler(nn.Module):
    """The mean of the tokens that are no padding: (N, L, C) and a mask (N, L) -> (N, C)."""

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """Average; a text has two end marks at least."""
        return (tokens * mask.unsqueeze(-1)).sum(dim=1) / mask.sum(-1, keepdim=True)
