"""Thousands of brush marks at once: one jittered mark per cell of a grid.

A pixel can only be covered by the marks of its own cell and of the eight around it. So every
mark's parameters are enlarged to pixels once, and the nine candidates are nine shifted slices:
the cost is a fixed number of array operations, whatever the number of marks.
"""

import math
from typing import NamedTuple

import cv2
import numpy as np

REACH = 1.5  # a mark reaches this many cells, less its jitter, before the grid cuts it
_MARGIN = 1  # cells around the picture, so that marks from outside reach in


class MarkGrid(NamedTuple):
    """Centres of the marks in pixels, float32 (rows, columns) each, and the cell's side."""

    x: np.ndarray
    y: np.ndarray
    cell: int
    height: int
    width: int


class Marks(NamedTuple):
    """What covers each pixel, all (height, width).

    ``number`` is the flat number of the topmost mark (int32, -1 where there is none); ``across``
    says where the pixel lies on it, -1..1 from edge to edge; ``depth`` is 1 in the middle of the
    mark and 0 at its edge.
    """

    number: np.ndarray
    across: np.ndarray
    depth: np.ndarray


def mark_grid(
    rng: np.random.Generator,
    height: int,
    width: int,
    cell: float,
    jitter: float,
    *,
    brick: bool = False,
) -> MarkGrid:
    """Spread one mark per ``cell`` pixels, moved by up to ``jitter`` cells each way.

    ``brick`` moves every other row by half a cell, which packs round marks more evenly.
    """
    side = max(2, round(cell))
    shape = (math.ceil(height / side) + 2 * _MARGIN, math.ceil(width / side) + 2 * _MARGIN)
    moves = rng.uniform(-jitter, jitter, (2, *shape)).astype(np.float32)
    rows, columns = np.indices(shape, np.float32)
    y = (rows - _MARGIN + 0.5 + moves[0]) * side
    x = (columns - _MARGIN + 0.5 + moves[1]) * side
    if brick:
        x += (rows % 2 - 0.5) * side / 2
    return MarkGrid(x, y, side, height, width)


def sample(image: np.ndarray, grid: MarkGrid) -> np.ndarray:
    """Return the picture's values at the centres of the marks, (rows, columns, ...)."""
    rows = np.clip(grid.y, 0, grid.height - 1).astype(np.intp)
    columns = np.clip(grid.x, 0, grid.width - 1).astype(np.intp)
    return image[rows, columns]


def lay_marks(
    rng: np.random.Generator,
    grid: MarkGrid,
    angle: np.ndarray | float,
    half_length: np.ndarray | float,
    half_width: np.ndarray | float,
    *,
    blunt: bool = False,
) -> Marks:
    """Lay the marks over each other in random order.

    ``angle`` (radians), ``half_length`` and ``half_width`` (pixels) are numbers or one value per
    mark, (rows, columns). ``blunt`` marks are bars with rounded ends, the others ellipses.
    """
    order = rng.permutation(grid.x.size).astype(np.float32).reshape(grid.x.shape)
    cos, sin = np.cos(angle), np.sin(angle)
    # along = x * ux + y * uy - u0 and across = x * vx + y * vy - v0, -1..1 on the mark
    ux, uy, vx, vy = cos / half_length, sin / half_length, -sin / half_width, cos / half_width
    u0, v0 = grid.x * ux + grid.y * uy, grid.x * vx + grid.y * vy
    axes = [
        np.ascontiguousarray(np.broadcast_to(np.asarray(table, np.float32), grid.x.shape))
        for table in (ux, uy, u0, vx, vy, v0)
    ]
    top = _topmost(grid, axes, order, blunt)
    by_order = np.empty(grid.x.size, np.int32)
    by_order[order.ravel().astype(np.int32)] = np.arange(grid.x.size)
    number = np.where(top >= 0, by_order[top], -1)
    return _measure(grid, axes, number, blunt)


def colour_marks(
    ground: np.ndarray, colours: np.ndarray, marks: Marks, softness: float
) -> np.ndarray:
    """Fill the marks with ``colours`` (rows, columns, 3) over ``ground``, a picture or a colour.

    ``softness`` is the share of a mark, from its edge inwards, in which it fades in.
    """
    flat = colours.reshape(-1, 3).astype(np.float32)
    cover = np.clip(marks.depth / softness, 0, 1)[..., None]
    return ground + (flat[np.maximum(marks.number, 0)] - ground) * cover


def _enlarge(table: np.ndarray, cell: int) -> np.ndarray:
    size = (table.shape[1] * cell, table.shape[0] * cell)
    return cv2.resize(table.astype(np.float32), size, interpolation=cv2.INTER_NEAREST)


def _pixel_centres(grid: MarkGrid) -> tuple[np.ndarray, np.ndarray]:
    """Return the coordinates of the pixels' middles, y (height, 1) and x (1, width)."""
    ys = np.arange(grid.height, dtype=np.float32)[:, None] + 0.5
    xs = np.arange(grid.width, dtype=np.float32)[None] + 0.5
    return ys, xs


def _windows(grid: MarkGrid) -> list[tuple[slice, slice]]:
    """Return where in an enlarged table each pixel finds its nine candidates."""
    return [
        (
            slice(row * grid.cell, row * grid.cell + grid.height),
            slice(column * grid.cell, column * grid.cell + grid.width),
        )
        for row, column in np.ndindex(3, 3)
    ]


def _power(along: np.ndarray, blunt: bool) -> np.ndarray:
    squared = along * along
    return squared * squared if blunt else squared


def _topmost(grid: MarkGrid, axes: list[np.ndarray], order: np.ndarray, blunt: bool) -> np.ndarray:
    """Return the order of the topmost mark on each pixel, -1 for none, int32."""
    ys, xs = _pixel_centres(grid)
    enlarged = [_enlarge(table, grid.cell) for table in (*axes, order + 1)]
    top = np.zeros((grid.height, grid.width), np.float32)
    for window in _windows(grid):
        ux, uy, u0, vx, vy, v0, place = (table[window] for table in enlarged)
        along = xs * ux + ys * uy - u0
        across = xs * vx + ys * vy - v0
        covered = _power(along, blunt) + across * across < 1
        np.maximum(top, covered * place, out=top)
    return top.astype(np.int32) - 1


def _measure(grid: MarkGrid, axes: list[np.ndarray], number: np.ndarray, blunt: bool) -> Marks:
    """Return where each pixel lies on the mark ``number`` that covers it."""
    ys, xs = _pixel_centres(grid)
    table = np.stack([axis.ravel() for axis in axes])
    ux, uy, u0, vx, vy, v0 = np.take(table, np.maximum(number, 0), axis=1)
    along = xs * ux + ys * uy - u0
    across = xs * vx + ys * vy - v0
    depth = np.where(number >= 0, 1 - _power(along, blunt) - across * across, 0)
    return Marks(number, across, depth)


def nearest_mark(grid: MarkGrid) -> np.ndarray:
    """Return the flat number of the nearest mark of every pixel, int32 (height, width)."""
    numbers = np.arange(grid.x.size).reshape(grid.x.shape)
    x, y, numbers = (_enlarge(table, grid.cell) for table in (grid.x, grid.y, numbers))
    ys, xs = _pixel_centres(grid)
    best = np.full((grid.height, grid.width), np.inf, np.float32)
    index = np.zeros_like(best)
    for window in _windows(grid):
        dx, dy = xs - x[window], ys - y[window]
        distance = dx * dx + dy * dy
        wins = distance < best
        np.minimum(best, distance, out=best)
        np.copyto(index, numbers[window], where=wins)
    return index.astype(np.int32)
