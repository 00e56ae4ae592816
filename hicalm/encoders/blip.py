"""BLIP for image-text retrieval (Li et al. 2022), by transformers.

``blip:Salesforce/blip-itm-base-coco`` or ``blip:FOLDER`` gives pictures and texts in one space, 256
wide. ``blip-hidden:`` gives what stands before the projections into it, 768 wide in the base model:
the first token of each side, which is comparable after training only. Published features
``blip_base`` are as wide as that. Sizes: N pictures or texts, L tokens, D dims.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from hicalm.encoders.loaded import LoadedModel
from hicalm.encoders.tokens import OpenClipTokenizer
from hicalm.encoders.weights import content_hash, state_bytes
from hicalm.errors import HicalmError

PROJECTED = "blip:"  # before a repository of the hub or a folder; the other scheme is hidden


class BLIP(nn.Module):
    """Both sides, each read by its first token; ``projected`` into their common space or not."""

    def __init__(self, model: Any, projected: bool) -> None:
        super().__init__()
        self.model, self.projected = model, projected
        self.visual = model.vision_model
        self.pad: int = model.config.text_config.pad_token_id

    def encode_text(self, tokens: Tensor) -> Tensor:
        """Return the embeddings of texts, int64 (N, L) padded: float32 (N, D)."""
        read = self.model.text_encoder(input_ids=tokens, attention_mask=(tokens != self.pad).long())
        first: Tensor = read.last_hidden_state[:, 0]
        return self.model.text_proj(first) if self.projected else first

    def encode_image(self, batch: Tensor) -> Tensor:
        """Return the embeddings of network input (N, 3, h, w): float32 (N, D)."""
        first: Tensor = self.model.vision_model(pixel_values=batch).last_hidden_state[:, 0]
        return self.model.vision_proj(first) if self.projected else first


class _Words:
    """The tokenizer as ``OpenClipTokenizer`` takes it."""

    def __init__(self, tokenizer: Any, context_length: int) -> None:
        self.tokenizer, self.context_length = tokenizer, context_length

    def __call__(self, texts: Sequence[str]) -> Tensor:
        tokens: Tensor = self.tokenizer(
            list(texts),
            max_length=self.context_length,
            truncation=True,
            padding=True,
            return_tensors="pt",
        )["input_ids"]
        return tokens


def load_blip(name: str) -> LoadedModel:
    """Load a model on the CPU, in evaluation mode; ``name`` begins with one of the schemes.

    Raises HicalmError where it cannot be had, lacks weights, or is another model.
    """
    from transformers import AutoTokenizer, BlipForImageTextRetrieval

    scheme, _, source = name.partition(":")
    projected = name.startswith(PROJECTED)
    try:
        loaded: Any = BlipForImageTextRetrieval.from_pretrained(source, output_loading_info=True)
        model, found = loaded
        tokenizer = AutoTokenizer.from_pretrained(source)
    except Exception as error:  # the hub's client and damaged files raise many unrelated types
        reason = " ".join(str(error).split())[:120]
        raise HicalmError(
            f"The encoder {name!r} is not cached, could not be fetched from the model hub, or is "
            f"no BLIP for retrieval ({type(error).__name__}: {reason}). Connect to the internet "
            "once with HF_HUB_OFFLINE unset, or name a folder that holds one."
        ) from error
    missing = sorted(found["missing_keys"]) + [str(one) for one in found["mismatched_keys"]]
    if missing:
        raise HicalmError(
            f"'{source}' is no BLIP for retrieval: it lacks {len(missing):,} of the weights, such "
            f"as {missing[0]}."
        )
    both = BLIP(model.eval(), projected).eval()
    config = model.config
    return LoadedModel(
        name=name,
        dim=config.image_text_hidden_size if projected else config.text_config.hidden_size,
        hash=content_hash([scheme.encode(), *state_bytes(model.state_dict())]),
        model=both,
        tokenizer=OpenClipTokenizer(_Words(tokenizer, config.text_config.max_position_embeddings)),
        preprocess=_preprocessing(config.vision_config.image_size),
        pad_token=both.pad,
    )


def _preprocessing(side: int) -> Any:
    """Return what makes network input of a picture: squeezed into a square, standardised."""
    from open_clip import OPENAI_DATASET_MEAN, OPENAI_DATASET_STD
    from torchvision.transforms import v2

    return v2.Compose(
        [
            v2.Resize((side, side), v2.InterpolationMode.BICUBIC),
            v2.PILToTensor(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(OPENAI_DATASET_MEAN, OPENAI_DATASET_STD),
        ]
    )
