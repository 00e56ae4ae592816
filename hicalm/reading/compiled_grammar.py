"""The grammar, compiled once: compiling takes seconds, reading ``plan_grammar.json`` a fraction.

``python -m hicalm.reading.compiled_grammar`` writes the file again after a change of the grammar.
Where the file belongs to another grammar or another lark, the grammar is compiled as it stands.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import lark
from lark import Lark
from lark.exceptions import LarkError
from lark.grammar import Rule
from lark.lexer import TerminalDef

from hicalm.files import replacing
from hicalm.reading.plan_tokens import Normaliser

GRAMMAR = Path(__file__).parent / "plan_grammar.lark"
COMPILED = Path(__file__).parent / "plan_grammar.json"


def load_grammar(path: Path = COMPILED) -> Lark:
    """Return the grammar, from its compiled file where that is of this grammar and this lark."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"), object_hook=_with_numbers)
        if kept.pop("key") == grammar_key():
            kept["data"]["options"]["postlex"] = Normaliser()
            return Lark.load(kept)
    except (OSError, ValueError, KeyError, TypeError, AssertionError, LarkError):
        pass  # missing, damaged or of another version: the text is what counts
    return compile_grammar()


def compile_grammar() -> Lark:
    """Compile the grammar's text; takes seconds."""
    return Lark(
        GRAMMAR.read_text(encoding="utf-8"),
        parser="lalr",
        lexer="basic",
        postlex=Normaliser(),
        propagate_positions=True,
        g_regex_flags=re.IGNORECASE,
    )


def grammar_key() -> str:
    """Return what a compiled file has to be of: the sha256 of the grammar and lark's version."""
    text = GRAMMAR.read_text(encoding="utf-8")
    return hashlib.sha256(f"{lark.__version__}\n{text}".encode()).hexdigest()


def write_compiled(path: Path = COMPILED) -> None:
    """Write the compiled grammar."""
    data, memo = compile_grammar().memo_serialize([TerminalDef, Rule])
    data["options"].pop("postlex", None)
    kept = json.dumps({"key": grammar_key(), "data": data, "memo": memo}, separators=(",", ":"))
    with replacing(path) as temporary:
        temporary.write_text(kept + "\n", encoding="utf-8")


def _with_numbers(pairs: dict[str, Any]) -> dict[Any, Any]:
    """Give numbered keys back their type, which JSON has not kept."""
    return {int(key) if key.isdigit() else key: value for key, value in pairs.items()}


if __name__ == "__main__":
    write_compiled()
