"""The plan tagger: a small network that tags the words of a query, and so reads its plan.

It shares MiniLM's word embeddings and lower layers and has upper layers of its own, as the query
encoder has. Each word is read at its first token, by three linear heads for its piece, its role and
its link (`word_tags`). A phrase has the role and the link that its words agree on in the mean of
their log-probabilities.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hicalm.data.home import CHECKPOINTS
from hicalm.encoders.minilm import MINILM_SHA256, minilm_tokenizer
from hicalm.encoders.weights import content_hash, load_state
from hicalm.errors import HicalmError
from hicalm.reading.query_plan import Plan
from hicalm.reading.word_tags import LINKS, PIECES, ROLES, TaggedText, plan_of, split_words

if TYPE_CHECKING:  # torch takes a second to import: only loading needs it
    import torch

TAGGER = CHECKPOINTS / "plan_tagger"
SHARDS = "plan_tagger-*.safetensors"  # files of at most 10 MB, as plain git takes them
HEADS = (len(PIECES), len(ROLES), len(LINKS))
MOST_TOKENS = 160  # of a query: a request has at most 60 words
WORD_TOKENS = 6  # of one word that are read
REMEMBERED = 2_048  # queries
# Words that show nothing: where a phrase has no other, it is none.
_EMPTY_WORDS = (
    "a an the of in on for to with and or but at by from as is are be it its that this which "
    "who where into onto over under i we you my our me one ones any some no not there "
    "room rooms gallery galleries hall halls museum museums full picture pictures painting "
    "paintings works images lit"
)
_EMPTY = frozenset(_EMPTY_WORDS.split())


@dataclass(frozen=True)
class TaggedPlan:
    """What the tagger reads in a query.

    plan: None where the tags tell none. sureness: from 0 to 1, the smallest probability of what
    was chosen for a word or a phrase.
    """

    plan: Plan | None
    sureness: float


class PlanTagger:
    """Reads plans; safe to call from several threads."""

    def __init__(self, network: Any, tokenizer: Any, hash: str = "") -> None:
        """``network`` maps token ids (1, L) to logits (1, L, ΣHEADS); ``tokenizer`` is tokenizers';
        ``hash`` is of everything that decides what is read."""
        self._network, self._tokenizer, self.hash = network, tokenizer, hash

    def read(self, text: str) -> TaggedPlan:
        """Return the plan of a query. Never raises."""
        spans = split_words(text)
        if not spans:
            return TaggedPlan(None, 0.0)
        pieces, roles, links = self._probabilities(text, spans)
        tagged, sureness = choose_tags(text, spans[: len(pieces)], pieces, roles, links)
        return TaggedPlan(plan_of(tagged), sureness)

    def _probabilities(
        self, text: str, spans: tuple[tuple[int, int], ...]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return float32 (N, P), (N, R) and (N, L) of the words that fit into the network."""
        import torch

        ids, first = word_tokens(self._tokenizer, [text[start:end] for start, end in spans])
        with torch.inference_mode():
            logits = self._network(torch.tensor([ids]))[0][torch.tensor(first)]
            pieces, roles, links = (part.softmax(-1).numpy() for part in logits.split(HEADS, -1))
        return pieces, roles, links


def choose_tags(
    text: str,
    spans: tuple[tuple[int, int], ...],
    pieces: np.ndarray,
    roles: np.ndarray,
    links: np.ndarray,
) -> tuple[TaggedText, float]:
    """Return the tags of N words and how sure they are, from probabilities (N, P), (N, R), (N, L).

    The words of a phrase share the role and the link of the largest mean log-probability.
    """
    chosen = pieces.argmax(1)
    role = np.full(len(chosen), -1)
    link = np.full(len(chosen), -1)
    sureness = float(pieces.max(1).min())
    start = 0
    while start < len(chosen):
        if PIECES[chosen[start]] not in ("begin", "inside"):
            start += 1
            continue
        end = start + 1
        while end < len(chosen) and PIECES[chosen[end]] == "inside":
            end += 1
        words = [text[a:b].lower() for a, b in spans[start:end]]
        if all(word in _EMPTY or not word.isalnum() for word in words):
            chosen[start:end] = PIECES.index("outside")
        else:
            for tags, probabilities in ((role, roles), (link, links)):
                mean = np.exp(np.log(probabilities[start:end] + 1e-9).mean(0))
                tags[start:end] = mean.argmax()
                sureness = min(sureness, float(mean.max() / mean.sum()))
        start = end
    own = (tuple(int(tag) for tag in column) for column in (chosen, role, link))
    return TaggedText(text, spans, *own), sureness


def word_tokens(tokenizer: Any, words: list[str]) -> tuple[list[int], list[int]]:
    """Return the token ids of words, the end marks included, and where each word's first one is.

    Words beyond MOST_TOKENS are left out.
    """
    ids, first = [tokenizer.token_to_id("[CLS]")], []
    for encoding in tokenizer.encode_batch(words, add_special_tokens=False):
        own = encoding.ids[:WORD_TOKENS] or [tokenizer.token_to_id("[UNK]")]
        if len(ids) + len(own) >= MOST_TOKENS:
            break
        first.append(len(ids))
        ids += own
    return [*ids, tokenizer.token_to_id("[SEP]")], first


def load_tagger(folder: Path = TAGGER) -> PlanTagger:
    """Load a tagger from the files of its folder.

    Raises HicalmError where there are none, for an unreadable file, and for foreign, wrong-shaped
    or missing weights.
    """
    from hicalm.reading.tagger_network import shapes, trained

    files, expected = sorted(Path(folder).glob(SHARDS)), shapes(sum(HEADS))
    state: dict[str, torch.Tensor] = {}
    for path in files:
        state |= load_state(path, expected)
    if not state.keys() >= {"heads.weight", "heads.bias"}:
        raise HicalmError(f"There is no whole plan tagger in {folder}: its heads are missing.")
    own = content_hash([*(path.read_bytes() for path in files), bytes.fromhex(MINILM_SHA256)])
    return PlanTagger(trained(sum(HEADS), state), minilm_tokenizer(), own)


@cache
def shipped_tagger() -> PlanTagger | None:
    """Return the shipped tagger, or None where its files are not there (a wheel has none)."""
    return load_tagger() if any(TAGGER.glob(SHARDS)) else None


def tagger_hashes() -> dict[str, str]:
    """Return the shipped tagger's hash by its name; nothing where there is none."""
    tagger = shipped_tagger()
    return {} if tagger is None else {"plan_tagger": tagger.hash}


@lru_cache(REMEMBERED)
def read_tags(text: str) -> TaggedPlan:
    """Return what the shipped tagger reads in a query; nothing where there is none."""
    tagger = shipped_tagger()
    return TaggedPlan(None, 0.0) if tagger is None else tagger.read(text)
