"""What a killed server leaves is deleted by the next one."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from demo.private_folder import PREFIX, delete_old
from hicalm.files import remove_left

RUN = """
import pathlib, sys, tempfile, time
from demo.private_folder import open_private_folder
from gradio.utils import get_upload_folder
folder = open_private_folder()
assert pathlib.Path(get_upload_folder()).parent == folder
pathlib.Path(tempfile.mkdtemp(), "private.jpg").touch()
print(folder, flush=True)
time.sleep(60)
"""


def test_a_killed_run_is_tidied_up_and_a_living_one_is_left_alone(tmp_path):
    ours = {"TMPDIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])}
    environment = {**os.environ, **ours}
    run = subprocess.Popen(
        [sys.executable, "-c", RUN], env=environment, stdout=subprocess.PIPE, text=True
    )
    folder = Path(run.stdout.readline().strip())
    assert folder.parent == tmp_path and list(folder.rglob("private.jpg"))
    remove_left(tmp_path, PREFIX)
    assert list(folder.rglob("private.jpg"))
    run.send_signal(signal.SIGKILL)
    run.wait(10)
    run.stdout.close()
    assert folder.exists()
    remove_left(tmp_path, PREFIX)
    assert not folder.exists()


def test_files_that_nobody_took_go_after_hours_and_what_broke_off_after_minutes(tmp_path):
    hours = {"upload/old": 3, "upload/new": 1, "tmp-broken-off": 0.04, "tmp-arriving": 0.02}
    for name, ago in hours.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
        os.utime(path, (time.time() - ago * 3600,) * 2)
    delete_old(tmp_path)
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"new", "tmp-arriving"}
