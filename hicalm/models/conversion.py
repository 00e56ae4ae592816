"""Checkpoints of the published code become ours.

Such a file holds two state dictionaries, that of the image encoder and that of the text encoder:
``best_model_0`` and ``best_model_1``, or any two, in this order. Their names say what the encoders
are, except for merges, which have the weights of an unmerged model. Older code calls the flat image
encoder ``trf_photo`` and ``trf_mean``; names may begin with ``module.``, as those of a model that
was trained on several devices do.
"""

import re
from pathlib import Path
from typing import TypeGuard

from torch import Tensor

from hicalm.data.untrusted import read_torch
from hicalm.errors import HicalmError
from hicalm.models import HiCALM, ModelConfig
from hicalm.models.competitors import INNER
from hicalm.models.hicalm import QUIRKS

State = dict[str, Tensor]
STATE_KEYS = ("best_model_0", "best_model_1")  # image, text
_DAN, _VSFORMER = r"encoder\.layer_stack\.(\d+)\.", r"encoder\.attention_layers\.(\d+)\."
_LAYER = r"museum_layer.layers.\1."
# Published name -> ours, tried in this order; a name that fits none is refused.
_IMAGE_NAMES = (
    (r"trf_photo\.", "view_layer."),
    (r"trf_room\.", "room_layer."),
    (r"trf_museum\.(?=weight$|bias$)", "museum_layer.linear."),
    (r"trf_museum\.", "museum_layer.gru."),
    (r"trf\.", "view_layer."),
    (r"fc\.", "museum_layer."),
    (r"V\.", "museum_layer.score."),
    (r"classifier\.", "museum_layer.classifier."),
    (rf"{_DAN}attention\.layer_norm\.", rf"{_LAYER}attention_norm."),
    (rf"{_DAN}ffn\.layer_norm\.", rf"{_LAYER}network_norm."),
    (rf"{_DAN}ffn\.conv1\.", rf"{_LAYER}network.0."),
    (rf"{_DAN}ffn\.conv2\.", rf"{_LAYER}network.2."),
    (rf"{_DAN}attention\.w_q\.", rf"{_LAYER}query."),
    (rf"{_DAN}attention\.w_k\.", rf"{_LAYER}key."),
    (rf"{_DAN}attention\.w_v\.", rf"{_LAYER}value."),
    (rf"{_DAN}attention\.fc\.", rf"{_LAYER}output."),
    (rf"{_VSFORMER}attention\.norm\.", rf"{_LAYER}norm."),
    (rf"{_VSFORMER}mlp\.", rf"{_LAYER}network."),
    (rf"{_VSFORMER}attention\.attention\.q_proj\.", rf"{_LAYER}query."),
    (rf"{_VSFORMER}attention\.attention\.k_proj\.", rf"{_LAYER}key."),
    (rf"{_VSFORMER}attention\.attention\.v_proj\.", rf"{_LAYER}value."),
    (rf"{_VSFORMER}attention\.attention\.o_proj\.", rf"{_LAYER}output."),
)
_TEXT_NAMES = (
    (r"gru_room\.", "paragraph_layer.gru."),
    (r"gru_museum\.", "museum_layer.gru."),
    (r"gru\.", "museum_layer.gru."),
)


def convert_checkpoint(
    path: Path, merge: str = "none", art_dim: int | None = None, without: tuple[str, ...] = ()
) -> HiCALM:
    """Return the model of a published checkpoint, with the faults of the published code it needs.

    ``merge`` names the variant, which the file does not tell. ``art_dim`` is the width of the art
    expert's features; None: what the image encoder reads beyond the text encoder's width.
    ``without`` names quirks that are not to be reproduced. Raises HicalmError for a file
    that is no such checkpoint.
    """
    image, text = read_states(path)
    config = _config(image, text, merge, art_dim, without, path)
    model = HiCALM(config)
    state = _renamed(image, _IMAGE_NAMES, "vision.", path)
    used = {name: value for name, value in text.items() if not name.startswith("lin_museum.")}
    state |= _renamed(used, _TEXT_NAMES, "text.", path)
    state |= {name: value for name, value in model.state_dict().items() if "standardise" in name}
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:300]
        raise HicalmError(f"'{path}' does not fit a {config.vision} model: {reason}") from error
    return model.eval()


def read_states(path: Path) -> tuple[State, State]:
    """Read both state dictionaries, as data. Raises HicalmError for anything else."""
    if not Path(path).is_file():
        raise HicalmError(f"There is no checkpoint '{path}'.")
    value = read_torch(path, "no checkpoint")
    found = value if isinstance(value, dict) else {}
    names = STATE_KEYS if set(STATE_KEYS) <= set(found) else tuple(found)
    states = [found[name] for name in names]
    if len(states) != 2 or not all(_is_state(state) for state in states):
        raise HicalmError(
            f"'{path}' must hold the weights {' and '.join(STATE_KEYS)}, or those of an image "
            "encoder and of a text encoder under any two names."
        )
    image, text = (_plain_names(state) for state in states)
    for name, weight in (*image.items(), *text.items()):
        if not bool(weight.isfinite().all()):
            raise HicalmError(
                f"'{path}' holds NaN or infinite numbers in {name}: its training failed. Take "
                "another checkpoint."
            )
    return image, text


def _plain_names(state: State) -> State:
    """Return weights by the names of today's published code."""
    plain = {name.removeprefix("module."): weight for name, weight in state.items()}
    if not any(name.startswith("trf_mean.") for name in plain):
        return plain
    return {
        re.sub(r"^trf_photo\.", "trf.", re.sub(r"^trf_mean\.", "fc.", name)): weight
        for name, weight in plain.items()
    }


def _is_state(candidate: object) -> TypeGuard[State]:
    return isinstance(candidate, dict) and all(
        isinstance(name, str) and isinstance(value, Tensor) for name, value in candidate.items()
    )


def _config(
    image: State, text: State, merge: str, art_dim: int | None, without: tuple[str, ...], path: Path
) -> ModelConfig:
    if unknown := sorted(set(without) - set(QUIRKS)):
        raise HicalmError(f"Unknown quirks {', '.join(unknown)}: choose among {', '.join(QUIRKS)}.")
    vision, first = _image_kind(image, path)
    words = next(
        (text[n] for n in ("gru_room.weight_ih_l0", "gru.weight_ih_l0") if n in text), None
    )
    if words is None:
        raise HicalmError(f"The text encoder in '{path}' is none of the published ones.")
    width, text_dim = image[first].shape[1], words.shape[1]
    art_dim = max(0, width - text_dim) if art_dim is None else art_dim
    inner = image["classifier.1.weight"].shape[0] if vision == "mvcnn-sa" else INNER
    kind = _text_kind(text)
    return ModelConfig(
        view_dim=width - art_dim,
        text_dim=text_dim,
        art_dim=art_dim,
        hidden=words.shape[0] // 3,
        text=kind,
        vision=vision,
        merge=merge,
        inner=inner,
        quirks=tuple(q for q in _quirks(kind, vision, merge) if q not in without),
    )


def _image_kind(image: State, path: Path) -> tuple[str, str]:
    """Return what the image encoder is, and the weight that reads the features."""
    for name, kind in (
        ("V.0.weight", "mvcnn-sa"),
        ("trf.weight", "flat"),
        ("encoder.layer_stack.0.attention.w_q.weight", "dan"),
        ("encoder.attention_layers.0.attention.attention.q_proj.weight", "vsformer"),
        ("trf_photo.weight", _sequence_kind(image, "trf_museum")),
        ("classifier.weight", "mvcnn"),
    ):
        if name in image:
            return kind, name
    raise HicalmError(f"The image encoder in '{path}' is none of the published ones.")


def _sequence_kind(state: State, layer: str) -> str:
    if f"{layer}.weight_hh_l0_reverse" in state:
        return "rnn"
    return "monornn" if f"{layer}.weight_hh_l0" in state else "avg"


def _text_kind(text: State) -> str:
    return "flat" if "gru.weight_ih_l0" in text else _sequence_kind(text, "gru_museum")


def _quirks(text: str, vision: str, merge: str) -> list[str]:
    """Return the faults that the numbers of a published model depend on."""
    quirks = ["half-sentences"]
    if text != "flat":
        quirks.append("zeroed-last-sentence")
    if vision == "avg" or merge != "none":
        quirks.append("padded-rooms")
    if vision == "flat":
        quirks.append("padded-views")
    if merge == "mean-sum":
        quirks.append("mean-sum-by-max")
    if merge in ("mean", "mean-sum"):
        quirks.append("twelvefold-mean")
    return quirks


def _renamed(state: State, names: tuple[tuple[str, str], ...], prefix: str, path: Path) -> State:
    renamed = {}
    for name, value in state.items():
        fit = next(((old, new) for old, new in names if re.match(old, name)), None)
        if fit is None:
            raise HicalmError(f"'{path}' holds a weight that is not known: {name}.")
        own = prefix + re.sub(f"^{fit[0]}", fit[1], name)
        renamed[own] = value.squeeze(-1) if ".conv" in name and value.ndim == 3 else value
    return renamed
