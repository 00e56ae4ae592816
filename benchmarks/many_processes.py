"""One process against two: ``python benchmarks/many_processes.py``.

The same commands, each as it is for one process and then for two: ``index --vectors`` of a grown
collection, by Ray on this machine (``--ray local``), and two epochs of ``train`` of the built-in
world, by torchrun. Prints Markdown with the seconds of the clock and of the CPU, starts included,
and whether both wrote the same vectors, and reached the same loss.
"""

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1"}
HICALM = [sys.executable, "-m", "hicalm"]
TWO = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "-m", "hicalm"]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time one process against two.")
    parser.add_argument("--museums", type=int, default=2_000, help="that are indexed")
    options = parser.parse_args()
    print("| | one process: s, CPU s | two: s, CPU s | same |\n|---|---|---|---|")
    with TemporaryDirectory() as scratch:
        grown = Path(scratch) / "grown"
        script = [sys.executable, str(ROOT / "benchmarks" / "grown_collection.py"), str(grown)]
        timed([*script, "--museums", str(options.museums)])
        index = [*HICALM, "index", str(grown), "--vectors", "--anew"]
        timed(index)  # the first run also writes where the museums lie
        one, written = timed(index), vectors(grown)
        two = timed([*index, "--ray", "local"])
        print(
            f"| index {options.museums:,} museums | {one} | {two} | {vectors(grown) == written} |"
        )
        train = ["train", str(ROOT / "assets" / "world"), "--epochs", "2", "--seeds", "1", "--out"]
        one = timed([*HICALM, *train, f"{scratch}/one"])
        two = timed([*TWO, *train, f"{scratch}/two"])
        losses = [loss(Path(scratch) / name) for name in ("one", "two")]
        same = f"{losses[0]:.4f} and {losses[1]:.4f}"
        print(f"| train two epochs | {one} | {two} | {same} |")


def timed(command: list[str]) -> str:
    """Run a command; return its seconds, and those of the CPU of its processes.

    Raises CalledProcessError. Ray's processes that outlive the command are not counted.
    """
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, check=True, **quiet)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return f"{wall:.0f}, {spent:.0f}"


def vectors(collection: Path) -> str:
    """Return a hash of the vectors beside a collection."""
    digest = hashlib.sha256()
    for path in sorted((collection / "vectors").glob("*/*.safetensors")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def loss(run: Path) -> float:
    """Return the loss of the last epoch of a run."""
    found = json.loads(next(run.rglob("metrics.json")).read_text())["history"]
    return float(found[-1]["loss"]["total"])


if __name__ == "__main__":
    main()
