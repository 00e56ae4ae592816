"""Time the app's start: ``python benchmarks/start_up.py``.

Starts ``app.py`` in a new process and prints the seconds until the first byte of the page, until
the first search is answered, and the peak memory of the process.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 180.0  # seconds


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url: str, started: float) -> float:
    """Return the seconds from ``started`` to an answer of ``url``."""
    while time.perf_counter() - started < PATIENCE:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                answer.read(1)
                return time.perf_counter() - started
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"{url} did not answer within {PATIENCE:.0f} s")


def main() -> None:
    """Start, ask, stop, print."""
    from gradio_client import Client

    port = free_port()
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    started = time.perf_counter()
    app = subprocess.Popen(
        [sys.executable, "app.py", "--port", str(port)], cwd=ROOT, env=environment
    )
    try:
        first_byte = wait_for(f"http://127.0.0.1:{port}/", started)
        client = Client(f"http://127.0.0.1:{port}", verbose=False)
        client.predict("a room of seascapes", top=5, api_name="/search")
        answered = time.perf_counter() - started
        status = Path(f"/proc/{app.pid}/status").read_text()
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    finally:
        app.terminate()
        app.wait(20)
    print(f"first byte after {first_byte:.1f} s, first answer after {answered:.1f} s")
    print(f"peak memory {int(peak.split()[1]) / 1024:.0f} MB")


if __name__ == "__main__":
    main()
