"""HiCALM: hierarchical cross-modal alignment of language and museums of rooms of views."""
