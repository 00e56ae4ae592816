"""The command line: ``python -m hicalm``.

Heavy libraries are imported inside the commands, so that ``--help`` answers at once.
"""

import sys

import typer

from hicalm.cli import (
    collection_commands as collections,
)
from hicalm.cli import (
    encoder_commands as encoder,
)
from hicalm.cli import (
    evaluation_commands as measure,
)
from hicalm.cli import (
    hash_commands as hash,
)
from hicalm.cli import (
    hosa_commands as hosa,
)
from hicalm.cli import (
    import_commands as imports,
)
from hicalm.cli import (
    match_commands as match,
)
from hicalm.cli import (
    model_commands as models,
)
from hicalm.cli import (
    reading_commands as reading,
)
from hicalm.cli import (
    search_commands as search,
)
from hicalm.cli.options import refuse_processes
from hicalm.errors import HicalmError, not_installed

app = typer.Typer(
    help="Search, train and evaluate HiCALM on collections of museums.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for commands in (search, measure, collections, models):
    app.add_typer(commands.app)
app.add_typer(imports.app, name="import")
app.add_typer(encoder.app, name="encoder")
app.add_typer(hash.app, name="hash")
app.add_typer(hosa.app, name="hosa")
app.add_typer(match.app, name="match")
app.add_typer(reading.app, name="plan-tagger")


@app.callback()
def check_processes(context: typer.Context) -> None:
    """Raise HicalmError where torchrun starts another command than ``train`` and ``hosa train``."""
    refuse_processes(context, "train", "hosa")


def main() -> None:
    """Run the command line; a mistake of the caller is one sentence on standard error."""
    try:
        try:
            app()
        except ModuleNotFoundError as error:
            raise not_installed(error) from error
    except HicalmError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    except OSError as error:  # a path that cannot be written or read, or a full disk
        from hicalm.files import is_full

        if is_full(error):
            print(
                "error: There is no room on the disk. Make room, and run it again.", file=sys.stderr
            )
            raise SystemExit(2) from None
        where = f" '{error.filename}'" if error.filename else ""
        print(f"error: {error.strerror or error}{where}. Name another path.", file=sys.stderr)
        raise SystemExit(2) from None
