"""Published open_clip models by name, with their pretrained weights from the model hub."""

import difflib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hicalm.encoders.loaded import LoadedModel
from hicalm.encoders.tokens import OpenClipTokenizer
from hicalm.encoders.weights import content_hash
from hicalm.errors import HicalmError

if TYPE_CHECKING:
    import torch

CLOSE_MATCHES = 5


def load_hub(name: str, pretrained: str | None = None) -> LoadedModel:
    """Load an open_clip model by name on the CPU, from the usual hub folder or the hub itself.

    Args:
        name: an open_clip name, ``ViT-B-32``, or with its tag, ``ViT-B-32:laion2b_s34b_b79k``.
        pretrained: the tag; None takes the one of ``name``, else the first that open_clip lists.
    Raises HicalmError for unknown names and tags, and where the weights cannot be had.
    """
    import open_clip

    name, tag = resolve(name, pretrained)
    source = open_clip.get_pretrained_cfg(name, tag)
    try:
        open_clip.download_pretrained(source)
    except Exception as error:  # the hub's client raises many unrelated types when offline
        raise HicalmError(_unreachable(name, tag, error)) from error
    try:  # some models also need a tokenizer or a text configuration from the hub
        model, _, preprocess = open_clip.create_model_and_transforms(
            name, pretrained=tag, force_quick_gelu=bool(source.get("quick_gelu", False))
        )
        tokenizer = OpenClipTokenizer(open_clip.get_tokenizer(name))
    except OSError as error:
        raise HicalmError(_unreachable(name, tag, error)) from error
    return LoadedModel(
        name=f"{name}:{tag}",
        dim=open_clip.get_model_config(name)["embed_dim"],
        hash=content_hash(_state_bytes(model.state_dict())),
        model=model.eval(),
        tokenizer=tokenizer,
        preprocess=preprocess,
    )


def resolve(name: str, pretrained: str | None = None) -> tuple[str, str]:
    """Return the open_clip name and the pretrained tag that are meant.

    Raises HicalmError, with the names or tags that come close, for what open_clip does not know.
    """
    import open_clip

    name, _, own_tag = name.replace("/", "-").partition(":")
    if name not in open_clip.list_models():
        raise HicalmError(_unknown_name(name, open_clip.list_models()))
    tags = open_clip.list_pretrained_tags_by_model(name)
    if not tags:
        raise HicalmError(f"open_clip has no pretrained weights for {name!r}: choose another.")
    tag = pretrained or own_tag or tags[0]
    if tag not in tags:
        raise HicalmError(f"{name!r} has no weights {tag!r}: choose one of {', '.join(tags)}.")
    return name, tag


def _unknown_name(name: str, known: list[str]) -> str:
    by_lower = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(name.lower(), by_lower, CLOSE_MATCHES, cutoff=0.5)
    names = ", ".join(by_lower[candidate] for candidate in close) or "MobileCLIP-S1, ViT-B-32"
    return (
        f"There is no encoder {name!r}: it is neither 'builtin', nor a folder, nor a name that "
        f"open_clip knows, such as {names}."
    )


def _unreachable(name: str, tag: str, error: Exception) -> str:
    return (
        f"The encoder {name!r} with weights {tag!r} is not cached and could not be fetched from "
        f"the model hub ({type(error).__name__}): connect to the internet once with "
        "HF_HUB_OFFLINE unset, or use the built-in encoder."
    )


def _state_bytes(state: dict[str, "torch.Tensor"]) -> Iterator[bytes]:
    import torch

    for key in sorted(state):
        value = state[key].detach().cpu().contiguous()
        yield f"{key} {value.dtype} {tuple(value.shape)}".encode()
        yield value.reshape(-1).view(torch.uint8).numpy().tobytes()
