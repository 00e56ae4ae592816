"""One encoder for texts and images over open_clip: the built-in one, or a published one by name.

Encode through one object: ``Encoder.load("builtin")`` or ``Encoder.load("MobileCLIP-S1")``, then
``encode_texts`` and ``encode_images``; both return embeddings of the same space, as the encoders
give them (not normalised). ``name`` and ``hash`` are stored beside features made with an encoder.
``encode_queries`` reads what people type, and ``query_hash`` names what it reads with.
"""

import re
import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hicalm.encoders.builtin import BUILTIN, BUILTIN_FOLDER, load_builtin, write_builtin
from hicalm.encoders.hub import load_hub
from hicalm.encoders.loaded import LoadedModel
from hicalm.encoders.query_encoder import QueryFeatures
from hicalm.errors import HicalmError

if TYPE_CHECKING:  # torch takes a second to import: only loading needs it
    import torch


CONSE = "conse"  # the offline encoder of photographs
BLIP_SCHEMES = ("blip:", "blip-hidden:")  # before the name of a model that transformers loads
TEXTS_AT_ONCE = 64
_WORD = re.compile(r"\w+(?:['\u2019-]\w+)*")


class Encoder:
    """A text encoder and an image encoder that share one space of ``dim`` dimensions (D)."""

    def __init__(self, loaded: LoadedModel, device: "str | torch.device | None" = None) -> None:
        import torch

        if device is None:
            device = "cuda" if torch.cuda.is_available() else "cpu"
        self.device = torch.device(device)
        self.name, self.dim, self.hash = loaded.name, loaded.dim, loaded.hash
        self.model = loaded.model.to(self.device)
        self._tokenizer, self._preprocess = loaded.tokenizer, loaded.preprocess
        self._pad_token = loaded.pad_token
        self._query = loaded.query
        self.query_hash = None if loaded.query is None else loaded.query.hash
        if loaded.query is not None:
            loaded.query.text.to(self.device)
        self._size, self._batch_preprocess = loaded.size, loaded.batch_preprocess
        # A fast tokenizer refuses a call while another thread is inside it ("Already borrowed").
        self._tokenizer_lock = threading.Lock()

    @classmethod
    def load(
        cls,
        name: str = BUILTIN,
        pretrained: str | None = None,
        device: "str | torch.device | None" = None,
    ) -> "Encoder":
        """Load an encoder by name.

        Args:
            name: "builtin", the path of a folder in the same layout, "conse" (photographs,
                offline), "blip:" or "blip-hidden:" and a repository or folder, or an open_clip
                name as ``hub.load_hub`` takes it: with or without a tag or a weights file.
            pretrained: the tag of an open_clip name; None takes open_clip's first.
            device: None takes CUDA where there is one.
        Raises HicalmError for an unknown name, a broken folder and an unreachable hub.
        """
        if name == CONSE and pretrained is None:
            from hicalm.encoders.conse import load_conse

            return cls(load_conse(), device)
        if name.startswith(BLIP_SCHEMES) and pretrained is None:
            from hicalm.encoders.blip import load_blip

            return cls(load_blip(name), device)
        folder = BUILTIN_FOLDER if name == BUILTIN else Path(name)
        if name != BUILTIN and not folder.is_dir():
            return cls(load_hub(name, pretrained), device)
        if pretrained is not None:
            raise HicalmError(f"The encoder {name!r} has its own weights: leave the tag out.")
        if folder.resolve() == BUILTIN_FOLDER:
            name = BUILTIN  # features must not carry a path of the machine that made them
        return cls(load_builtin(folder, name), device)

    def encode_texts(self, texts: Sequence[str], batch_size: int = 64) -> np.ndarray:
        """Return the embeddings of texts, float32 (N, D), not normalised.

        Texts longer than the encoder's context are cut. Raises HicalmError for a lone string.
        """
        if isinstance(texts, str):
            raise HicalmError("encode_texts takes a sequence of texts, not a single string.")
        return self._encode(self.model.encode_text, texts, batch_size)

    def encode_queries(self, texts: Sequence[str], batch_size: int = 64) -> QueryFeatures:
        """Return what people's typed phrases mention: features (N, D) and probabilities (N, A).

        The features take the place of those of ``encode_texts`` and are about as long. An encoder
        without a query encoder gives those of ``encode_texts``, and None for the probabilities.
        Raises HicalmError for a lone string.
        """
        if isinstance(texts, str):
            raise HicalmError("encode_queries takes a sequence of texts, not a single string.")
        query = self._query
        if query is None:
            return QueryFeatures(self.encode_texts(texts, batch_size), None)
        embeddings = self._encode(query.text, texts, batch_size)
        return query.sharpened(embeddings)

    def _encode(
        self, encode: "Callable[..., torch.Tensor]", texts: Sequence[str], batch_size: int
    ) -> np.ndarray:
        result = np.empty((len(texts), self.dim), np.float32)
        if not len(texts):
            return result
        with self._tokenizer_lock:
            tokens = self._tokenizer(texts)
        lengths = self._lengths(tokens)
        order = np.argsort(lengths, kind="stable")  # texts of like length waste no padding
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            batch = tokens[rows, : lengths[rows].max()]
            result[rows] = self._run(encode, batch)
        return result

    def encode_images(
        self, images: Sequence[np.ndarray] | np.ndarray, batch_size: int = 64
    ) -> np.ndarray:
        """Return the embeddings of images, float32 (N, D), not normalised.

        Args:
            images: uint8 RGB, each (h, w, 3) of any size, or one array (N, h, w, 3).
        Raises HicalmError for images of another type or shape.
        """
        result = np.empty((len(images), self.dim), np.float32)
        for start in range(0, len(images), batch_size):
            batch = self._image_batch(images[start : start + batch_size])
            result[start : start + batch_size] = self._run(self.model.encode_image, batch)
        return result

    def encode_words(self, texts: Sequence[str]) -> tuple[list[list[str]], np.ndarray]:
        """Return the words of texts and their features, float32 (ΣW, D), text after text.

        Where the encoder averages its tokens (the built-in one does), a word is the mean of its
        tokens in their sentence, projected as the average is: the features of a sentence's tokens
        average to its embedding. In other encoders every word is encoded alone.
        Words beyond the encoder's context are left out. Raises HicalmError for a lone string.
        """
        if isinstance(texts, str):
            raise HicalmError("encode_words takes a sequence of texts, not a single string.")
        if not _averages_tokens(self.model):
            words = [_WORD.findall(text) for text in texts]
            distinct = sorted({word for own in words for word in own})
            rows = {word: row for row, word in enumerate(distinct)}
            chosen = [rows[word] for own in words for word in own]
            return words, self.encode_texts(distinct)[chosen]
        words, features = [], [np.zeros((0, self.dim), np.float32)]
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            found, vectors = self._words_in_context(texts[start : start + TEXTS_AT_ONCE])
            words += found
            features.append(vectors)
        return words, np.concatenate(features)

    def _words_in_context(self, texts: Sequence[str]) -> tuple[list[list[str]], np.ndarray]:
        import torch

        with self._tokenizer_lock:
            ids, mask, places = self._tokenizer.placed(texts)
        ids, mask, text_model = ids.to(self.device), mask.to(self.device), self.model.text
        with torch.inference_mode():
            tokens = text_model.transformer(input_ids=ids, attention_mask=mask).last_hidden_state
            tokens = text_model.proj(tokens).float().cpu().numpy()
        words: list[list[str]] = []
        rows = []
        for text, own, spans in zip(texts, tokens, places, strict=True):
            words.append([])
            for match in _WORD.finditer(text):
                inside = (spans[:, 0] < match.end()) & (spans[:, 1] > match.start())
                if inside.any():
                    words[-1].append(match.group())
                    rows.append(own[inside].mean(axis=0))
        return words, np.array(rows, np.float32).reshape(-1, self.dim)

    def token_numbers(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of texts without their end marks, cut at the encoder's context."""
        with self._tokenizer_lock:
            rows = self._tokenizer(list(texts))
        pad = self._pad_token or 0
        return [[number for number in row if number != pad][1:-1] for row in rows.tolist()]

    def encode_tokens(self, numbers: Sequence[int]) -> np.ndarray:
        """Return the embeddings of tokens, each alone between end marks, float32 (N, D).

        For encoders whose texts begin and end with a mark, as those of CLIP and of MiniLM do.
        """
        with self._tokenizer_lock:
            blank = self._tokenizer(["a"])[0]
        pad = self._pad_token or 0
        first, *_, last = blank[blank != pad].tolist()
        result = np.empty((len(numbers), self.dim), np.float32)
        for start in range(0, len(numbers), TEXTS_AT_ONCE):
            own = blank.new_tensor(list(numbers[start : start + TEXTS_AT_ONCE]))
            batch = blank.new_full((len(own), len(blank)), pad)
            batch[:, 0], batch[:, 1], batch[:, 2] = first, own, last
            result[start : start + TEXTS_AT_ONCE] = self._run(self.model.encode_text, batch)
        return result

    def unread_part(self, text: str) -> str:
        """Return the end of a text that lies beyond the encoder's context and is cut; mostly ""."""
        with self._tokenizer_lock:
            return self._tokenizer.unread_part(text)

    @cached_property
    def whole_words(self) -> frozenset[str]:
        """The words, in lower case, that the tokenizer has as one token each; may be empty."""
        names = self._tokenizer.names()
        ends = (name.removesuffix("</w>").lower() for name in names if not name.startswith("#"))
        return frozenset(word for word in ends if word.isalpha())

    def encode_cells(self, images: Sequence[np.ndarray] | np.ndarray) -> np.ndarray:
        """Return the embeddings of the cells of images, float32 (N, h, w, D), not normalised.

        They are those of the encoder's last feature map, projected as its average is, so the cells
        of an image average to its embedding. Raises HicalmError for an encoder without such a map.
        """
        import torch

        trunk = getattr(getattr(self.model, "visual", None), "trunk", None)
        head = getattr(trunk, "fc", None)
        pool = getattr(getattr(trunk, "global_pool", None), "pool_type", None)
        if trunk is None or not isinstance(head, torch.nn.Linear) or pool != "avg":
            raise HicalmError(
                f"The image encoder of {self.name} has no feature map that averages to its "
                "embedding, so the spans inside a view cannot be told apart."
            )
        with torch.inference_mode():
            maps = trunk.forward_features(self._image_batch(images).to(self.device))
            cells = torch.einsum("nchw,dc->nhwd", maps, head.weight) + head.bias
        return cells.float().cpu().numpy()

    def _image_batch(self, images: Sequence[np.ndarray] | np.ndarray) -> "torch.Tensor":
        """Return network input (N, 3, h, w); pictures of the right size go through as one array."""
        import torch

        whole = self._batch_preprocess
        if whole is not None and isinstance(images, np.ndarray) and images.shape[1:3] == self._size:
            check_picture(images[0])
            return whole(images)
        return torch.stack([self._prepare(image) for image in images])

    def _prepare(self, image: np.ndarray) -> "torch.Tensor":
        from PIL import Image

        check_picture(image)
        return self._preprocess(Image.fromarray(np.ascontiguousarray(image)))

    def _lengths(self, tokens: "torch.Tensor") -> np.ndarray:
        """Return how many leading tokens of each text the encoder needs, int64 (N,)."""
        if self._pad_token is None:
            return np.full(len(tokens), tokens.shape[1])
        return (tokens != self._pad_token).sum(1).numpy()

    def _run(self, encode: "Callable[..., torch.Tensor]", batch: "torch.Tensor") -> np.ndarray:
        """Run an encoder on one batch; CUDA computes in bfloat16, the CPU in float32."""
        import torch

        on_cuda = self.device.type == "cuda"
        if on_cuda:
            batch = batch.pin_memory()
        batch = batch.to(self.device, non_blocking=True)
        with (
            torch.inference_mode(),
            torch.autocast(self.device.type, torch.bfloat16, enabled=on_cuda),
        ):
            return encode(batch).float().cpu().numpy()


def _averages_tokens(model: Any) -> bool:
    pooler = getattr(getattr(model, "text", None), "pooler", None)
    return type(pooler).__name__ == "MeanPooler"


def check_picture(image: np.ndarray) -> None:
    """Raise HicalmError unless ``image`` is a uint8 RGB array (h, w, 3) with pixels."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise HicalmError(
            f"An image must be a uint8 RGB array of shape (height, width, 3), "
            f"not {image.dtype} of shape {image.shape}."
        )


__all__ = ["Encoder", "check_picture", "write_builtin"]
