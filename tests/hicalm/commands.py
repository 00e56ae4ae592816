"""The command line, run in the process of the test."""

import sys

import pytest

from hicalm.cli import main


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Run ``hicalm`` with arguments, in one thread, and return its exit status."""
    monkeypatch.setattr(sys, "argv", ["hicalm", *map(str, arguments)])
    with monkeypatch.context() as patch, pytest.raises(SystemExit) as end:
        patch.setattr("torch.set_num_threads", lambda threads: None)
        main()
    return end.value.code or 0
