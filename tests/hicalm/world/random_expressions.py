"""Random expressions over the values of `small_museums`, for hypothesis."""

from hypothesis import strategies as st

from hicalm.world import vocabulary
from hicalm.world.expressions import And, Count, Not, Phrase, Rooms, Then
from hicalm.world.predicates import Predicate

_wanted = st.one_of(
    st.builds(Predicate, subject=st.sampled_from(vocabulary.SUBJECTS[:3])),
    st.builds(Predicate, style=st.sampled_from(vocabulary.STYLES[:2])),
    st.builds(Predicate, wall_color=st.sampled_from(["red", "blue"])),
    st.builds(Predicate, subject=st.just(vocabulary.SUBJECTS[0]), wall_color=st.just("red")),
)
phrases = st.builds(Phrase, _wanted, text=st.sampled_from(["", "words"]))


def _parts(of: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(of, min_size=2, max_size=3).map(tuple)


of_one_room = st.recursive(
    phrases,
    lambda parts: st.one_of(
        st.builds(Not, parts, st.sampled_from(["painting", "room"])),
        st.builds(And, _parts(parts), st.just("same")),
    ),
    max_leaves=4,
)
of_several_rooms = st.recursive(
    st.one_of(of_one_room, st.builds(Count, st.integers(1, 3), of_one_room)),
    lambda parts: st.one_of(
        st.builds(Then, _parts(parts)),
        st.builds(And, _parts(parts), st.just("different")),
    ),
    max_leaves=3,
)
limits = st.builds(Rooms, st.integers(1, 3), st.none() | st.integers(3, 5))
expressions = st.recursive(
    of_several_rooms | limits,
    lambda parts: st.one_of(
        st.builds(Not, parts, st.just("museum")),
        st.builds(And, _parts(parts), st.just("any")),
    ),
    max_leaves=3,
)
