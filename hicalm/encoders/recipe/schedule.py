"""The optimiser of the experts and its one-cycle schedule."""

from typing import Protocol

import torch
from torch import nn


class Schedule(Protocol):
    """The part of a training's settings that is read here."""

    @property
    def steps(self) -> int:
        """How many steps there are."""

    @property
    def learning_rate(self) -> float:
        """The peak of the cosine."""

    @property
    def warm_up(self) -> float:
        """Share of the steps until the peak."""

    @property
    def weight_decay(self) -> float:
        """AdamW's."""


def one_cycle(
    network: nn.Module, config: Schedule
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    """Return AdamW over all weights, and a cosine that rises to the peak and falls to nothing."""
    optimiser = torch.optim.AdamW(
        network.parameters(), config.learning_rate, weight_decay=config.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser,
        config.learning_rate,
        total_steps=config.steps + 1,  # the schedule takes one step more than the optimiser
        pct_start=config.warm_up,
        cycle_momentum=False,
    )
    return optimiser, schedule


__all__ = ["one_cycle"]
