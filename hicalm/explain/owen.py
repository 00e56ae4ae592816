"""Owen values: shares of members inside groups, where groups come and go as a whole.

As Shapley values over the orders in which no group is torn apart (Owen 1977): views in their rooms,
parts of a query in their paragraphs. The members' shares add up to their group's Shapley value.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from hicalm.explain.shapley import MAX_PLAYERS, shapley, subset_weights, subsets
from hicalm.ragged import segment_ids

Value = Callable[[np.ndarray], np.ndarray]
MIN_ORDER_PAIRS = 2  # of sampled orders: one alone has no standard error


class Shares(NamedTuple):
    """Shares of G groups and their n members for L columns."""

    group: np.ndarray  # (G, L)
    member: np.ndarray  # (n, L)
    error: np.ndarray  # (n, L): the members' standard errors, 0 where they are exact


def owen(
    counts: np.ndarray, value: Value, budget: int, max_groups: int = MAX_PLAYERS, seed: int = 0
) -> Shares:
    """Return the Owen values of the members of groups of ``counts`` (G,), each at least 1.

    ``value`` gives subsets of the n members, bool (N, n), their values (N, L). Groups are
    enumerated up to ``max_groups`` (at most 12); members where that takes at most
    ``budget`` subsets. Otherwise about ``budget`` subsets of random orders are valued.
    """
    owner = segment_ids(counts)
    group = shapley(value(subsets(len(counts))[:, owner])) if len(counts) <= max_groups else None
    # Members of one group with every subset of the other groups; beyond 2^62 it is too many anyway.
    subset_count = (2.0 ** np.minimum(len(counts) - 1 + counts, 62)).sum()
    if group is not None and subset_count <= budget:
        member = np.concatenate([_enumerated(owner, g, value) for g in range(len(counts))])
        return Shares(group, member, np.zeros_like(member))
    pairs = max(MIN_ORDER_PAIRS, budget // (2 * len(owner)))
    groups, members = _sampled(owner, value, pairs, np.random.default_rng(seed))
    member, error = _mean_and_error(members)
    if group is None:
        group, group_error = _mean_and_error(groups)
        error = error + group_error[owner]
    even = group / counts[:, None]
    return Shares(group, member + even[owner], error)


def _enumerated(owner: np.ndarray, group: int, value: Value) -> np.ndarray:
    """Return the exact shares (n_g, L) of one group's members."""
    inside, others = owner == group, owner.max()
    masks = np.zeros((2**others, 2 ** int(inside.sum()), len(owner)), bool)
    masks[:, :, inside] = subsets(int(inside.sum()))[None]
    outer = owner[~inside]
    masks[:, :, ~inside] = subsets(others)[:, outer - (outer > group)][:, None]
    values = value(masks.reshape(-1, len(owner))).reshape(*masks.shape[:2], -1)
    return shapley(np.einsum("a,akl->kl", subset_weights(others), values))


def _sampled(
    owner: np.ndarray, value: Value, pairs: int, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return what groups gain (pairs, G, L), and members beyond an even share (pairs, n, L).

    Each is the mean of an order and its reverse, where terms of second order cancel. In every order
    the whole gain of a group is taken from its first member: who happens to come first says little
    about a member, and would be most of the noise. What is left adds up to 0 in every group. For
    the same reason the usual gain of the very first group is shared by all of them.
    """
    orders = []
    for _ in range(pairs):
        arrival = random.permutation(owner.max() + 1)[owner] + random.random(len(owner))
        orders += [np.argsort(arrival), np.argsort(-arrival)]
    position = np.argsort(np.array(orders), axis=1)  # of each member in each order
    masks = position[:, None, :] < np.arange(len(owner) + 1)[None, :, None]
    values = value(masks.reshape(-1, len(owner))).reshape(*masks.shape[:2], -1)
    gains = np.take_along_axis(np.diff(values, axis=1), position[:, :, None], axis=1)
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    groups = np.add.reduceat(gains, starts, axis=1)
    first = position == np.minimum.reduceat(position, starts, axis=1)[:, owner]
    gains[first] -= np.take_along_axis(groups, owner[None, :, None], axis=1)[first]
    leading = np.logical_or.reduceat(position == 0, starts, axis=1)
    usual = groups[leading].mean(axis=0)
    groups = groups + usual * np.where(leading, 1 / len(starts) - 1, 1 / len(starts))[:, :, None]
    return _paired(groups), _paired(gains)


def _paired(orders: np.ndarray) -> np.ndarray:
    """Average each order with its reverse: (2 pairs, n, L) -> (pairs, n, L)."""
    return (orders[0::2] + orders[1::2]) / 2


def _mean_and_error(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return samples.mean(axis=0), samples.std(axis=0, ddof=1) / np.sqrt(len(samples))
