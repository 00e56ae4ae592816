"""Published open_clip models by name, with weights from the model hub or from a local file."""

import difflib
from pathlib import Path
from typing import Any

from hicalm.data.untrusted import read_torch
from hicalm.encoders.loaded import LoadedModel
from hicalm.encoders.tokens import OpenClipTokenizer
from hicalm.encoders.weights import content_hash, state_bytes
from hicalm.errors import HicalmError
from hicalm.files import temporary_folder

CLOSE_MATCHES = 5
HUB_SCHEME = "hf-hub:"  # before the name of a repository with a configuration and weights
SAFE = ".safetensors"
WEIGHT_FILES = (".pt", ".pth", ".bin", ".ckpt", SAFE)
# What a published tag says of its preprocessing, and how open_clip's factory calls it.
_PREPROCESSING = {
    "mean": "image_mean",
    "std": "image_std",
    "interpolation": "image_interpolation",
    "resize_mode": "image_resize_mode",
}


def load_hub(name: str, pretrained: str | None = None) -> LoadedModel:
    """Load an open_clip model by name on the CPU, from the usual hub folder or the hub itself.

    Args:
        name: an open_clip name, ``ViT-B-32``; with its tag, ``ViT-B-32:laion2b_s34b_b79k``; with
            weights of its architecture in a file, ``ViT-B-32:/path/weights.pt`` (or .safetensors);
            or a repository of the hub, ``hf-hub:apple/MobileCLIP-S1-OpenCLIP``.
        pretrained: the tag or file; None takes the one of ``name``, else open_clip's first tag.
    Raises HicalmError for unknown names and tags, where the weights cannot be had, and for a file
    that holds other weights or more than tensors.
    """
    import open_clip

    if name.startswith(HUB_SCHEME):
        return _loaded(name, name, _from_hub_repository(name))
    name, weights = resolve(name, pretrained)
    if _is_file_name(weights):
        path = Path(weights).resolve()
        return _loaded(name, f"{name}:{path}", _from_file(name, path))
    source = open_clip.get_pretrained_cfg(name, weights)
    try:
        open_clip.download_pretrained(source)
    except Exception as error:  # the hub's client raises many unrelated types when offline
        raise HicalmError(_unreachable(name, weights, error)) from error
    try:  # some models also need a tokenizer or a text configuration from the hub
        quick_gelu = bool(source.get("quick_gelu", False))
        made = _create(name, pretrained=weights, force_quick_gelu=quick_gelu)
        return _loaded(name, f"{name}:{weights}", made)
    except OSError as error:
        raise HicalmError(_unreachable(name, weights, error)) from error


def resolve(name: str, pretrained: str | None = None) -> tuple[str, str]:
    """Return the open_clip name, and the pretrained tag or the weights file that is meant.

    Raises HicalmError, with the names or tags that come close, for what open_clip does not know,
    and for a weights file that is not there.
    """
    import open_clip

    name, _, own = name.partition(":")
    name = name.replace("/", "-")
    if name not in open_clip.list_models():
        raise HicalmError(_unknown_name(name, open_clip.list_models()))
    weights, tags = pretrained or own, open_clip.list_pretrained_tags_by_model(name)
    if weights not in tags and _is_file_name(weights):
        if not Path(weights).is_file():
            raise HicalmError(f"There is no weights file '{weights}' for the encoder {name!r}.")
        return name, weights
    if not tags:
        raise HicalmError(f"open_clip has no pretrained weights for {name!r}: choose another.")
    weights = weights or tags[0]
    if weights not in tags:
        raise HicalmError(
            f"{name!r} has no weights {weights!r}: choose one of {', '.join(tags)}, or name a "
            f"weights file ({', '.join(WEIGHT_FILES)})."
        )
    return name, weights


def _is_file_name(weights: str) -> bool:
    return Path(weights).suffix.lower() in WEIGHT_FILES


def _from_file(name: str, path: Path) -> tuple[Any, Any]:
    """Return a model with weights of a file, and its preprocessing: that of its published weights.

    Those that may hold more than tensors are read as files of others, and what training wrapped
    around them is taken away: ``state_dict``, ``module.``, half precision.
    """
    import open_clip

    tags = open_clip.list_pretrained_tags_by_model(name)
    published = open_clip.get_pretrained_cfg(name, tags[0]) if tags else {}
    options = {own: published[key] for key, own in _PREPROCESSING.items() if key in published}
    with temporary_folder("hicalm-weights-") as folder:
        plain = path
        if path.suffix.lower() != SAFE:
            plain = folder / f"weights{SAFE}"
            _write_plain(path, plain)
        try:
            made = _create(name, pretrained=str(plain), **options)
        except Exception as error:  # a damaged file raises almost anything
            reason = " ".join(str(error).replace(str(plain), path.name).split())[:200]
            raise HicalmError(
                f"The weights in '{path}' do not fit {name!r}: {reason or type(error).__name__}"
            ) from error
    if not all(bool(value.isfinite().all()) for value in made[0].state_dict().values()):
        raise HicalmError(f"The weights in '{path}' are not all finite. Take another copy.")
    return made


def _write_plain(path: Path, plain: Path) -> None:
    """Write the tensors of a weights file, which may hold anything, as safetensors."""
    from safetensors.torch import save_file

    value = read_torch(path, "holds no weights")
    state = value.get("state_dict", value) if isinstance(value, dict) else value
    named = state if isinstance(state, dict) else {}
    tensors = {str(key): one for key, one in named.items() if hasattr(one, "element_size")}
    if not tensors:
        raise HicalmError(f"'{path}' holds no weights.")
    save_file(tensors, plain)


def _from_hub_repository(name: str) -> tuple[Any, Any]:
    try:
        return _create(name, require_pretrained=True)
    except Exception as error:  # open_clip wraps what the hub's client raises
        raise HicalmError(_unreachable(name, None, error)) from error


def _create(name: str, **options: Any) -> tuple[Any, Any]:
    """Return a model of open_clip and its preprocessing."""
    import open_clip

    model, _, preprocess = open_clip.create_model_and_transforms(name, weights_only=True, **options)
    return model.eval(), preprocess


def _loaded(name: str, label: str, made: tuple[Any, Any]) -> LoadedModel:
    import open_clip
    import torch

    model, preprocess = made
    tokenizer = OpenClipTokenizer(open_clip.get_tokenizer(name))
    with torch.inference_mode():
        dim = int(model.encode_text(tokenizer([""])).shape[1])
    return LoadedModel(
        name=label,
        dim=dim,
        hash=content_hash(state_bytes(model.state_dict())),
        model=model,
        tokenizer=tokenizer,
        preprocess=preprocess,
    )


def _unknown_name(name: str, known: list[str]) -> str:
    by_lower = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(name.lower(), by_lower, CLOSE_MATCHES, cutoff=0.5)
    names = ", ".join(by_lower[candidate] for candidate in close) or "MobileCLIP-S1, ViT-B-32"
    return (
        f"There is no encoder {name!r}: it is neither 'builtin', nor a folder, nor a name that "
        f"open_clip knows, such as {names}."
    )


def _unreachable(name: str, tag: str | None, error: Exception) -> str:
    weights = f" with weights {tag!r}" if tag else ""
    return (
        f"The encoder {name!r}{weights} is not cached and could not be fetched from "
        f"the model hub ({type(error).__name__}): connect to the internet once with "
        "HF_HUB_OFFLINE unset, or use the built-in encoder."
    )
