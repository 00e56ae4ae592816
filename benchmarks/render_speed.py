"""Time the rendering of views at the size of the app: ``python benchmarks/render_speed.py``.

Prints CPU milliseconds a view on one core over all twelve views of rooms, building the room and
drawing its paintings included, and the cost of building alone.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from hicalm.world.generate import WORLD_SEED
from hicalm.world.render import VIEWS_PER_ROOM, build_room
from hicalm.world.specification import make_museum

ROOMS = 40
WIDTH = 480  # pixels; the height is 360


def main() -> None:
    """Render the first room of some museums and print the times."""
    building, viewing = [], []
    for number in range(1, ROOMS + 1):
        museum = make_museum(WORLD_SEED, number, "train")
        started = time.process_time()
        scene = build_room(WORLD_SEED, museum, 0)
        built = time.process_time()
        for view in range(VIEWS_PER_ROOM):
            scene.render(view, WIDTH)
        building.append(built - started)
        viewing.append(time.process_time() - built)
    per_view = (np.array(building) + np.array(viewing)) / VIEWS_PER_ROOM * 1e3
    print(f"{ROOMS} rooms of {VIEWS_PER_ROOM} views at {WIDTH} x {WIDTH * 3 // 4}, one core")
    print(f"per view, building included: mean {per_view.mean():.1f} ms, worst {per_view.max():.1f}")
    print(f"building a room: mean {np.mean(building) * 1e3:.0f} ms")
    print(f"a view of a built room: mean {np.sum(viewing) / ROOMS / VIEWS_PER_ROOM * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
