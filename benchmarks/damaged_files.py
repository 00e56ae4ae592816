"""Damage files of all formats and read them: ``python benchmarks/damaged_files.py --files 3000``.

Each of the formats in ``sound_files.py`` is damaged in turn: bytes are changed, cut off, doubled or
put in, numbers become huge, and parts of JSON become others. A file may be read or refused in one
sentence; anything else is a fault: another exception, the end of the process, a file left behind.
The files come from ``--seed``: a number that is printed with a fault makes it again by ``--only``.
Prints what became of the files, by format, and the peak of memory above that before the first.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.sound_files import Sound, sound_files
from hicalm.data import foreign_files
from hicalm.errors import HicalmError

SEED = 2026
LONGEST = 1_500  # characters of a sentence
RARE = {"a.mp4": 12}  # a process for each takes a second: one of so many
VALUES: tuple[Any, ...] = (
    None, True, -1, 3.7, 10**30, 1e308, "", "\ud800", "x" * 300, [], {}, [[]], [None], {"a": {}},
    "../../etc", -0.0, 60_000, 2**31,
)  # fmt: skip
NOT_JSON = ("NaN", "-Infinity", "[" * 3_000, "9" * 500, "1e999", '"\\ud800"', "{", "")


def damaged(content: bytes, rng: random.Random) -> bytes:
    """Return a file's content with one to three kinds of damage."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        content = rng.choice(_DAMAGE)(content, rng)
    return content


def _flip(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8, 64)) if changed else 0):
        changed[rng.randrange(len(changed))] = rng.choice((0, 1, 127, 128, 255, rng.randrange(256)))
    return bytes(changed)


def _cut(content: bytes, rng: random.Random) -> bytes:
    first, last = _span(content, rng)
    return rng.choice((content[:first], content[:first] + content[last:], content[first:last]))


def _double(content: bytes, rng: random.Random) -> bytes:
    first, last = _span(content, rng)
    return content[:last] + content[first:last] * rng.choice((1, 1, 50)) + content[last:]


def _insert(content: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(content) + 1)
    return content[:at] + rng.randbytes(rng.choice((1, 4, 100))) + content[at:]


def _enlarge(content: bytes, rng: random.Random) -> bytes:
    """Write a huge number of 2 to 8 bytes over others: lengths, sizes, counts."""
    width = rng.choice((2, 4, 8))
    at = rng.randrange(max(1, len(content) - width))
    number = rng.choice((2 ** (8 * width) - 1, 2 ** (8 * width - 2), 2 ** (4 * width)))
    return (
        content[:at] + number.to_bytes(width, rng.choice(("little", "big"))) + content[at + width :]
    )


def _json(content: bytes, rng: random.Random) -> bytes:
    """Put another value into a line of JSON; other damage where there is none."""
    lines = content.split(b"\n")
    number = rng.randrange(len(lines))
    try:
        value = json.loads(lines[number] if b"}" in lines[number] else content)
    except (ValueError, RecursionError):
        return _flip(content, rng)
    whole = b"}" not in lines[number]
    changed = json.dumps(_changed(value, rng)).replace('"@@"', rng.choice(NOT_JSON))
    if whole:
        return changed.encode()
    return b"\n".join([*lines[:number], changed.encode(), *lines[number + 1 :]])


def _changed(value: Any, rng: random.Random) -> Any:
    if not isinstance(value, dict | list) or not value or rng.random() < 0.15:
        return rng.choice((*VALUES, "@@"))
    if isinstance(value, list):
        at = rng.randrange(len(value))
        return [*value[:at], _changed(value[at], rng), *value[at + 1 :]]
    key = rng.choice([*value])
    if rng.random() < 0.15:
        return {own: one for own, one in value.items() if own != key}
    return value | {key: _changed(value[key], rng)}


def _span(content: bytes, rng: random.Random) -> tuple[int, int]:
    return tuple(sorted(rng.randrange(len(content) + 1) for _ in range(2)))  # type: ignore[return-value]


_DAMAGE: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip, _flip, _cut, _double, _insert, _enlarge, _json, _json,
)  # fmt: skip


def read_all(numbers: Iterable[int], seed: int = SEED) -> Iterator[tuple[int, str, str]]:
    """Damage and read files: yields each one's number, format, and what became of it.

    That is "read", "refused", or the fault in words. Each number makes the same file again.
    """
    with tempfile.TemporaryDirectory() as temporary:
        sound = sound_files(Path(temporary))
        for one in sound.values():
            one.read()  # whole, it is read
        names = sorted(sound)
        for number in numbers:
            name = names[number % len(names)]
            if (number // len(names)) % RARE.get(name, 1):
                name = names[(number + 1) % len(names)]
            yield (
                number,
                name,
                _read(sound[name], Path(temporary), random.Random(f"{seed} {number}")),
            )


def _read(sound: Sound, folder: Path, rng: random.Random) -> str:
    whole, before = sound.path.read_bytes(), set(folder.rglob("*"))
    sound.path.write_bytes(damaged(whole, rng))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sound.read()
        found = "read"
    except HicalmError as error:
        told = str(error)
        plain = told and "\n" not in told and len(told) < LONGEST and "Traceback" not in told
        found = "refused" if plain else f"no sentence: {told[:200]!r}"
    except Exception as error:
        found = f"{type(error).__name__}: {str(error)[:200]}"
    finally:
        sound.path.write_bytes(whole)
    left = set(folder.rglob("*")) - before
    return f"left behind: {sorted(left)[:3]}" if left else found


def _worker(first: int, count: int, seed: int) -> None:
    """Print a line of JSON for each file, before and after it is read; then the peak of memory."""
    own = 0
    for number, name, found in read_all(range(first, first + count), seed):
        own = own or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps([number, name, found]), flush=True)
    foreign_files._end_all()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    readers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps([-1, (peak - own) / 1e3, readers / 1e3]), flush=True)


def main() -> int:
    """Read the files in processes of their own, so that the end of one is a fault and no more."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", type=int, help="the number of the one file to read")
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.worker is not None:
        _worker(asked.worker, asked.files, asked.seed)
        return 0
    begin, first, end = time.monotonic(), asked.only or 0, asked.files
    if asked.only is not None:
        end = first + 1
    told: dict[str, Counter[str]] = {}
    faults, memory, readers = [], 0.0, 0.0
    while first < end:
        command = [sys.executable, __file__, "--worker", first, "--files", end - first]
        command += ["--seed", asked.seed]
        with subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout or ():
                number, name, found = json.loads(line)
                if number < 0:
                    memory, readers = max(memory, name), max(readers, found)
                    continue
                first = number + 1
                kind = found if found in ("read", "refused") else "fault"
                told.setdefault(name, Counter())[kind] += 1
                if kind == "fault":
                    faults.append(f"file {number}, {name}: {found}")
        if process.returncode:
            faults.append(f"file {first}: the process ended with {process.returncode}")
            first += 1
    for name, counts in sorted(told.items()):
        print(f"{name:24s} read {counts['read']:5d}  refused {counts['refused']:5d}")
    print("\n".join(faults))
    print(
        f"{end if asked.only is None else 1:,} damaged files of {len(told)} formats, seed "
        f"{asked.seed}: {len(faults)} faults, {time.monotonic() - begin:.0f} s; memory at most "
        f"{memory:.0f} MB above that before, {readers:.0f} MB in processes that read"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
