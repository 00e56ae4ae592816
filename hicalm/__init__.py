"""HiCALM: hierarchical cross-modal alignment of language and museums of rooms of views."""

__version__ = "0.1.0"
