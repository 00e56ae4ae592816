"""The plan tagger's network: MiniLM, and one linear layer that gives the logits of all heads."""

from collections.abc import Mapping

from torch import Tensor, nn

from hicalm.encoders.empty_networks import empty
from hicalm.encoders.minilm_network import WIDTH, MiniLM, fill, minilm_state


class TaggerNetwork(nn.Module):
    """MiniLM with ``outputs`` logits for every token; the weights are random at first."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        self.bert, self.heads = MiniLM(), nn.Linear(WIDTH, outputs)

    def forward(self, ids: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return logits (N, L, outputs) of token ids int64 (N, L), with a mask (N, L) or none."""
        return self.heads(self.bert(ids, mask).last_hidden_state)


def untrained(outputs: int) -> TaggerNetwork:
    """Return a network of its own with MiniLM as it is published, and heads that know nothing."""
    network = TaggerNetwork(outputs)
    network.bert.load_state_dict(minilm_state())
    return network


def shapes(outputs: int) -> Mapping[str, Tensor]:
    """Return all weights without their numbers."""
    return empty(lambda: TaggerNetwork(outputs)).state_dict()


def trained(outputs: int, state: Mapping[str, Tensor]) -> TaggerNetwork:
    """Return a network for reading; what ``state`` has not changed of MiniLM is shared.

    Raises RuntimeError where the heads are missing.
    """
    return fill(empty(lambda: TaggerNetwork(outputs)), "bert", state)
