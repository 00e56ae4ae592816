"""How the served app bears many visitors, some of them greedy.

``python -m benchmarks.served_load`` starts ``app.py`` on the loopback and lets visitors, each with
an address of its own, ask it for mixed work: the modest one thing after the other (a short search,
a museum, the style sheet, a picture, the API), the greedy several at once (texts of 20,000
characters, exports of a hundred results). It prints the times of the modest, what they were
refused, and how the server's memory grew.
"""

import argparse
import asyncio
import json
import random
import re
import secrets
import subprocess
import sys
import time
from collections import Counter, defaultdict
from contextlib import suppress
from itertools import count
from pathlib import Path

import httpx
import numpy as np

STYLE, SHORT, LONG, EXPORT = "style sheet", "short search", "long text", "export"
ONCE = httpx.Limits(max_keepalive_connections=0)  # the server closes connections that are idle
CALL = "gradio_api/call/search"
AGAIN = 3.0  # seconds after which a page that waits for its turn asks again
GREEDY_AT_ONCE = 3  # things that a greedy visitor asks for at the same time
WORDS = [
    "red",
    "blue",
    "green",
    "room",
    "museum",
    "painting",
    "sea",
    "horses",
    "flowers",
    "portrait",
    "night",
    "garden",
]


class Visitor:
    """A visitor with an address of its own, who asks as the page's script does."""

    numbers = count(1)

    def __init__(self, url: str, listeners: dict[str, int], times: dict[str, list[float]]) -> None:
        number = next(self.numbers)
        transport = httpx.AsyncHTTPTransport(
            local_address=f"127.0.{1 + number // 250}.{number % 250 + 1}", limits=ONCE
        )
        self._http = httpx.AsyncClient(base_url=url, transport=transport, timeout=120)
        self._listeners, self._times = listeners, times
        self.random, self.failed = random.Random(number), Counter[str]()

    async def get(self, kind: str, path: str) -> None:
        """Fetch a file."""
        began = time.perf_counter()
        answer = await self._http.get(path)
        self._note(kind, began, answer.status_code == 200)

    async def page(self, kind: str, address: str) -> dict:
        """Open a page; return the value of its address."""
        return await self._ask(kind, "go", [""], {"address": address, "question": 1})

    async def export(self, value: dict) -> None:
        """Export the list on screen as a table."""
        await self._ask(EXPORT, "export", [value], None)

    async def call(self, query: str) -> None:
        """Search by the API."""
        began = time.perf_counter()
        answer = await self._http.post(
            "gradio_api/call/search", json={"data": [query, 5, 0, 0, "", None, False]}
        )
        found = await self._http.get(f"gradio_api/call/search/{answer.json()['event_id']}")
        self._note("API", began, "event: complete" in found.text)

    async def _ask(self, kind: str, listener: str, data: list, event: dict | None) -> dict:
        began = time.perf_counter()
        value, done = await self._answer(listener, data, event)
        while value.get("status") == "busy":
            await asyncio.sleep(AGAIN)
            value, done = await self._answer(listener, data, event)
        self._note(kind, began, done)
        return value if done else {}

    async def _answer(self, listener: str, data: list, event: dict | None) -> tuple[dict, bool]:
        """Return the value of its address that a listener gives, and whether that is all."""
        session = secrets.token_hex(8)
        body = {"data": data, "event_data": event, "fn_index": self._listeners[listener],
                "session_hash": session, "trigger_id": None}  # fmt: skip
        joined = await self._http.post("gradio_api/queue/join", json=body)
        ended: dict = {}
        if joined.status_code == 200:
            asked = {"session_hash": session}
            async with self._http.stream("GET", "gradio_api/queue/data", params=asked) as stream:
                async for line in stream.aiter_lines():
                    message = json.loads(line[6:]) if line.startswith("data: ") else {}
                    if message.get("msg") == "process_completed":
                        ended = message
        values = [one for one in ended.get("output", {}).get("data", []) if isinstance(one, dict)]
        value = next((one for one in values if "question" in one), {})
        return value, bool(ended.get("success")) and value.get("status", "done") == "done"

    def _note(self, kind: str, began: float, done: bool) -> None:
        if done:
            self._times[kind].append(time.perf_counter() - began)
        else:
            self.failed[kind] += 1

    def query(self, words: int = 3) -> str:
        """Draw a query that nobody has asked before."""
        return " ".join(self.random.choices(WORDS, k=words)) + f" {self.random.randrange(10**6)}"

    async def be_modest(self, left: list[int], pause: float) -> None:
        """Do one thing after the other until nothing is left to do."""
        kinds = (
            lambda: self.page(SHORT, f"?q={self.query().replace(' ', '+')}"),
            lambda: self.page("museum", f"?museum=museum-{self.random.randrange(1650, 1750):05}"),
            lambda: self.get(STYLE, "look/style.css"),
            lambda: self.get("cover", f"cover/museum-{self.random.randrange(1650, 1750):05}"),
            lambda: self.call(self.query()),
        )
        while left[0] > 0:
            left[0] -= 1
            await asyncio.sleep(self.random.random() * 2 * pause)  # nobody comes with all others
            await self.random.choice(kinds)()

    async def be_greedy(self) -> None:
        """Ask for long work all the time."""
        while True:
            text = ". ".join(self.query(12) for _ in range(300))[:19_900]
            if self.random.random() < 0.7:
                await self.page(LONG, f"?q={text.replace(' ', '+')}")
            elif value := await self.page(
                "its search", f"?q={self.query().replace(' ', '+')}&top=100"
            ):
                await self.export(value)
            await asyncio.sleep(0.2)  # who is refused asks again soon


def listeners_of(url: str) -> dict[str, int]:
    """Return the numbers of the listeners that open a page and export a list."""
    config = httpx.get(f"{url}config").json()
    ids = {part["props"].get("elem_id"): part["id"] for part in config["components"]}
    wanted = {"go": (ids["address"], "go"), "export": (ids["results-csv"], "click")}
    return {
        name: listener["id"]
        for listener in config["dependencies"]
        for name, target in wanted.items()
        if target in [tuple(one) for one in listener["targets"]]
    }


def memory_of(process: int) -> float:
    """Return the resident memory of a process in MB."""
    return int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())[0]) / 1024


async def load(
    url: str, process: int, options: argparse.Namespace
) -> tuple[dict[str, list[float]], Counter[str], float]:
    """Let all visitors ask a server, which is a process.

    Return the times by kind, what was refused or failed, and the server's memory in MB after half
    of the requests.
    """
    times: dict[str, list[float]] = defaultdict(list)
    listeners, left = listeners_of(url), [options.requests]
    everybody = [Visitor(url, listeners, times) for _ in range(options.users)]
    modest = [one.be_modest(left, options.pause) for one in everybody[options.greedy :]]
    greedy = [one.be_greedy() for one in everybody[: options.greedy] for _ in range(GREEDY_AT_ONCE)]
    others = asyncio.gather(*greedy, return_exceptions=True)
    halfway = float("nan")

    async def watch() -> None:
        nonlocal halfway
        while left[0] > options.requests // 2:
            await asyncio.sleep(0.2)
        halfway = memory_of(process)

    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.gather(watch(), *modest), options.seconds)
    others.cancel()
    with suppress(asyncio.CancelledError):
        await others
    return times, sum((one.failed for one in everybody), Counter()), halfway


def main() -> None:
    """Read the options, and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--greedy", type=int, default=20)
    parser.add_argument("--requests", type=int, default=2_000, help="of the modest ones")
    parser.add_argument(
        "--pause", type=float, default=3.0, help="of a modest one, seconds in the mean"
    )
    parser.add_argument("--seconds", type=float, default=900.0, help="at most")
    parser.add_argument("--port", type=int, default=7999)
    options = parser.parse_args()
    url = f"http://127.0.0.1:{options.port}/"
    server = subprocess.Popen([sys.executable, "app.py", "--port", str(options.port)])
    try:
        for _ in range(120):
            time.sleep(1)
            try:
                body = {"data": ["a room", 1, 0, 0, "", None, False]}
                event = httpx.post(f"{url}gradio_api/call/search", json=body).json()["event_id"]
                if (
                    "event: complete"
                    in httpx.get(f"{url}gradio_api/call/search/{event}", timeout=200).text
                ):
                    break
            except httpx.ConnectError:
                continue
        before = memory_of(server.pid)
        times, failed, halfway = asyncio.run(load(url, server.pid, options))
        for kind in sorted(times):
            p50, p95 = np.percentile(times[kind], [50, 95])
            answered = f"{len(times[kind]):5} answered, p50 {p50:6.2f} s, p95 {p95:6.2f} s"
            print(f"{kind:13} {answered}, refused {failed[kind]}")
        after = memory_of(server.pid)
        print(f"memory {before:.0f} MB before, {halfway:.0f} half-way, {after:.0f} MB after")
    finally:
        server.terminate()
        server.wait(30)


if __name__ == "__main__":
    main()
