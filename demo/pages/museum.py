"""A museum's page: what it shows of the query, its plan, and its rooms to look round in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import gradio as gr

from demo import text
from demo.address import Address
from demo.components.cards import FindPlace, cards
from demo.components.floor_plan import floor_plan, plan_html
from demo.components.room_viewer import FindHeatMap, room_html, room_viewer
from demo.evidence import Words, room_words
from demo.pages.parts import Parts, Shown
from demo.sentence import Telling
from demo.shading import room_scale
from demo.verdict import match_word, percent
from demo.views import render
from demo.vocabulary import has_pictures
from demo.workspace import RankedMatch, Workspace
from hicalm.data.collection import Museum
from hicalm.data.room_discovery import discovered_rooms
from hicalm.errors import HicalmError
from hicalm.retrieval.results import MuseumMatch


@dataclass(frozen=True)
class MuseumPage(Parts):
    """The parts of the page."""

    column: gr.Column
    crumbs: gr.HTML
    title: gr.HTML
    plan: gr.HTML
    said: gr.HTML
    room: gr.HTML
    about: gr.HTML


def build(find_place: FindPlace, find_heat_map: FindHeatMap) -> MuseumPage:
    """Lay the page out; it asks ``find_place`` (see ``demo.places``) which place of a view answers
    a phrase, and ``find_heat_map`` (``demo.evidence``) where in a view words are answered."""
    with gr.Column(elem_classes="page museum", visible=False) as column:
        crumbs = gr.HTML(apply_default_css=False)
        with gr.Column(elem_classes="overview"):
            title = gr.HTML(apply_default_css=False)
            plan = floor_plan()
        with gr.Column(elem_classes="walk"):
            said = cards(find_place, "said")
            room = room_viewer(find_heat_map)
            about = gr.HTML(elem_classes="about", apply_default_css=False)
    return MuseumPage(column, crumbs, title, plan, said, room, about)


def show_museum(page: MuseumPage, workspace: Workspace, address: Address) -> tuple[bool, Shown]:
    """Show a museum at the address's room and view; return whether it is ranked by the query, too.

    What cannot be said of it, a sentence above the page tells. Raises HicalmError for an unknown
    museum.
    """
    museum = workspace.collection.museum(address.museum)
    ranked: RankedMatch | None = None
    matches: Sequence[MuseumMatch] = ()
    notices = []
    if address.searches and workspace.warmup.state != "warming":
        try:
            ranked = workspace.ranked_match(address, museum.id)
            matches = workspace.find(address).matches
            notices += [] if ranked else [text.NOT_RANKED]
        except HicalmError as error:
            notices.append(str(error))
    match = ranked.match if ranked else None
    here, warnings = on_screen(address, museum, match)
    room, plan = here.room or 0, workspace.pictures.floor_plan(museum.id)
    words = room_words(workspace, here, museum.id, room) if match else Words()
    scale = room_scale([*matches, match] if match else [])  # that of the shades on the cards
    fit, pictures = match.fit if match else None, has_pictures(workspace.collection)
    return ranked is not None, {
        page.crumbs: render(
            "museum_crumbs.html", address=here, notice=" ".join([*notices, *warnings])
        ),
        page.title: render(
            "museum_title.html",
            museum=museum,
            ranked=ranked,
            how=match_word(fit),
            probability="" if fit is None else percent(fit),
        ),
        page.said: _said(workspace, here, museum, match) if match and pictures else "",
        page.plan: plan_html(plan, museum, here, match, scale),
        page.room: room_html(museum, here, match, words, plan is not None, pictures),
        page.about: render(
            "museum_about.html",
            museum=museum,
            room=museum.rooms[room],
            address=here,
            discovered=discovered_rooms(workspace.collection, museum.id),
        ),
    }


def on_screen(
    address: Address, museum: Museum, match: MuseumMatch | None
) -> tuple[Address, list[str]]:
    """Return the address with a room and a view that exist, and a sentence where it named others.

    Without a room the best one is shown; without a view the best one of the room.
    """
    room, view, warnings = address.room, address.view, []
    if room is not None and room >= len(museum.rooms):
        warnings = [text.UNKNOWN_PAGE_PART.format(room=room + 1, rooms=len(museum.rooms))]
        room = view = None
    if room is None:
        room = match.best_room if match else 0
    count = museum.rooms[room].views
    if view is not None and view >= count:
        warnings = [text.UNKNOWN_VIEW.format(view=view + 1, views=count)]
        view = None
    if view is None:
        view = next((r.best_view for r in match.rooms if r.index == room), 0) if match else 0
    return replace(address, room=room, view=view), warnings


def _said(workspace: Workspace, address: Address, museum: Museum, match: MuseumMatch) -> str:
    known = workspace.known(address)
    presence = [workspace.presence(address, museum.id, room) for room in range(len(museum.rooms))]
    sentence = Telling(match, workspace.find(address).plan, known, presence).sentence()
    return render("museum_said.html", address=address, museum=museum, sentence=sentence)
