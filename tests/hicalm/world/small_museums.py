"""Museums small enough to be judged by hand, and random ones for hypothesis."""

from hypothesis import strategies as st

from hicalm.world import vocabulary


def painting(subject: str | None, style: str, palette: str = "greens") -> dict:
    return {"subject": subject, "style": style, "palette": palette, "title": "", "artist": ""}


def room(paintings: list[dict], objects: tuple[str, ...] = (), wall_color: str = "red") -> dict:
    look = {"wall_color": wall_color, "floor": "wood", "lighting": "dim"}
    return {"name": "Room", **look, "objects": list(objects), "paintings": paintings}


paintings = st.builds(
    painting,
    st.sampled_from([*vocabulary.SUBJECTS[:3], None]),
    st.sampled_from(vocabulary.STYLES[:3]),
    st.sampled_from(vocabulary.PALETTES[:3]),
)
rooms = st.builds(
    room, st.lists(paintings, max_size=4), wall_color=st.sampled_from(["red", "blue"])
)
museums = st.fixed_dictionaries({"rooms": st.lists(rooms, max_size=5)})
