"""Texts as an encoder's tokens: those of MiniLM, and of any open_clip model.

N texts, L tokens of the longest of them.
"""

import html
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from hicalm.encoders.minilm import minilm_tokenizer

if TYPE_CHECKING:  # torch takes a second to import: only reading texts needs it
    import torch

FIRST, LAST = 101, 102  # MiniLM's end marks
END_MARKS = 2  # of every text


class PlacedTokens(NamedTuple):
    """Tokens of texts, the end marks included.

    ids, mask: int64 (N, L), the mask 0 at padding; spans: int64 (N, L, 2), where in its text each
    token begins and ends, both 0 of end marks and padding.
    """

    ids: "torch.Tensor"
    mask: "torch.Tensor"
    spans: np.ndarray


class TextTokenizer(Protocol):
    """What an encoder asks of its tokenizer; ``context_length`` counts tokens and end marks."""

    context_length: int

    def __call__(self, texts: Sequence[str]) -> "torch.Tensor":
        """Return the token ids of texts, int64 (N, context_length), cut and padded."""

    def placed(self, texts: Sequence[str]) -> PlacedTokens:
        """Return the tokens of texts as they were typed, cut at the context, with their places."""

    def unread_part(self, text: str) -> str:
        """Return the end of a text that lies beyond the context; mostly ""."""

    def names(self) -> Iterable[str]:
        """Return the tokens by name; those that only go on with a word begin with "#"."""


class MiniLMTokenizer:
    """MiniLM's tokens, as open_clip's ``HFTokenizer`` gives them."""

    def __init__(self, context_length: int) -> None:
        self.context_length = context_length
        self._tokenizer = minilm_tokenizer()

    def __call__(self, texts: Sequence[str]) -> "torch.Tensor":
        """Return the token ids of texts, int64 (N, context_length), cut and padded with 0."""
        import torch

        result = torch.zeros(len(texts), self.context_length, dtype=torch.long)
        for row, (ids, _) in enumerate(self._coded([_cleaned(text) for text in texts])):
            result[row, : len(ids)] = torch.tensor(ids)
        return result

    def placed(self, texts: Sequence[str]) -> PlacedTokens:
        """Return the tokens of texts as they were typed, cut at the context, with their places."""
        import torch

        coded = self._coded(texts)
        longest = max((len(ids) for ids, _ in coded), default=0)
        ids = torch.zeros(len(texts), longest, dtype=torch.long)
        mask, spans = torch.zeros_like(ids), np.zeros((len(texts), longest, 2), np.int64)
        for row, (own, places) in enumerate(coded):
            ids[row, : len(own)], mask[row, : len(own)] = torch.tensor(own), 1
            spans[row, 1 : len(own) - 1] = np.array(places, np.int64).reshape(-1, 2)
        return PlacedTokens(ids, mask, spans)

    def unread_part(self, text: str) -> str:
        """Return the end of a text that lies beyond the context, as it was typed; mostly ""."""
        spans = self._tokenizer.encode(text, add_special_tokens=False).offsets
        limit = self.context_length - END_MARKS
        return text[spans[limit][0] :] if len(spans) > limit else ""

    def names(self) -> Iterable[str]:
        """Return the tokens by name; those that only go on with a word begin with "#"."""
        return self._tokenizer.get_vocab()

    def _coded(self, texts: Sequence[str]) -> list[tuple[list[int], list[tuple[int, int]]]]:
        """Return of each text the ids, end marks included, and where the others begin and end."""
        limit = self.context_length - END_MARKS
        coded = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [([FIRST, *own.ids[:limit], LAST], own.offsets[:limit]) for own in coded]


class OpenClipTokenizer:
    """The tokenizer of an open_clip model, which has no types."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer, self.context_length = tokenizer, tokenizer.context_length
        self._coder = getattr(tokenizer, "tokenizer", None)  # of transformers; None: open_clip's

    def __call__(self, texts: Sequence[str]) -> "torch.Tensor":
        """Return the token ids of texts, int64 (N, context_length), cut and padded."""
        return self._tokenizer(list(texts))

    def placed(self, texts: Sequence[str]) -> PlacedTokens:
        """Return the tokens of texts as they were typed; only for a tokenizer of transformers."""
        coded = self._tokenizer.tokenizer(
            list(texts),
            max_length=self.context_length,
            truncation=True,
            padding=True,
            return_offsets_mapping=True,
            return_tensors="pt",
        )
        spans = coded["offset_mapping"].numpy()
        return PlacedTokens(coded["input_ids"], coded["attention_mask"], spans)

    def unread_part(self, text: str) -> str:
        """Return the end of a text that lies beyond the context; mostly ""."""
        limit = self.context_length - END_MARKS
        if self._coder is None:
            return self._tokenizer.decode(self._tokenizer.encode(text)[limit:]).strip()
        coded = self._coder(text, add_special_tokens=False, return_offsets_mapping=True)
        spans = coded["offset_mapping"]
        return text[spans[limit][0] :] if len(spans) > limit else ""

    def names(self) -> Iterable[str]:
        """Return the tokens by name; those that only go on with a word begin with "#"."""
        return self._tokenizer.encoder if self._coder is None else self._coder.get_vocab()


def _cleaned(text: str) -> str:
    """Return a text as open_clip cleans it: broken letters and HTML mended, blanks folded."""
    import ftfy

    return " ".join(html.unescape(html.unescape(ftfy.fix_text(text))).split())
