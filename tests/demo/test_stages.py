"""The stages of a search: in addresses, in the workspace, on the results page, in the API."""

from dataclasses import replace

import pandas as pd
import pytest

from demo import text
from demo.address import Address, format_address, parse_address
from demo.api import endpoints
from demo.shading import amount, signed
from demo.stages import pipeline, rank_changes
from demo.user_collections import ServedWorkspace
from demo.warmup import Warmup
from hicalm.errors import HicalmError
from hicalm.levels import WORDS
from hicalm.models.score_weights import LevelWeights
from hicalm.retrieval.stages import RANK, RERANK, SHORTLIST, STAGES, StageReport
from hicalm.search.searcher import Searcher
from hicalm.search.stage_models import OTHER_PICTURES
from tests.demo.fake_page import explained, open_page, page_parts
from tests.demo.fake_stages import RERANKED, SHORT
from tests.demo.fakes import HOSTILE_TITLE
from tests.hicalm.collections import FakeEncoder, encoded_world, random_model
from tests.hicalm.stages import save_stages


def test_a_search_goes_through_the_stages_of_its_address(workspace, searcher):
    ran = {
        chosen: [report.name for report in workspace.find(Address("red", stages=chosen)).stages]
        for chosen in ((), (RANK,), (SHORTLIST, RANK), STAGES)
    }
    assert [tuple(names) for names in ran.values()] == [(RANK,), (RANK,), (SHORTLIST, RANK), STAGES]
    assert len(searcher.searches) == 3  # the default, named or not, is one search


def test_stages_that_are_not_there_or_cannot_read_the_query_are_left_out(workspace, searcher):
    view = Address(like=("museum-00001", 0, 1), stages=STAGES)
    assert workspace.stages(view) == (SHORTLIST, RANK)
    searcher.stages = (RANK, RERANK)
    assert workspace.stages(Address("red", stages=STAGES)) == (RANK, RERANK)
    assert [report.name for report in workspace.find(view).stages] == [RANK]


def test_rank_changes_compare_the_order_before_and_after():
    reports = {
        RANK: StageReport(RANK, 0.1, 5, 5, ("a", "b", "c", "d")),
        RERANK: StageReport(RERANK, 0.1, 4, 4, ("c", "a", "b", "d")),
    }
    assert rank_changes(reports) == {"c": 2, "a": -1, "b": -1}
    assert rank_changes({RANK: reports[RANK]}) == {}


def test_every_stage_tells_what_it_changed(workspace, searcher):
    address = Address("red horses", stages=STAGES)
    exact = searcher.search("red horses", 24, None, (RANK,)).matches
    shown = pipeline(workspace, address, workspace.find(address))
    short, rank, again = shown.steps
    assert short.sentence == f"{SHORT} of 24 museums go on."
    assert [museum.id for museum, _ in short.missed] == [exact[2].museum_id]
    assert rank.sentence == f"{SHORT} museums scored at all three levels."
    first = workspace.find(address).matches[0]
    assert again.sentence == f"6 of the first {SHORT} moved. Furthest: {first.title}, 3 up."
    ranks = {row.museum.id: row.ranks for row in shown.rows}
    assert ranks[first.museum_id][1:] == (4, 1)
    assert ranks[exact[2].museum_id] == (None, None, None)  # lost, and so in the table's last row


def shown_ranks(page) -> pd.DataFrame:
    """The table of ranks on a page of results."""
    table = page["shown"][page_parts().search.ranks]
    assert table.visible
    return pd.DataFrame(table.value["data"], columns=table.value["headers"])


def test_with_ranking_alone_there_is_no_switch(workspace, searcher):
    searcher.stages = (RANK,)
    page = open_page(workspace, "?q=red")
    switches = page["shown"][page_parts().search.stages]
    assert not switches.visible and switches.choices == switches.value == []
    assert not page["shown"][page_parts().search.ranks].visible
    assert "<b>Rank</b>" not in page["html"] and "copy-link" in page["html"]


def test_the_page_offers_the_switches_and_marks_what_moved(workspace):
    parts = page_parts().search
    page = open_page(workspace, "?q=red+horses&stages=shortlist,rank,rerank")
    switches = page["shown"][parts.stages]
    assert switches.choices == [("Shortlist", SHORTLIST), ("Re-rank", RERANK)] and switches.visible
    assert switches.value == [SHORTLIST, RERANK]  # what the other controls keep
    ranks = shown_ranks(page)
    assert list(ranks.columns) == ["Museum", "Shortlist", "Rank", "Re-rank"]
    assert sum(row.Rank != row[-1] for row in ranks.dropna().itertuples(index=False)) == 6
    assert "14 of 24 museums go on." in page["html"] and "6 of the first 14 moved" in page["html"]
    assert "148 ms" in page["html"] and "0.4 ms" in page["html"]
    plain = open_page(workspace, "?q=red+horses")
    assert plain["shown"][parts.stages].value == []
    assert list(shown_ranks(plain).columns) == ["Museum", "Rank"]


def test_ranks_are_whole_numbers_and_those_of_a_missed_museum_are_not_there(workspace, searcher):
    page = open_page(workspace, "?q=red+horses&stages=shortlist,rank,rerank")
    matches = workspace.find(Address("red horses", stages=STAGES)).matches
    sent = page["shown"][page_parts().search.ranks].value["data"]
    assert [row[0] for row in sent[:-1]] == [match.title for match in matches]
    assert [row[-1] for row in sent[:-1]] == list(range(1, len(matches) + 1))
    assert all(type(rank) is int for row in sent[:-1] for rank in row[1:])
    missed = searcher.search("red horses", 24, None, (RANK,)).matches[2]
    assert sent[-1] == [missed.title, None, None, None]


def test_a_picture_cannot_be_re_ranked_and_the_page_says_so(workspace):
    page = open_page(workspace, "?like=museum-00001/1/2&stages=rank,rerank")
    assert text.STAGE_NO_PICTURE in page["html"]
    assert list(shown_ranks(page).columns) == ["Museum", "Rank"]
    assert page["shown"][page_parts().search.stages].value == [RERANK]  # for the next text


def test_a_hostile_title_among_the_missed_is_escaped(workspace, monkeypatch):
    report = StageReport(SHORTLIST, 0.001, 24, 1, ("museum-00001",), ("museum-00003",))
    found = workspace.find(Address("red", stages=(SHORTLIST, RANK)))
    hostile = type(found)("red", found.paragraphs, found.matches, 0.1, (report, *found.stages[1:]))
    monkeypatch.setattr(workspace, "find", lambda _: hostile)
    page = open_page(workspace, "?q=red&stages=shortlist,rank")["html"]
    assert HOSTILE_TITLE not in page and "Museum of &lt;b&gt;Tags&lt;/b&gt;" in page


def test_a_museum_that_the_shortlist_missed_can_still_be_opened(workspace, searcher):
    missed = searcher.search("red horses", 24, None, (SHORTLIST, RANK)).stages[0].missed[0]
    answer = open_page(workspace, f"?q=red+horses&stages=shortlist,rank&museum={missed}")
    assert answer["page"] == "museum"
    assert "No. 3 of 24" in explained(workspace, answer["address"])["said"]
    assert answer["results"].stages == (SHORTLIST, RANK)


def test_a_museum_put_above_by_re_ranking_is_ahead_by_its_words(workspace):
    address = Address("red horses", stages=(RANK, RERANK))
    first, second = workspace.find(address).matches[:2]
    page = explained(workspace, format_address(address.open(second.museum_id)))["said"]
    assert f"ahead by <b>{amount(first.score - second.score)}</b>" in page
    difference = second.levels[WORDS] - first.levels[WORDS]
    assert f"words <b>{signed(difference)}</b>" in page


def test_words_are_explained_where_they_were_read(workspace):
    address = Address("red horses", top=24, stages=(RANK, RERANK))
    for match in workspace.find(address).matches:
        found = workspace.explain(address, match.museum_id)
        assert found.score == pytest.approx(match.score) and list(found.levels) == list(
            match.levels
        )
    assert WORDS not in workspace.explain(Address("red horses"), match.museum_id).levels


def test_a_line_says_from_where_on_words_were_not_read(workspace):
    page = open_page(workspace, "?q=red+horses&stages=rank,rerank&top=24")["html"]
    divider = text.NOT_RERANKED.format(reranked=RERANKED)
    before, after = page.split(divider)
    assert before.count('class="card"') == RERANKED == before.count("</i>words <b>")
    assert after.count('class="card"') == 24 - RERANKED and "</i>words <b>" not in after
    assert divider not in open_page(workspace, "?q=red+horses&stages=rank,rerank&top=6")["html"]


def test_why_there_is_no_re_ranking_is_said(workspace, searcher):
    searcher.rerank_note = "Re-ranking is off: there is no HOSA model."
    assert searcher.rerank_note in open_page(workspace, "?q=red")["html"]
    assert endpoints(workspace)["search"]("red", 1)["notes"] == [searcher.rerank_note]


def test_the_page_and_the_api_say_that_photographs_are_not_re_ranked(tmp_path):
    photographs = {"source": "files", "root": "photographs"}
    collection = replace(encoded_world(test=3), pictures=photographs, folder=tmp_path)
    checkpoint = save_stages(tmp_path / "models")
    searcher = Searcher(collection, random_model(), FakeEncoder(), None, LevelWeights(), checkpoint)
    warmup = Warmup(lambda: searcher).start()
    warmup.wait(10)
    workspace, note = ServedWorkspace(warmup), f"Re-ranking is off: {OTHER_PICTURES}"
    answer = endpoints(workspace)["search"]("horses", 1)
    assert answer["notes"] == [note] and answer["stages"] == [RANK]
    page = open_page(workspace, "?q=horses&stages=rank,rerank")["html"]
    assert note in page and "</i>words <b>" not in page


def test_the_page_and_the_api_have_the_same_defaults(workspace, searcher, monkeypatch):
    monkeypatch.setattr(type(searcher), "default_stages", (RANK, RERANK))
    first = searcher.search("red horses").matches[0]
    answer = endpoints(workspace)["search"]("red horses", 5)
    assert answer["stages"] == [RANK, RERANK]
    assert answer["results"][0].items() >= ({"rank": 1} | first.to_json()).items()
    page = open_page(workspace, "?q=red+horses")["html"]
    assert page.split('data-museum="')[1].startswith(first.museum_id)
    explained = endpoints(workspace)["explain"]("red horses", first.museum_id)
    assert explained["score"] == pytest.approx(first.score) and WORDS in explained["levels"]


def test_the_api_takes_stages_by_name(workspace, searcher):
    search = endpoints(workspace)["search"]
    plain = search("red horses", 5)["results"]
    again = search("red horses", 5, stages=["rerank"])["results"]
    moved, before = again[0], plain[3]
    assert moved["museum_id"] == before["museum_id"] and (moved["rank"], before["rank"]) == (1, 4)
    assert moved["levels"].items() > before["levels"].items()
    scores = [one["score"] for one in again]
    assert scores == sorted(scores, reverse=True)
    searcher.stages = (RANK, RERANK)
    with pytest.raises(HicalmError, match=r"no stage 'shortlist' here. Choose from rank, rerank"):
        search("red horses", 5, stages=["shortlist"])


@pytest.mark.parametrize("method", ["vtm-uch", "hosa"])
def test_the_other_methods_are_compared_by_their_names(workspace, searcher, method):
    searcher.methods = (*searcher.methods, "vtm-uch", "hosa")
    page = open_page(workspace, f"?q=red&stages=shortlist,rank&show=methods&on.right={method}")
    assert page["page"] == "methods" and page["shown"][page_parts().methods.right].value == method
    assert page["html"].count("data-museum=") > 24  # both lists: stages play no part here
    assert parse_address(page["address"]).stages == (SHORTLIST, RANK)
