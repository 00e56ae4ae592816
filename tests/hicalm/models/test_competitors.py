"""Image encoders of HiCALM's competitors."""

import pytest

from hicalm.errors import HicalmError
from hicalm.models import make_model
from tests.hicalm.museums import tiny_config


def test_vsformer_says_which_widths_it_reads() -> None:
    with pytest.raises(HicalmError, match="8 heads, which do not divide features of width 7"):
        make_model(tiny_config(vision="vsformer"))
