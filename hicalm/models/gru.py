"""One direction of a GRU over packed rows, on a CPU: what nn.GRU computes, in less time.

The loop is over time steps only: all groups advance at once. The packed nn.GRU narrows a full-size
tensor at every time step, and autograd then fills a full-size gradient with zeros for each; here
one ``split`` hands out all steps, and autograd puts their gradients together once. Sizes: N rows,
G groups, H hidden; gates are reset, update, new.

An epoch of the published recipe takes 48.7 CPU seconds with these steps and 57.7 with nn.GRU: whole
processes, one thread, median of 3 in turn, AMD EPYC, 2026-11-25, by
``python benchmarks/full_size_cost.py FOLDER --gru 3``. A derivative written out by hand took 50.2
in the same comparison, so autograd derives the steps.
"""

import torch
from torch import Tensor


def final_states(inputs: Tensor, weight: Tensor, bias: Tensor, running: list[int]) -> Tensor:
    """Return the last state of every group (G, H), groups by falling length.

    Args:
        inputs: (N, 3 H) rows times the input weights, all groups' first rows, then their second...
        weight: (3 H, H) of the state.
        bias: (3 H,) of the state.
        running: how many groups have a row at each time; running[0] = G.
    """
    state = inputs.new_zeros(running[0], weight.shape[1])
    ended = []  # states of groups without a further row, the shortest groups first
    for rows in inputs.split(running):
        state, over = state.split([len(rows), len(state) - len(rows)])
        ended.append(over)
        state = _step(rows, state, weight, bias)
    return torch.cat([state, *reversed(ended)])


def states_of_choices(inputs: Tensor, weight: Tensor, bias: Tensor, chosen: Tensor) -> Tensor:
    """Return the last state of every group (G, H), of groups that have many rows in common.

    What several groups begin with is computed once, as are the rows' input weights.

    Args:
        inputs: (N, 3 H) rows times the input weights.
        weight: (3 H, H) of the state.
        bias: (3 H,) of the state.
        chosen: (L, G) the row of each group at each time, or -1 where it has none.
    """
    states = inputs.new_zeros(1, weight.shape[1])
    now = chosen.new_zeros(chosen.shape[1])  # the state of each group
    for rows in chosen:
        running = rows >= 0
        pairs, number = torch.unique(
            now[running] * len(inputs) + rows[running], return_inverse=True
        )
        before = states.index_select(0, pairs // len(inputs))
        now[running] = len(states) + number
        next_states = _step(inputs.index_select(0, pairs % len(inputs)), before, weight, bias)
        states = torch.cat([states, next_states])
    return states[now]


def _step(inputs: Tensor, state: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Return the next state (n, H) of ``state`` (n, H) and ``inputs`` (n, 3 H)."""
    width = state.shape[1]
    hidden = torch.nn.functional.linear(state, weight, bias)
    gates = torch.sigmoid_(inputs[:, : 2 * width] + hidden[:, : 2 * width])
    reset, update = gates.chunk(2, dim=1)
    new = torch.addcmul(inputs[:, 2 * width :], reset, hidden[:, 2 * width :]).tanh_()
    return torch.lerp(new, state, update)
