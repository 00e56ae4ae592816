"""One process against Ray on this machine: ``python benchmarks/ray_index.py``.

``index --vectors`` of a grown collection, as it is and with ``--ray local``. Prints Markdown with
the seconds of the clock and of the CPU, starts included, and whether both wrote the same vectors.
"""

import argparse
import hashlib
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1"}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Time one process against Ray.")
    parser.add_argument("--museums", type=int, default=20_000)
    options = parser.parse_args()
    with TemporaryDirectory() as scratch:
        grown = Path(scratch) / "grown"
        script = [sys.executable, str(ROOT / "benchmarks" / "grown_collection.py"), str(grown)]
        timed([*script, "--museums", str(options.museums)])
        index = [sys.executable, "-m", "hicalm", "index", str(grown), "--vectors", "--anew"]
        timed(index)  # the first run also writes where the museums lie
        one, written = timed(index), vectors(grown)
        by_ray = timed([*index, "--ray", "local"])
        print("| museums | one process: s, CPU s | Ray: s, CPU s | same |\n|---|---|---|---|")
        print(f"| {options.museums:,} | {one} | {by_ray} | {vectors(grown) == written} |")


def timed(command: list[str]) -> str:
    """Run a command; return its seconds, and those of the CPU of its processes.

    Raises CalledProcessError. Processes that outlive the command, as Ray's do, are not counted.
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


if __name__ == "__main__":
    main()
