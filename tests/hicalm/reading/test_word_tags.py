"""Tags of words told as plans: each role, each link, each number, and what names a room."""

import pytest

from hicalm.reading.query_plan import Plan
from hicalm.reading.recipe.marked_queries import read_marks, tagged
from hicalm.reading.word_tags import plan_of, split_words
from tests.hicalm.reading.test_plan_reading import compact


def plan(line: str) -> Plan:
    found = plan_of(tagged(read_marks(line)))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("show me [horses], please", '"horses"'),
        ("[horses] and [boats]{&}", '(and-any "horses" "boats")'),
        ("[horses] and [boats]{+} in one room", '(and-same "horses" "boats")'),
        ("[horses], elsewhere [boats]{|}", '(and-different "horses" "boats")'),
        ("[horses], then [boats]{>}, then [birds]{>}", '(then "horses" "boats" "birds")'),
        ("[horses], but first [boats]{<}", '(then "boats" "horses")'),
        ("[horses], then [boats]{>}, before those [birds]{<}", '(then "horses" "birds" "boats")'),
        ("[horses], none [brown]{p}", '(and-same "horses" (not-painting "brown"))'),
        ("no [brown]{p} [horses]", '(and-same "horses" (not-painting "brown"))'),
        ("no [horses]{m} anywhere", '(not-museum "horses")'),
        ("[boats], no [horses]{m} anywhere", '(and-any "boats" (not-museum "horses"))'),
        ("<two>{n} rooms of [boats]", '(count-2 "boats")'),
        ("[boats] in <two>{N} rooms", '(count-2 "boats")'),
        ("more than <one>{n+} room of [boats]", '(count-2 "boats")'),
        ("a <pair>{n} of [boat] rooms", '(count-2 "a boat room")'),
        (
            "<two>{n} rooms of [boats] under [spotlights]{+}, then [birds]{>}",
            '(then (count-2 (and-same "boats" "spotlights")) "birds")',
        ),
        ("[boats], at most <six>{max} rooms", '(and-any "boats" (rooms None 6))'),
        ("[boats], fewer than <six>{max-} rooms", '(and-any "boats" (rooms None 5))'),
        ("more than <six>{min+} rooms", "(rooms 7 None)"),
        ("from <five>{min} to <8>{max} rooms", "(rooms 5 8)"),
        ("half a <dozen>{is} rooms", "(rooms 6 6)"),
        ("a <dozen>{is} rooms", "(rooms 12 12)"),
        (
            "[a], [b]{|} or [c]{|}, then [d]{>} and apart [e]{|}",
            '(then (and-different "a" "b" "c") (and-different "d" "e"))',
        ),
        ("first no [bench]{r}, then [boats]{>}", '(then (not-room "bench") "boats")'),
    ],
)
def test_tags_tell_a_plan(line: str, expected: str):
    assert compact(plan(line)) == expected


@pytest.mark.parametrize(
    ("line", "phrase"),
    [
        ("[boats], not in a [red]{r} room", "a red room"),
        ("[boats] where the walls are not [red]{r}", "red walls"),
        ("[boats] where no wall is [red]{r}", "red wall"),
        ("[boats] in a room that isn't [dark]{r}", "a dark room"),
        ("[boats] without [a red bench]{r}", "a red bench"),
        ("[boats], not [red]{p}", "red"),
    ],
)
def test_a_look_is_named_with_what_it_is_of(line: str, phrase: str):
    assert plan(line).children[1].children[0].text == phrase


def test_one_stands_for_a_room():
    found = plan("[a red] room, elsewhere a [blue]{|} one")
    assert [part.text for part in found.children] == ["a red room", "a blue room"]


def test_the_words_of_parts_are_where_they_came_from():
    found = plan("a museum with <two>{n} rooms of [boats], but no [horses]{m} anywhere")
    assert [child.text for child in found.children] == [
        "a museum with two rooms of boats",
        "but no horses anywhere",
    ]


@pytest.mark.parametrize("line", ["at least <9>{min} and at most <4>{max} rooms", "<x>{n} rooms"])
def test_what_holds_not_together_is_no_plan(line: str):
    assert plan_of(tagged(read_marks(line))) is None


def test_words_are_split_at_signs():
    text = "Picasso-less rooms, don't you? 2x"
    assert [text[start:end] for start, end in split_words(text)] == (
        ["Picasso", "-", "less", "rooms", ",", "don't", "you", "?", "2", "x"]
    )
