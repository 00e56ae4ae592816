"""What loading, an epoch and an evaluation cost: ``python benchmarks/full_size_cost.py FOLDER``.

FOLDER is a collection that ``benchmarks/full_size.py`` made. Every step is a process of its own
with one thread; prints its CPU seconds and its peak memory, imports and start-up included, and of
loading also the seconds without them. An epoch is that of the published recipe: training,
validation, and the ranking of the training museums. ``--gru N`` measures only an epoch, N times for
each way to run the GRU in turn: the library's steps and PyTorch's packed nn.GRU.
"""

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
LOAD = """
import sys, time
from hicalm.data.collection import load_collection
begin = time.process_time()
collection = load_collection(sys.argv[1])
collection.split("train")
print(f"loading alone: {time.process_time() - begin:.2f} CPU s")
"""
PACKED = """
from torch.nn.utils.rnn import PackedSequence
from hicalm.models.pooling import GRUPooling

def packed(self, rows, counts, order, running):
    return self.gru(PackedSequence(rows[order], running))[1].mean(dim=0)

GRUPooling._stepped = packed
"""
GRUS = {"the library's steps": "", "packed nn.GRU": PACKED}


def main() -> None:
    """Run every step and print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="a collection of full size")
    parser.add_argument("--gru", type=int, metavar="N", help="compare N epochs of each GRU instead")
    options = parser.parse_args()
    folder = options.folder.resolve()
    if options.gru:
        return _compare_grus(folder, options.gru)
    command = [sys.executable, "-m", "hicalm"]
    with TemporaryDirectory() as scratch:
        run = str(Path(scratch) / "hicalm")
        train = [*command, *_training(folder, run)]
        evaluate = [*command, "evaluate", "--collection", str(folder), "--checkpoint", run]
        evaluate += ["--threads", "1"]
        _measure("importing torch", [sys.executable, "-c", "import torch"])
        _measure("loading", [sys.executable, "-c", LOAD, str(folder)])
        _measure("one epoch, with start-up", train)
        _measure("evaluation without nDCG", [*evaluate, "--no-concepts"])
        _measure("evaluation with nDCG", [*evaluate, "--concepts"])


def _training(folder: Path, run: str) -> list[str]:
    options = ["--preset", "published", "--seeds", "1", "--epochs", "1", "--threads", "1"]
    return ["train", str(folder), *options, "--out", run]


def _compare_grus(folder: Path, times: int) -> None:
    costs = {name: [] for name in GRUS}
    for _ in range(times):
        for name, swap in GRUS.items():
            code = f"{swap}\nfrom hicalm.cli import main\nmain()"
            with TemporaryDirectory() as scratch:
                training = _training(folder, str(Path(scratch) / "hicalm"))
                costs[name].append(_measure(name, [sys.executable, "-c", code, *training]))
    for name, seconds in costs.items():
        print(f"{name}: median {statistics.median(seconds):.1f} CPU s of {times}")


def _measure(name: str, command: list[str]) -> float:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        text=True,
    )
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{name} failed: {' '.join(command)}")
    cpu, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e6
    print(f"{name}: {cpu:.1f} CPU s, peak {peak:.2f} GB", flush=True)
    if printed and name == "loading":
        print(f"  {printed.strip()}")
    return cpu


if __name__ == "__main__":
    main()
