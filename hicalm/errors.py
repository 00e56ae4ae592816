"""The exceptions for what a caller can mend: the message is a sentence to show as it is."""

# Modules that come with an extra of the package.
_EXTRAS = {
    "train": ("igraph", "leidenalg", "sklearn", "tensorboard", "umap"),
    "scale": ("milvus_lite", "pymilvus", "ray"),
}


class HicalmError(ValueError):
    """Bad input from a person, a file or an option: what was wrong and what to do."""


class FullDiskError(HicalmError):
    """There is no room on the disk to write to."""


def not_installed(error: ModuleNotFoundError) -> HicalmError:
    """Return in a sentence which extra a missing module comes with.

    Raises what it is given where it comes with none.
    """
    for extra, modules in _EXTRAS.items():
        if error.name in modules:
            return HicalmError(
                f"'{error.name}' is not installed. It comes with the extra `{extra}`: "
                f"`pip install 'hicalm[{extra}]'`."
            )
    raise error
