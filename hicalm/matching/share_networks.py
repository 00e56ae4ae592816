"""Two small networks that turn what is seen in a room's views into shares of its paintings.

The *single* network reads one attribute: statistics of the views' cosines with its anchor and which
kind it is. The *joint* network reads several attributes of a painting at once (a cubist portrait is
more than cubist paintings and portraits in one room): the shares of each, multiplied and the least,
and statistics over views of how far one view shows all of them. Both say two things: the expected
share of the room's paintings (for an attribute of the room: the probability) and the probability
that there is any. Trained with cross-entropy, so both are probabilities as far as the data tell.
"""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from hicalm.encoders.attributes import KINDS
from hicalm.encoders.weights import load_state
from hicalm.errors import HicalmError
from hicalm.files import filling, read_json, to_json
from hicalm.matching.view_table import STATISTICS

WEIGHTS_FILE, CONFIG_FILE = "match.safetensors", "match.json"
FORMAT = 1
WIDTH = 32
SINGLE_INPUTS = STATISTICS + len(KINDS)
JOINT_INPUTS = 2 + 2 * (STATISTICS - 1)  # the least of a joint match says nothing: it is near 0
OUTPUTS = 2  # the expected share, and the probability of any
AT_ONCE = 200_000  # rows in one pass; bounds the memory


class ShareNetwork(nn.Module):
    """A network of two hidden layers over standardised inputs, giving probabilities."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(inputs))
        self.register_buffer("deviation", torch.ones(inputs))
        self.layers = nn.Sequential(
            nn.Linear(inputs, WIDTH),
            nn.SiLU(),
            nn.Linear(WIDTH, WIDTH),
            nn.SiLU(),
            nn.Linear(WIDTH, OUTPUTS),
        )

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the logits (N, 2) of inputs (N, I)."""
        return self.layers((inputs - self.mean) / self.deviation)

    @torch.inference_mode()
    def probabilities(self, inputs: np.ndarray) -> np.ndarray:
        """Return the expected shares and the probabilities of any, float32 (N, 2), in 0..1."""
        parts = [
            self(torch.from_numpy(inputs[start : start + AT_ONCE])).sigmoid().numpy()
            for start in range(0, len(inputs), AT_ONCE)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, OUTPUTS), np.float32)


class ShareNetworks(nn.Module):
    """The single and the joint network; ``encoder`` labels whose features they read."""

    def __init__(self, encoder: str) -> None:
        super().__init__()
        self.encoder = encoder
        self.single, self.joint = ShareNetwork(SINGLE_INPUTS), ShareNetwork(JOINT_INPUTS)

    def save(self, folder: Path) -> None:
        """Write weights and configuration to a folder, under another name first."""
        with filling(folder) as temporary:
            state = {name: value.contiguous() for name, value in self.state_dict().items()}
            save_file(state, temporary / WEIGHTS_FILE)
            config = {"format": FORMAT, "encoder": self.encoder}
            (temporary / CONFIG_FILE).write_text(to_json(config, indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path) -> "ShareNetworks":
        """Read a folder. Raises HicalmError for one that is missing or holds something else."""
        folder = Path(folder)
        try:
            config = read_json(folder / CONFIG_FILE)
            if config["format"] != FORMAT:
                raise ValueError(f"format {config['format']}, expected {FORMAT}")
            networks = cls(str(config["encoder"]))
            state = networks.state_dict()
            networks.load_state_dict(load_state(folder / WEIGHTS_FILE, state, complete=True))
        except (OSError, ValueError, KeyError, TypeError) as error:
            reason = str(error).partition("\n")[0].rstrip(":. ")
            raise HicalmError(
                f"'{folder}' does not hold the networks that match rooms: {reason}. Make them with "
                "'python -m hicalm match train'."
            ) from error
        return networks.eval()


def kind_inputs(columns: np.ndarray, statistics: np.ndarray) -> np.ndarray:
    """Return what the single network reads, float32 (M * k, 12).

    ``columns`` (k,) of the attributes, ``statistics`` (M, k, 5) of their activations.
    """
    sizes = [len(values) for values in KINDS.values()]
    kind = np.repeat(np.arange(len(sizes)), sizes)[columns]
    one_hot = np.eye(len(sizes), dtype=np.float32)[kind]
    one_hot = np.broadcast_to(one_hot, (*statistics.shape[:2], len(sizes)))
    return np.concatenate([statistics, one_hot], axis=2).reshape(-1, SINGLE_INPUTS)
