"""HiCALM: hierarchical cross-modal alignment of language and museums of rooms of views."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hicalm.data.collection import load_collection
    from hicalm.encoders.encoder import Encoder
    from hicalm.errors import HicalmError
    from hicalm.models import HiCALM
    from hicalm.search.searcher import Searcher

__version__ = "0.1.0"

__all__ = ["Encoder", "HiCALM", "HicalmError", "Searcher", "load_collection"]

# Where each public name lives: loaded when it is first asked for, because torch takes seconds.
_HOMES = {
    "Encoder": "hicalm.encoders.encoder",
    "HiCALM": "hicalm.models",
    "HicalmError": "hicalm.errors",
    "Searcher": "hicalm.search.searcher",
    "load_collection": "hicalm.data.collection",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'hicalm' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)
