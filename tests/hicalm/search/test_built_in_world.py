"""The built-in collection, searched with its own models by thirty queries and by hostile ones."""

import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from hicalm.errors import HicalmError
from hicalm.levels import LEVELS, PLAN
from hicalm.reading.query_plan import Description, Rooms, check_plan
from hicalm.search.searcher import Searcher
from tests.hicalm.search.varied_queries import VARIED

ROOT = Path(__file__).parents[3]
WORLD, CHECKPOINT = ROOT / "assets" / "world", ROOT / "checkpoints" / "hicalm"
CLOSE = 1e-4  # of a score; the largest error of additivity that is allowed
LONGEST = 10  # seconds of an answer on a machine that does other things too
HOSTILE = {
    "nested": "not " * 4_900 + "horses",
    "nested in rooms": "a room without " * 1_300 + "horses",
    "ten thousand": "not " * 10_000 + "horses",
    "many rooms": ", then ".join(f"a room of horses {number}" for number in range(500)),
    "five hundred rooms": "five hundred rooms of horses and at least 500 rooms of boats",
    "many counts": " and ".join(f"two rooms of birds {n}" for n in range(12)),
    "one word": "x" * 20_000,
    "words": ("horse " * 4_000)[:20_000],
    "too long": "x" * 20_001,
    "brackets": "(" * 9_000 + "horses" + ")" * 9_000,
    "quotes": "\"'" * 5_000 + "horses",
    "commas": "," * 19_000 + "horses",
    "controls": "hor\x00ses\x1b[31m \x07and\u202e boats\ud800",
    "only controls": "\x00\x1b\x07",
    "numbers": "12 345 6 7 8 9 rooms",
    "only numbers": "1 2 3 4 5",
    "zero": "0 rooms",
    "a large number": "99999999999999999999 rooms of horses",
    "emoji": "🐴🐴🐴 in a 🟥 room",
    "only emoji": "🐴🚢",
    "a zero-width joiner": "h\u200do\u200dr\u200ds\u200de\u200ds",
    "templates": "${7*7} {{7*7}} <script>alert(1)</script> '; DROP TABLE museums; --",
    "only operators": "and then not or without at least",
    "combining": "h" + "\u0301" * 5_000 + "orses",
}


@pytest.fixture(scope="module")
def searcher() -> Searcher:
    if not (WORLD / "features").exists():
        pytest.skip("the built-in world is not there")
    return Searcher.open(WORLD, CHECKPOINT)


@pytest.mark.slow
@pytest.mark.parametrize("text", VARIED)
def test_a_list_is_in_the_order_of_the_scores_that_it_shows(searcher: Searcher, text: str) -> None:
    query = searcher.read(text)
    result = searcher.rank(query, len(searcher.collection.museums))
    scores = [match.score for match in result.matches]
    assert all(one >= following for one, following in pairwise(scores))
    plain = isinstance(query.plan, Description)
    assert query.plan_weight == (0 if plain else 0.9)
    for match in result.matches:
        assert list(match.levels) == ([*LEVELS] if plain else [*LEVELS, PLAN])
        assert sum(match.levels.values()) == pytest.approx(match.score, abs=1e-9)
        assert match.fit is not None and 0 <= match.fit <= 1
        assert plain or 0 <= match.levels[PLAN] <= 0.9
    # A list that shows fewer is the beginning of the whole.
    few = searcher.search(text, 5).matches
    assert [m.museum_id for m in few] == [m.museum_id for m in result.matches[:5]]
    for match in (result.matches[0], result.matches[-1]):
        explanation = searcher.explain(query, match.museum_id)
        assert explanation.score == pytest.approx(match.score, abs=CLOSE)
        difference = explanation.score - explanation.baseline
        rooms = sum(room.contribution for room in explanation.rooms)
        parts = sum(part.contribution for part in explanation.query_parts)
        assert (rooms, parts) == pytest.approx((difference, difference), abs=CLOSE)


@pytest.mark.slow
def test_limits_leave_museums_of_the_right_size(searcher: Searcher) -> None:
    found = searcher.search("portraits in a museum with at most six rooms", 100)
    assert found.matches and found.notes == ()
    assert all(len(match.rooms) <= 6 for match in found.matches)
    none = searcher.search("birds in a museum with exactly 40 rooms", 1000)
    assert len(none.matches) == len(searcher.collection.museums)
    assert none.notes == ("No museum here has that number of rooms, so the limit is left out.",)


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_query_is_answered_or_refused_in_a_sentence(
    searcher: Searcher, text: str
) -> None:
    searcher.search("horses, then boats")  # the grammar is there
    started = time.process_time()
    try:
        result = searcher.search(text)
    except HicalmError as error:
        assert "\n" not in str(error) and len(str(error)) < 300
    else:
        assert len(result.matches) == 10 and result.plan is not None
        check_plan(result.plan)
        assert all(len(note) < 300 for note in result.notes)
        sizes = [n for n in (result.plan,) if isinstance(n, Rooms)]
        assert all(limit.max is None or limit.max < 1000 for limit in sizes)
    assert time.process_time() - started < LONGEST


@pytest.mark.slow
def test_a_search_imports_nothing_that_takes_seconds_and_serves_neither_text_nor_ranking() -> None:
    code = (
        "import sys\n"
        "from hicalm.data.home import CHECKPOINTS, COLLECTION\n"
        "from hicalm.search.searcher import Searcher\n"
        "searcher = Searcher.open(COLLECTION, CHECKPOINTS / 'hicalm')\n"
        "searcher.search('first horses, then ships')\n"
        "searcher.prepare()\n"
        "museum = searcher.collection.museums[0].id\n"
        "searcher.read_picture(searcher.pictures.picture(museum, 0, 0))\n"
        "heavy = 'torch._dynamo sympy torchvision timm open_clip transformers pandas sklearn'\n"
        "print([name for name in heavy.split() if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
