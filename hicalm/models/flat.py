"""The flat baseline: the same interface as HiCALM, without a hierarchy."""

from hicalm.models.hicalm import DualEncoder, ModelConfig
from hicalm.models.image_encoder import FlatImageEncoder
from hicalm.models.text_encoder import FlatTextEncoder


class Flat(DualEncoder):
    """One GRU over all sentences; views averaged over the museum."""

    kind = "flat"

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self.vision = FlatImageEncoder(
            config.view_dim + config.art_dim, config.hidden, config.dropout
        )
        self.text = FlatTextEncoder(config.text_dim, config.hidden, config.dropout)
