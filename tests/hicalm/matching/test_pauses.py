"""Where long work can wait, whoever runs it is asked."""

import threading

from hicalm.matching.pauses import pause, pausing


def test_a_pause_is_of_the_work_that_is_run_so_and_of_no_other() -> None:
    waits: list[str] = []
    pause()
    with pausing(lambda: waits.append("outer")):
        pause()
        with pausing(lambda: waits.append("inner")):
            pause()
        pause()
        other = threading.Thread(target=pause)
        other.start(), other.join()
    pause()
    assert waits == ["outer", "inner", "outer"]
