"""``python -m hicalm``: the command line."""

from hicalm.cli import main

main()
