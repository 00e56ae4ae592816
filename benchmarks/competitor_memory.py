"""Peak memory of DAN and VSFormer: ``python benchmarks/competitor_memory.py``.

A batch of museums of 5 to 8 rooms, 12 views a room, with features of 512 numbers and those of the
art expert (all random), is encoded without gradients (``encode``), or a training step with Adam is
done on it (``train``), like every step but the first. Each is a process of its own with one thread,
first with all museums at once and Adam's moments in memory, then as training does it: in chunks,
and many moments in files. Prints the peak memory of the process, and how much of it are the weights
and, in a training step, their gradients and the moments in memory. ``run`` is a whole training
instead: an epoch by the preset `published`, from a collection of random features (two rooms a
museum) to a checkpoint that loads again.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STEP = """
import resource, sys, tempfile, time
from pathlib import Path
from hicalm.cli.options import bound_threads
bound_threads(1)
import numpy as np, torch
from hicalm.data.batches import ViewBatch
from hicalm.geometry import cosine
from hicalm.models import competitors
from hicalm.models.competitors import CompetitorImageEncoder
from hicalm.models.losses import hinge_loss
from hicalm.training.filed_adam import MANY, FiledAdam, moments_size, keep_no_freed_memory

kind, task, way, museums, width = *sys.argv[1:4], int(sys.argv[4]), 512 + int(sys.argv[5])
if way == "whole":
    competitors.ROWS = sys.maxsize
torch.manual_seed(0)
encoder = CompetitorImageEncoder(width, 256, kind, competitors.INNER, 0.0)
rooms = torch.from_numpy(np.random.default_rng(0).choice([5, 6, 7, 8], museums))
views = torch.full((int(rooms.sum()),), 12)
batch = ViewBatch(views=torch.randn(12 * len(views), width), view_counts=views, room_counts=rooms)
kept = sum(weight.nbytes for weight in encoder.parameters()) * (2 if task == "train" else 1)
begin = time.process_time()
if task == "train":
    if way == "chunks" and moments_size(encoder.parameters()) > MANY:
        keep_no_freed_memory()
        folder = tempfile.TemporaryDirectory(dir=Path.cwd())
        optimiser = FiledAdam(encoder.parameters(), 0.001, Path(folder.name))
    else:
        optimiser = torch.optim.Adam(encoder.parameters())
        kept += moments_size(encoder.parameters())
    for weight in encoder.parameters():
        weight.grad = torch.zeros_like(weight)
    optimiser.step()  # makes the moments
    optimiser.zero_grad()
    hinge_loss(cosine(torch.randn(museums, 256), encoder.encode_museums(batch))).backward()
    optimiser.step()
else:
    with torch.inference_mode():
        encoder.eval().encode_museums(batch)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
seconds = time.process_time() - begin
print(f"{peak / 1e9:.2f} GB, of which {kept / 1e9:.2f} GB are kept; {seconds:.0f} CPU s")
"""

RUN = """
import resource, sys, tempfile, time
from pathlib import Path
from hicalm.cli.options import bound_threads
bound_threads(1)
import numpy as np
from hicalm.data.collection import (
    Collection, Features, Fingerprint, Museum, Room, save_collection,
)
from hicalm.training.experiment import train_on_collection

kind, museums, art = sys.argv[1], int(sys.argv[4]), int(sys.argv[5])
rooms = tuple(Room(f"Room {n}", ("A red hall.", "Ships at sea."), 12) for n in (1, 2))
made = tuple(
    Museum(f"m{n}", f"M{n}", "validation" if n == 0 else "train", ("A museum.",), rooms)
    for n in range(museums)
)
chance = np.random.default_rng(0)
arrays = {
    name: chance.standard_normal((rows * museums, width)).astype(np.float16)
    for name, rows, width in (("view", 24, 512), ("art", 24, art), ("sentence", 5, 512))
}
prints = {name: Fingerprint(name, "random", rows.shape[1]) for name, rows in arrays.items()}
with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
    collection = Collection("Random", "", made, {"source": "none"}, Features(arrays, prints))
    save_collection(collection, Path(folder, "collection"))
    changes = {"epochs": 1, "seed": 0}
    train_on_collection(
        Path(folder, "collection"), Path(folder, "run"), kind, "published", changes, {}, True
    )
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(f"{peak / 1e9:.2f} GB; {time.process_time():.0f} CPU s")
"""


def main() -> None:
    """Measure every step that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--museums", type=int, default=64, help="of the batch")
    parser.add_argument("--art", type=int, default=2048, help="width of the art expert's features")
    parser.add_argument("--kinds", nargs="+", default=["dan", "vsformer"])
    parser.add_argument("--tasks", nargs="+", default=["encode", "train"])
    parser.add_argument("--ways", nargs="+", default=["whole", "chunks"])
    options = parser.parse_args()
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    for task in options.tasks:
        for kind in options.kinds:
            for way in ["chunks"] if task == "run" else options.ways:
                sizes = [str(options.museums), str(options.art)]
                script = RUN if task == "run" else STEP
                command = [sys.executable, "-c", script, kind, task, way, *sizes]
                done = subprocess.run(command, env=environment, capture_output=True, text=True)
                if done.returncode:
                    raise SystemExit(f"{task}, {kind}, {way} failed: {done.stderr[-500:]}")
                print(f"{task}, {kind}, {way}: {done.stdout.strip()}", flush=True)


if __name__ == "__main__":
    main()
