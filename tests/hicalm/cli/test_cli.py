"""The command line as a whole."""

import subprocess
import sys


def test_help_answers_without_loading_torch() -> None:
    script = (
        "import sys; sys.argv = ['hicalm', '--help']\n"
        "from hicalm.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "print('heavy:', sorted({'torch', 'pandas', 'numpy', 'cv2'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "search" in done.stdout
    assert done.stdout.rstrip().endswith("heavy: []")
