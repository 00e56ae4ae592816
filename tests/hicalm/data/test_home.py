"""What lies in the repository, and the sentence of a package that is away from it."""

from pathlib import Path

from hicalm.cli.options import CHECKPOINTS, COLLECTION, QUERIES
from hicalm.data.home import not_at_home
from hicalm.encoders.art_expert import ART_EXPERT_FOLDER
from hicalm.encoders.builtin import BUILTIN_FOLDER

CLONE = "set HICALM_HOME to the folder of a clone of the repository."


def test_a_checkout_is_its_own_home():
    for path in (COLLECTION, CHECKPOINTS, QUERIES, BUILTIN_FOLDER, ART_EXPERT_FOLDER):
        assert path.exists()


def test_the_sentence_says_what_is_missing_and_what_helps():
    missing = "The package does not bring the encoder, and 'away' is not there"
    for instead, mend in {"": CLONE, "ask": f"ask, or {CLONE}"}.items():
        assert str(not_at_home("the encoder", Path("away"), instead)) == f"{missing}: {mend}"
