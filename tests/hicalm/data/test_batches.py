"""Batches of ragged museums."""

import pytest

from hicalm.data.batches import Batch
from hicalm.errors import HicalmError
from tests.hicalm.museums import collate, random_item

ITEMS = [random_item(seed, rooms) for seed, rooms in enumerate((3, 1, 5, 2))]


def test_bad_batches_are_refused() -> None:
    good = collate(ITEMS)
    fields = {name: getattr(good, name) for name in good.__dataclass_fields__}
    bad = [
        ({"views": good.views[1:]}, "view_counts adds up to"),
        ({"room_counts": good.room_counts.float()}, "must be a vector of type long"),
        ({"sentence_counts": good.sentence_counts * 0}, "has an empty group"),
        ({"is_introduction": ~good.is_introduction}, "exactly where is_introduction"),
        ({"paragraph_room": good.paragraph_room.clamp(max=0)}, "not in the paragraph's museum"),
    ]
    for change, message in bad:
        with pytest.raises(HicalmError, match=message):
            Batch(**fields | change)
