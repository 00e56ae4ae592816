"""What the trainings of encoders share."""

import numpy as np

from hicalm.encoders.attributes import anchors, attribute_columns
from hicalm.encoders.recipe.steps import read_attributes
from hicalm.world.relevance import LabelledQuery, Predicate


def test_attributes_are_read_from_the_nearest_anchor() -> None:
    columns, directions = attribute_columns(), anchors().numpy()
    horse, bird, red = (
        directions[columns[pair]]
        for pair in (("subject", "horse"), ("subject", "bird"), ("wall_color", "red"))
    )
    queries = [
        LabelledQuery("", "validation", Predicate(subject="horse", wall_color="red")),
        LabelledQuery("", "validation", Predicate(subject="horse")),
    ]
    shares = read_attributes(np.stack([horse + red, bird]), queries)
    assert shares == {"subject": 0.5, "wall_color": 1.0}
