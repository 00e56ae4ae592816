"""Networks of shapes alone."""

import torch
from torch import nn

from hicalm.encoders.empty_networks import empty
from hicalm.encoders.thin_resnet import ThinResNet


def test_an_empty_network_has_the_shapes_of_a_drawn_one() -> None:
    drawn, without = ThinResNet(5).state_dict(), empty(lambda: ThinResNet(5)).state_dict()
    assert {key: value.shape for key, value in drawn.items()} == {
        key: value.shape for key, value in without.items()
    }
    assert all(value.is_meta for value in without.values())


def test_nothing_is_drawn_and_other_networks_are_drawn_as_ever() -> None:
    torch.manual_seed(0)
    expected = nn.Linear(3, 2).weight
    torch.manual_seed(0)
    empty(lambda: nn.Linear(3, 2))
    torch.testing.assert_close(nn.Linear(3, 2).weight, expected)
