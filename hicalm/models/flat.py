"""The flat baseline: the same interface as HiCALM, without a hierarchy."""

from hicalm.models.hicalm import ModelConfig, TwoTowers
from hicalm.models.text_tower import FlatTextTower
from hicalm.models.vision_tower import FlatVisionTower


class Flat(TwoTowers):
    """One GRU over all sentences; views averaged over the museum."""

    kind = "flat"

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self.vision = FlatVisionTower(
            config.view_dim + config.art_dim, config.hidden, config.dropout
        )
        self.text = FlatTextTower(config.text_dim, config.hidden, config.dropout)
