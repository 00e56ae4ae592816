"""One direction of a GRU over packed rows, on a CPU: what nn.GRU computes, in less time.

The packed nn.GRU narrows a full-size tensor at every time step, and autograd then fills a full-size
gradient with zeros for each; here the derivative is written out, so that every gate's gradient goes
to its place once and the weights' gradient is one matrix product. The loop is over time steps only:
all groups advance at once. Sizes: N rows, G groups, H hidden; gates are reset, update, new.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


def final_states(inputs: Tensor, weight: Tensor, bias: Tensor, running: list[int]) -> Tensor:
    """Return the last state of every group (G, H), groups by falling length.

    Args:
        inputs: (N, 3 H) rows times the input weights, all groups' first rows, then their second...
        weight: (3 H, H) of the state.
        bias: (3 H,) of the state.
        running: how many groups have a row at each time; running[0] = G.
    """
    if torch.is_grad_enabled():
        return _FinalStates.apply(inputs, weight, bias, running)
    state = inputs.new_zeros(running[0], weight.shape[1])
    for rows in inputs.split(running):
        state[: len(rows)] = _step(rows, state[: len(rows)], weight, bias)[0]
    return state


def _step(
    inputs: Tensor, state: Tensor, weight: Tensor, bias: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the next state (n, H), the gates reset and update (n, 2 H), the new state proposed
    (n, H), and what the state gives to it (n, H)."""
    width = state.shape[1]
    hidden = torch.nn.functional.linear(state, weight, bias)
    gates = torch.sigmoid_(inputs[:, : 2 * width] + hidden[:, : 2 * width])
    reset, update = gates.chunk(2, dim=1)
    own = hidden[:, 2 * width :]
    new = torch.addcmul(inputs[:, 2 * width :], reset, own).tanh_()
    return torch.lerp(new, state, update), gates, new, own


class _FinalStates(torch.autograd.Function):
    """``final_states`` with its derivative."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, weight: Tensor, bias: Tensor, running: list[int]):
        width, first = weight.shape[1], 0
        before = inputs.new_empty(len(inputs), width)
        state, steps = inputs.new_zeros(running[0], width), []
        for count in running:
            rows = slice(first, first + count)
            before[rows] = state[:count]
            after, *kept = _step(inputs[rows], before[rows], weight, bias)
            steps += kept
            state[:count] = after
            first += count
        ctx.save_for_backward(weight, before, *steps)
        ctx.running = running
        return state

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor):
        weight, before, *steps = ctx.saved_tensors
        width, last = weight.shape[1], len(before)
        by_input, by_state = (before.new_empty(last, 3 * width) for _ in range(2))
        state = gradient.clone()  # a group's own gradient enters at its last step
        for time in reversed(range(len(ctx.running))):
            count = ctx.running[time]
            gates, new, own = steps[3 * time : 3 * time + 3]
            reset, update = gates.chunk(2, dim=1)
            rows, wanted = slice(last - count, last), state[:count]
            last -= count
            slope = gates * (1 - gates)
            to_new, to_update = by_input[rows, 2 * width :], by_input[rows, width : 2 * width]
            torch.addcmul(wanted, wanted, update, value=-1, out=to_new)
            to_new.mul_(1 - new.square())
            torch.sub(before[rows], new, out=to_update).mul_(wanted).mul_(slope[:, width:])
            torch.mul(to_new, own, out=by_input[rows, :width]).mul_(slope[:, :width])
            by_state[rows, : 2 * width] = by_input[rows, : 2 * width]
            torch.mul(to_new, reset, out=by_state[rows, 2 * width :])
            torch.addmm(wanted.mul_(update), by_state[rows], weight, out=wanted)
        return by_input, by_state.T @ before, by_state.sum(dim=0), None
