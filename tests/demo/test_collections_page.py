"""The page at which visitors add museums: what is said, and rooms that are proposed and changed."""

import pandas as pd
import pytest

from demo import text
from demo.address import parse_address
from demo.pages import collections
from demo.pages.collections import HEADERS, begin, clean_name, remember, take, take_sample
from hicalm.errors import HicalmError
from tests.demo.collection_zip import museums_zip, picture
from tests.demo.fake_page import open_page, page_parts


@pytest.fixture
def brought(workspace, tmp_path):
    """Bring files by name, and return the collection."""

    def bring(files: dict[str, bytes], folders: list[str] | None = None):
        paths = []
        for number, (name, content) in enumerate(files.items()):
            path = tmp_path / str(number) / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
            paths.append(str(path))
        token = parse_address(take(workspace, paths, folders)).collection
        return workspace.user_collections.find(token)

    return bring


def now(added) -> dict[str, str]:
    return {"address": f"?collection={added.token}&show=add"}


def table(added, **changes: tuple[str, str]) -> pd.DataFrame:
    """Return the table as a visitor left it: by picture another museum and room."""
    rows = [[one.file, *changes.get(one.file, one[1:])] for one in added.placed]
    return pd.DataFrame(rows, columns=HEADERS)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("my_museums.ZIP", "my museums"),
        ("C:\\pictures\\two.zip", "two"),
        ("../../etc/passwd", "passwd"),
        ("\x00\x07.zip", "Your collection"),
        ("x" * 500, "x" * 60),
    ],
)
def test_a_name_is_clean(name, expected):
    assert clean_name(name) == expected


def test_the_page_states_limits_and_encoder_before_the_models_are_there(workspace, searcher):
    from types import SimpleNamespace

    workspace.warmup.searcher = None
    searcher.collection.features.fingerprints["view"] = SimpleNamespace(name="builtin")
    page = open_page(workspace, "?show=add")
    assert page["status"] == "done" and page["page"] == "add"
    assert text.ENCODER_PHOTOS in page["html"]
    about = collections.views.render("collections_about.html", **collections._limits())
    for stated in (
        "200 MB",
        "400 MB",
        "5,000 files",
        "2,000 views",
        "12 or 32 views",
        "20 minutes",
        "2 hours",
    ):
        assert stated in " ".join(about.split())
    searcher.collection.features.fingerprints["view"] = SimpleNamespace(name="ViT-<b>32")
    assert "read by ViT-&lt;b&gt;32" in open_page(workspace, "?show=add")["html"]


def test_rooms_are_proposed_for_loose_pictures_and_others_are_listed(workspace, brought):
    added = brought(
        {"kitchen-1.jpg": picture(), "kitchen-2.jpg": picture("blue"), "notes.pdf": b"%PDF"}
    )
    page = open_page(workspace, now(added)["address"])
    assert page["status"] == "done" and "2 pictures in 1 room" in page["html"]
    shown = page["shown"]
    parts = page_parts().collections
    assert shown[parts.table].to_numpy().tolist() == [
        ["kitchen-1.jpg", "Your collection", "kitchen"],
        ["kitchen-2.jpg", "Your collection", "kitchen"],
    ]
    assert shown[parts.left_out].value["data"][0][0] == "notes.pdf"
    assert page["results"].collection == ""  # it cannot be searched yet


def test_files_of_the_same_name_are_all_taken(workspace, tmp_path):
    paths = [tmp_path / folder / "1.jpg" for folder in "abc"]
    for path in paths:
        path.parent.mkdir()
        path.write_bytes(picture())
    token = parse_address(take(workspace, list(map(str, paths)), None)).collection
    placed = workspace.user_collections.find(token).placed
    assert {one.file for one in placed} == {"1.jpg", "102.jpg", "103.jpg"}
    assert len({one.room for one in placed}) == 1


def test_a_folder_keeps_its_folders(brought):
    names = ["mine/North/Hall/1.jpg", "mine/North/Tower/1.jpg"]
    added = brought({"1.jpg": picture()}, names[:1])
    assert (added.name, added.placed[0][1:]) == ("mine", ("North", "Hall"))
    assert brought({"2.jpg": picture()}, names[:1]).placed[0].room == "Your collection"


def test_what_a_visitor_changes_is_kept_and_an_empty_cell_leaves_out(workspace, brought):
    added = brought({f"hall-{n}.jpg": picture() for n in (1, 2, 3)})
    hostile = "<b>${1+1}</b>/../x"
    changed = table(added, **{"hall-1.jpg": ("My \nhouse", hostile), "hall-2.jpg": ("", "hall")})
    changed.loc[len(changed)] = ["/etc/passwd", "M", "R"]  # a row that nobody proposed
    assert "2 pictures in 2 rooms" in remember(workspace, changed, now(added))
    page = open_page(workspace, now(added)["address"])
    rows = page["shown"][page_parts().collections.table].to_numpy().tolist()
    assert rows[0][2] == hostile and len(rows) == 3
    assert begin(workspace, changed, now(added)) == now(added)["address"]
    while not added.ended:
        pass
    museums = added.workspace.collection.museums
    assert [museum.title for museum in museums] == ["My house", "Your collection"]
    assert [room.name for room in museums[0].rooms] == ["<b>${1+1}< b> .. x"]
    assert added.left_out == {"hall-2.jpg": text.COLLECTION_LEFT_OUT}


def test_a_table_without_rooms_is_refused(workspace, brought):
    added = brought({"a.jpg": picture()})
    with pytest.raises(HicalmError, match="No picture has a museum and a room"):
        begin(workspace, table(added, **{"a.jpg": ("", "")}), now(added))


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["../1.jpg"], None),
        (["a/../../1.jpg"], "could lead outside"),
        (["a\\1.jpg"], None),
        (["/".join("abcdefghijk") + "/1.jpg"], "too deep"),
    ],
)
def test_no_name_of_a_folder_leads_outside(workspace, brought, names, sentence):
    if sentence:
        with pytest.raises(HicalmError, match=sentence):
            brought({"1.jpg": picture()}, names)
        assert not workspace.user_collections._by_token
    else:  # what does not fit the file's own name is not believed
        assert brought({"x.jpg": picture()}, names).placed[0].file == "x.jpg"


def test_files_of_one_name_and_zip_files_among_others_are_left_out(brought):
    added = brought({"a.jpg": picture(), "more.zip": museums_zip(), "A.txt": b"A museum."})
    assert added.left_out == {"more.zip": "A zip file: bring it alone."}


def test_a_file_that_another_visitor_took_along_is_asked_for_again(workspace, tmp_path):
    with pytest.raises(HicalmError, match="bring them again"):
        take(workspace, [str(tmp_path / "gone.jpg")], None)
    assert not workspace.user_collections._by_token


def test_the_sample_is_a_few_museums_with_their_descriptions(workspace, searcher):
    added = workspace.user_collections.find(parse_address(take_sample(workspace)).collection)
    titles = {museum.title for museum in searcher.collection.museums}
    assert len({one.museum for one in added.placed}) == 3 and added.state == "proposed"
    assert {one.museum for one in added.placed} <= titles
    begin(workspace, table(added), now(added))
    while not added.ended:
        pass
    assert added.message == "" and added.left_out == {}
    museums = {museum.title: museum for museum in searcher.collection.museums}
    for museum in added.workspace.collection.museums:
        paragraphs = {room.paragraph for room in museums[museum.title].rooms}
        assert all(room.paragraph in paragraphs for room in museum.rooms)
