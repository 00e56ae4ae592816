"""Teach the plan tagger variants of the marked queries."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from hicalm.encoders.minilm import minilm_tokenizer
from hicalm.encoders.weights import half_precision
from hicalm.errors import HicalmError
from hicalm.files import replacing, to_json, write_text
from hicalm.reading.plan_tagger import (
    HEADS,
    SHARDS,
    PlanTagger,
    word_tokens,
)
from hicalm.reading.query_plan import Plan, shape
from hicalm.reading.recipe.marked_queries import Marked, load_marked, tagged
from hicalm.reading.recipe.query_variants import QueryVariants
from hicalm.reading.tagger_network import untrained
from hicalm.reading.word_tags import TaggedText, plan_of
from hicalm.world.chance import pick

POOL = 16  # batches whose queries are sorted by length together
SMOOTHING = 0.02  # of the pieces' labels: some words are a matter of taste
OTHERS_WEIGHT = 0.5  # of the roles' and of the links' loss, beside that of the pieces
HISTORY = "training.json"
SHARD_BYTES = 9_000_000


@dataclass(frozen=True)
class TaggerConfig:
    """How the tagger is trained."""

    steps: int = 1600
    batch: int = 48
    learning_rate: float = 1.5e-4
    heads_rate: float = 3e-3
    shared_layers: int = 1  # of MiniLM's six, which stay as they are, as the word embeddings do
    # Files of ``marked/`` that one writer's queries are not drawn from as often as the others'.
    seldom: tuple[str, ...] = ("canonical", "described", "grammar", "whole")
    seldom_share: float = 0.35
    seed: int = 1


def train_plan_tagger(
    out: Path,
    config: TaggerConfig,
    held_out: Sequence[str] = (),
    every: int = 300,
) -> PlanTagger:
    """Train; write the weights and the history to the folder ``out``.

    Args:
        held_out: names of files of ``marked/`` to leave out; their queries are read every ``every``
            steps, and how many plans have the right shape is written to the history.
    Raises HicalmError for a name that is no file of ``marked/``.
    """
    queries = load_marked()
    for name in held_out:
        if name not in queries:
            raise HicalmError(f"'{name}' is none of the marked queries: {', '.join(queries)}.")
    kept = {name: queries.pop(name) for name in held_out}
    torch.manual_seed(config.seed)
    network = untrained(sum(HEADS))
    trained = _trained_parameters(network, config.shared_layers)
    tokenizer = minilm_tokenizer()
    tagger = PlanTagger(network, tokenizer)
    heads = list(network.heads.parameters())
    groups = [
        {"params": trained, "lr": config.learning_rate},
        {"params": heads, "lr": config.heads_rate},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    rates = [config.learning_rate, config.heads_rate]
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, rates, total_steps=config.steps, pct_start=0.1
    )
    history: list[dict[str, Any]] = []
    losses: list[float] = []
    for step, batch in zip(
        range(1, config.steps + 1), _batches(queries, config, tokenizer), strict=False
    ):
        network.train()
        loss = _loss(network, batch)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([*trained, *heads], 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if step % every == 0 or step == config.steps:
            network.eval()
            row = {"step": step, "loss": round(float(np.mean(losses[-every:])), 4)}
            row |= {name: right_shapes(tagger, own) for name, own in kept.items()}
            history.append(row)
            print(to_json(row), flush=True)
    network.eval()
    _save(network, out, {"config": asdict(config), "held_out": list(held_out), "history": history})
    return tagger


def right_shapes(tagger: PlanTagger, queries: Sequence[Marked]) -> float:
    """Return for which share of marked queries the plan asks for the same, its words aside."""
    right = 0
    for query in queries:
        wanted = tagged(query)
        right += bare_shape(tagger.read(wanted.text).plan) == bare_shape(plan_of(wanted))
    return round(right / len(queries), 4)


def bare_shape(plan: Plan | None) -> object:
    """Return what a plan asks for without the words of its phrases."""

    def without_words(node: object) -> object:
        if not isinstance(node, tuple):
            return node
        if node[:1] == ("phrase",):
            return "phrase"
        return tuple(without_words(part) for part in node)

    return None if plan is None else without_words(shape(plan))


def _trained_parameters(network: Any, shared_layers: int) -> list[torch.nn.Parameter]:
    for parameter in network.bert.parameters():
        parameter.requires_grad_(False)
    own = network.bert.encoder.layer[shared_layers:].parameters()
    return [parameter.requires_grad_(True) for parameter in own]


@dataclass(frozen=True)
class _Row:
    """A query of N words for the network: its token ids, and where its words begin."""

    ids: list[int]
    first: list[int]
    tags: TaggedText


def _batches(
    queries: dict[str, list[Marked]], config: TaggerConfig, tokenizer: Any
) -> Iterator[list[_Row]]:
    """Yield batches of variants of similar length, without end."""
    rng = np.random.default_rng(config.seed)
    variants = QueryVariants()
    often = [query for name, own in queries.items() if name not in config.seldom for query in own]
    seldom = [query for name in config.seldom for query in queries.get(name, [])]
    while True:
        rows = []
        for _ in range(config.batch * POOL):
            use_seldom = seldom and (not often or rng.random() < config.seldom_share)
            tags = tagged(variants.draw(rng, pick(rng, seldom if use_seldom else often)))
            words = [tags.text[start:end] for start, end in tags.spans]
            ids, first = word_tokens(tokenizer, words)
            if first:
                rows.append(_Row(ids, first, tags))
        rows.sort(key=lambda row: len(row.ids))
        batches = [rows[at : at + config.batch] for at in range(0, len(rows), config.batch)]
        for number in rng.permutation(len(batches)):
            yield batches[int(number)]


def _loss(network: Any, batch: Sequence[_Row]) -> torch.Tensor:
    ids = torch.zeros(len(batch), max(len(row.ids) for row in batch), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for number, row in enumerate(batch):
        ids[number, : len(row.ids)] = torch.tensor(row.ids)
        mask[number, : len(row.ids)] = 1
    own = [number for number, row in enumerate(batch) for _ in row.first]
    first = [place for row in batch for place in row.first]
    logits = network(ids, mask)[own, first].split(HEADS, -1)

    def labels(name: str) -> torch.Tensor:
        return torch.tensor(
            [tag for row in batch for tag in getattr(row.tags, name)[: len(row.first)]]
        )

    pieces = F.cross_entropy(logits[0], labels("pieces"), label_smoothing=SMOOTHING)
    roles = F.cross_entropy(logits[1], labels("roles"), ignore_index=-1)
    links = F.cross_entropy(logits[2], labels("links"), ignore_index=-1)
    return pieces + OTHERS_WEIGHT * (roles + links)


def _save(network: Any, out: Path, history: dict[str, Any]) -> None:
    state = half_precision(
        {name: value for name, value in network.named_parameters() if value.requires_grad}
    )
    shards: list[dict[str, torch.Tensor]] = [{}]
    size = 0
    for name, value in state.items():
        if size + value.nbytes > SHARD_BYTES:
            shards.append({})
            size = 0
        shards[-1][name] = value
        size += value.nbytes
    out.mkdir(parents=True, exist_ok=True)
    for number, shard in enumerate(shards, 1):
        with replacing(out / SHARDS.replace("*", str(number))) as temporary:
            save_file(shard, temporary)
    write_text(out / HISTORY, to_json(history, indent=2) + "\n")
