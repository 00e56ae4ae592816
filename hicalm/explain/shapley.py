"""Shapley values of small games, and in closed form of games that only count the best match.

A game v gives every subset S of n players a value, L columns at once. The Shapley value of a player
is its marginal contribution v(S + player) - v(S), averaged over all orders in which the players may
come; the values of all players add up to v(all) - v(none) (Shapley 1953). A subset is a row of a
boolean table, in the order of the binary numbers: row b holds player p where bit p of b is set.
"""

from functools import lru_cache
from math import factorial

import numpy as np

MAX_PLAYERS = 12  # enumerated: 4,096 subsets


@lru_cache(maxsize=MAX_PLAYERS + 1)
def subsets(players: int) -> np.ndarray:
    """Return all subsets of n players, bool (2^n, n); row 0 is empty, the last one is full."""
    return (np.arange(2**players)[:, None] >> np.arange(players)) & 1 == 1


@lru_cache(maxsize=MAX_PLAYERS + 1)
def subset_weights(others: int) -> np.ndarray:
    """Return, for each subset of the other n players, how often just these come before a player.

    float64 (2^n,); the weights add up to 1.
    """
    sizes = subsets(others).sum(axis=1)
    orders = [
        factorial(s) * factorial(others - s) / factorial(others + 1) for s in range(others + 1)
    ]
    return np.array(orders)[sizes]


@lru_cache(maxsize=MAX_PLAYERS + 1)
def _marginals(players: int) -> np.ndarray:
    """Return the matrix (n, 2^n) that turns the values of all subsets into Shapley values."""
    present = subsets(players)
    sizes = present.sum(axis=1)
    before = [
        factorial(s) * factorial(players - 1 - s) / factorial(players) for s in range(players)
    ]
    gained = np.array([0.0, *before])[sizes]  # the subset with the player, seen from without it
    missed = np.array([*before, 0.0])[sizes]
    return np.where(present.T, gained, -missed)


def shapley(values: np.ndarray) -> np.ndarray:
    """Return the exact Shapley values (n, L) from the values of all subsets (2^n, L)."""
    return _marginals(len(values).bit_length() - 1) @ values


def best_match_share(value: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the Shapley value of a player in a game worth its best member: v(S) = max of S.

    v(none) is 0, and values may be negative. value (..., N) holds N alternative values of the
    player; others (..., n - 1) the values of the others. The result (..., N) is an increasing,
    piecewise linear function of the value: raising the bar t, the players still above it share the
    step dt evenly (Littlechild and Owen 1973, the airport game).
    """
    players = others.shape[-1] + 1
    rising = np.sort(others, axis=-1)
    slopes = 1.0 / np.arange(players, 0, -1)  # behind the k-th other, n - k players share a step
    above = np.maximum(value[..., :, None] - rising[..., None, :], 0.0)
    return value * slopes[0] + above @ np.diff(slopes)


def best_match_shares(values: np.ndarray) -> np.ndarray:
    """Return the Shapley values (..., n) of all players of such a game, values (..., n)."""
    players = values.shape[-1]
    shares = [
        best_match_share(values[..., [p]], np.delete(values, p, axis=-1)) for p in range(players)
    ]
    return np.concatenate(shares, axis=-1)
