"""Time the app's start: ``python benchmarks/start_up.py [OTHER] [--repeats 5] [--app ...]``.

Starts ``app.py`` in new processes and measures, of this tree and of another one in turn: what
importing the searcher takes, the first byte of the page, the first search that is answered (asked
at the first byte: it waits for the models), and the peak memory by then. Prints medians with the
least and the most; seconds are those of the clock and, of the process, of the CPU (user and
system), which another program on the same cores changes less. Behind ``--app`` stand options of
``app.py``, such as ``--collection FOLDER --index vectors``. Then 100 short queries of the test
split are asked one after the other through the API, each of them once, by plain HTTP: Gradio's
Python client looks for its answer every twentieth of a second.
"""

import argparse
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 180.0  # seconds
IMPORT = "import hicalm.search.searcher"
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1"}
# What is measured, in seconds; memory in MB.
FIGURES = (
    "importing the searcher, CPU s",
    "first byte, s",
    "first byte, CPU s",
    "first answer, s",
    "first answer, CPU s",
    "peak memory, MB",
    "100 searches, p50 ms",
    "100 searches, p95 ms",
    "CPU ms a search",
    "peak memory after them, MB",
)
SEARCHES = 100


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url: str, started: float) -> float:
    """Return the seconds from ``started`` to an answer of ``url``.

    Raises TimeoutError where there is none after three minutes.
    """
    while time.perf_counter() - started < PATIENCE:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                answer.read(1)
                return time.perf_counter() - started
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"{url} did not answer within {PATIENCE:.0f} s")


def cpu_seconds(process: int) -> float:
    """Return the CPU seconds of a process until now, user and system."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_memory(process: int) -> float:
    """Return the largest resident memory of a process until now, in MB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


def import_seconds(tree: Path) -> float:
    """Return the CPU seconds of a Python that only imports the searcher."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", IMPORT], cwd=tree, env=ENVIRONMENT, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def short_queries() -> list[str]:
    """Return short queries of the test split."""
    lines = (ROOT / "assets" / "queries" / "paraphrased.jsonl").read_text().splitlines()
    queries = [json.loads(line) for line in lines]
    return [one["query"] for one in queries if one["split"] == "test"][:SEARCHES]


def search(port: int, query: str) -> None:
    """Ask the app for ten museums, and wait for them. Raises RuntimeError for another answer."""
    address = f"http://127.0.0.1:{port}/gradio_api/call/v2/search"
    asked = json.dumps({"query": query, "top": 10}).encode()
    request = urllib.request.Request(address, asked, {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        event = json.load(answer)["event_id"]
    with urllib.request.urlopen(
        f"http://127.0.0.1:{port}/gradio_api/call/search/{event}"
    ) as answer:
        events = answer.read()
    if b"event: complete" not in events:
        raise RuntimeError(f"'{query}' was answered by {events[:500]!r}")


def measure(tree: Path, options: list[str]) -> tuple[float, ...]:
    """Start with options of the app, ask, stop; return the ``FIGURES`` of a tree."""
    imported, port = import_seconds(tree), free_port()
    command = [sys.executable, "app.py", "--port", str(port), *options]
    started = time.perf_counter()
    app = subprocess.Popen(command, cwd=tree, env=ENVIRONMENT, stdout=subprocess.DEVNULL)
    try:
        first_byte = wait_for(f"http://127.0.0.1:{port}/", started)
        by_first_byte = cpu_seconds(app.pid)
        search(port, "a room of seascapes")
        answered = time.perf_counter() - started
        spent, peak = cpu_seconds(app.pid), peak_memory(app.pid)
        times = []
        for query in short_queries():
            asked = time.perf_counter()
            search(port, query)
            times.append(1_000 * (time.perf_counter() - asked))
        each = 1_000 * (cpu_seconds(app.pid) - spent) / len(times)
        slow = float(statistics.quantiles(times, n=20)[-1])
        later = statistics.median(times), slow, each, peak_memory(app.pid)
        return imported, first_byte, by_first_byte, answered, spent, peak, *later
    finally:
        app.terminate()
        app.wait(20)


def main() -> None:
    """Measure the trees in turn, so that what else the machine does meets both; print."""
    parser = argparse.ArgumentParser(description="Time the app's start.")
    parser.add_argument("other", nargs="?", type=Path, help="another checkout to compare with")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--app", nargs=argparse.REMAINDER, default=[], help="options of app.py")
    options = parser.parse_args()
    trees = {"this tree": ROOT} | ({"other tree": options.other} if options.other else {})
    found: dict[str, list[tuple[float, ...]]] = {name: [] for name in trees}
    for _ in range(options.repeats):
        for name, tree in trees.items():
            found[name].append(measure(tree, options.app))
    for name, runs in found.items():
        print(f"{name}, {options.repeats} starts:")
        for figure, values in zip(FIGURES, zip(*runs, strict=True), strict=True):
            middle = statistics.median(values)
            print(f"  {figure}: {middle:.1f} ({min(values):.1f} to {max(values):.1f})")


if __name__ == "__main__":
    main()
