"""A folder of checkpoints with all stages, untrained, for the small collections of these tests."""

from pathlib import Path

import torch

from hicalm.data.collection import Fingerprint
from hicalm.hashing.decoder import Decoder, save_decoder
from hicalm.hashing.hash_settings import HashSettings
from hicalm.hashing.heads import HashHeads, save_heads
from hicalm.hosa.hosa_checkpoints import save_hosa
from hicalm.hosa.model import HosaConfig, HosaModel
from hicalm.hosa.rerank import save_weight
from hicalm.models.checkpoints import content_hash, save_model
from tests.hicalm.collections import DIM, FakeEncoder, random_model


def save_stages(folder: Path, weight: float = 1.0, rerank: bool = True) -> Path:
    """Write HiCALM, HOSA, VTM-UCH and the shortlist; return the folder of HiCALM."""
    encoder = FakeEncoder()
    torch.manual_seed(3)
    model = random_model()
    checkpoint = folder / "hicalm"
    save_model(model, checkpoint)
    hosa = HosaModel(
        HosaConfig(DIM, DIM, DIM, tube=2, gru=False, encoder=f"{encoder.name} {encoder.hash}")
    )
    save_hosa(hosa, folder / "hosa")
    save_weight(folder / "hosa", weight, rerank)
    settings = HashSettings(bits=16, hidden=8)
    fingerprint = Fingerprint("hicalm", content_hash(checkpoint), model.config.hidden)
    heads = HashHeads(fingerprint, settings)
    save_heads(heads, folder / "shortlist")
    save_decoder(Decoder(fingerprint, settings.bits, 8, heads.hash), folder / "shortlist")
    save_heads(HashHeads(encoder.fingerprint, settings), folder / "vtm-uch")
    return checkpoint
