"""Train what makes and reads the codes of a shortlist, the first stage of a search."""

from pathlib import Path

import numpy as np

from hicalm.data.collection import Collection, Fingerprint
from hicalm.data.dataset import view_rows
from hicalm.hashing.decoder import Decoder
from hicalm.hashing.decoder_training import DecoderSettings, train_decoder
from hicalm.hashing.heads import HashHeads
from hicalm.hashing.order import OrderSettings, train_order
from hicalm.models.checkpoints import content_hash, load_model
from hicalm.retrieval.index import build_index, check_encoder
from hicalm.retrieval.queries import description_queries
from hicalm.retrieval.scoring import encode_queries

MAX_SENTENCES = 14_000  # that the heads learn from, beside all paragraphs


def train_shortlist(
    checkpoint: Path,
    collection: Collection,
    bits: int = 64,
    settings: OrderSettings = OrderSettings(),
    decoder_settings: DecoderSettings = DecoderSettings(),
    progress: bool = True,
) -> tuple[HashHeads, Decoder]:
    """Return heads that keep the order of HiCALM's ``checkpoint``, and what reads their codes back.

    Both learn from training museums and the paragraphs and sentences of their descriptions. Raises
    HicalmError for a collection without training museums or with features of another encoder.
    """
    training, model = collection.split("train"), load_model(checkpoint)
    check_encoder(training, model)
    views = view_rows(training, model.config.art_dim)
    index = build_index(model, views, training.view_counts, training.room_counts, progress)
    own = description_queries(training, ("room",))["room"]
    read = encode_queries(model, own.sentences, own.sentence_counts, own.paragraph_counts)
    rng = np.random.default_rng(settings.seed)
    sentence_count = min(len(read.sentence), MAX_SENTENCES)
    sentences = read.sentence[rng.choice(len(read.sentence), sentence_count, replace=False)]
    fingerprint = Fingerprint("hicalm", content_hash(checkpoint), model.config.hidden)
    texts = np.concatenate([read.paragraph, sentences])
    heads = train_order(index, texts, fingerprint, bits, settings, progress)
    return heads, train_decoder(index, texts, heads, decoder_settings, progress)
