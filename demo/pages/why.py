"""How the score of the open museum adds up: a fold below its page, filled when it is opened."""

from dataclasses import dataclass

import gradio as gr
from pandas.io.formats.style import Styler

from demo import text, views
from demo.address import Address
from demo.components.contribution_bars import Axis, Group, Line, bars, contribution_bars
from demo.pages.compare import Side, exact, level_differences, open_side, pair_rooms
from demo.pages.parts import Parts, Shown
from demo.shading import amount, share, signed
from demo.workspace import Workspace
from hicalm.explain.explanation import Explanation
from hicalm.levels import parts_of

SHOWN_VIEWS = 3
SHOWN_ROOMS = 2  # pairs of rooms that tell a museum from the one above it
FULL_SHADE = 0.6  # of HighlightedText's colour, for what brought the most: words stay legible


@dataclass(frozen=True)
class WhyPage(Parts):
    """The parts of the fold, in the order of the page."""

    column: gr.Column
    fold: gr.Accordion
    filled: gr.Column
    bars: gr.HTML
    said: gr.HTML
    phrases: gr.HighlightedText
    about: gr.Markdown
    rooms: gr.Dataframe
    views: gr.Dataframe


def build() -> WhyPage:
    """Lay the fold out."""
    with (
        gr.Column(elem_classes="page why", visible=False) as column,
        gr.Accordion(text.HOW_IT_ADDS_UP, open=False) as fold,
        gr.Column(visible=False) as filled,
    ):
        with gr.Row():
            with gr.Column(min_width=340):
                shown = contribution_bars()
            with gr.Column(min_width=340):
                said = gr.HTML(apply_default_css=False, elem_classes="carried")
                phrases = gr.HighlightedText(
                    label="What each part of the query brought", elem_classes="phrases"
                )
        about = gr.Markdown()
        with gr.Row():
            tables = [
                gr.Dataframe(interactive=False, label=label, max_height=400)
                for label in ("Rooms", "Views")
            ]
    return WhyPage(column, fold, filled, shown, said, phrases, about, *tables)


def explain(page: WhyPage, workspace: Workspace, address: Address) -> Shown:
    """Return the fold, filled for the address's museum. Raises HicalmError where it cannot be."""
    own = open_side(workspace, address, address.museum)
    found, paragraphs = own.explanation, workspace.find(address).paragraphs
    names = [text.shortened(" ".join(sentences)) for sentences in paragraphs]
    rooms, of_views = _tables(found, names)
    said = views.render(
        "why.html",
        address=address,
        own=own,
        summary=summary(own),
        views=best_views(own),
        above=_why_not_first(workspace, address, own),
    )
    return {
        page.filled: gr.Column(visible=True),
        page.bars: bars(address, *adding_up(address, own), found.score),
        page.said: said,
        page.phrases: gr.HighlightedText(weighted_parts(found), visible=bool(found.query)),
        page.about: text.ABOUT_NUMBERS.format(
            baseline=amount(found.baseline),
            similarity=amount(found.similarity, 2),
            error=text.ESTIMATED.format(error=2 * found.error) if found.error > 0 else "",
        ),
        page.rooms: rooms,
        page.views: of_views,
    }


def adding_up(address: Address, own: Side) -> tuple[list[Group], Axis]:
    """Return the bars of a museum and their axis: by part from 0, by room from the baseline."""
    found, names = own.explanation, parts_of(own.explanation.levels)
    parts = [{name: found.levels[name]} for name in names]
    rooms, whole = [room.levels for room in found.rooms], [found.levels]
    axis = Axis.over((parts, 0.0), (rooms, found.baseline), (whole, 0.0))
    by_part = [
        Line(text.part_name(name), bar, part=name)
        for name, bar in zip(names, axis.stack(parts), strict=True)
    ]
    by_room = [
        Line(
            own.museum.rooms[room.index].name,
            bar,
            mark=str(room.index + 1),
            address=address.open(own.museum.id, room.index),
        )
        for room, bar in zip(found.rooms, axis.stack(rooms, found.baseline), strict=True)
    ]
    if found.baseline:
        by_room.insert(0, Line("With no rooms", axis.stack([{"museum": found.baseline}])[0]))
    return [
        Group("Contribution of each part of the score", by_part),
        Group("Contribution of each room", by_room),
        Group("Score", [Line("Score", axis.stack(whole)[0])]),
    ], axis


def summary(own: Side) -> str:
    """Return one sentence: the room and the part of the score that brought the most."""
    found = own.explanation
    room = max(found.rooms, key=lambda one: one.contribution)
    if room.contribution <= 0:
        return text.NO_ROOM_ADDS
    percent = share(room.contribution, found.score - found.baseline)
    sentence = text.SUMMARY if room.contribution <= found.score else text.SUMMARY_OVER
    return sentence.format(
        room=room.index + 1,
        name=own.museum.rooms[room.index].name,
        part=amount(room.contribution),
        score=amount(found.score),
        percent="" if percent is None or percent > 100 else f" ({percent} %)",
        most=text.part_in_words(max(parts_of(found.levels), key=found.levels.__getitem__)),
    )


def best_views(own: Side) -> list[tuple[int, int, str]]:
    """Return the views that carried the most, as far as they carried anything: room, view, share.

    In percent, but where one carried more than there is in all, as others take some of it back.
    """
    found = own.explanation
    best = [(r.index, v.index, v.contribution) for r, v in found.best_views(SHOWN_VIEWS)]
    shares = [share(value, found.score - found.baseline) for *_, value in best]
    in_percent = all(one is not None and one <= 100 for one in shares)
    return [
        (room, view, f"{percent} %" if in_percent else signed(value))
        for (room, view, value), percent in zip(best, shares, strict=True)
        if value > 0
    ]


def weighted_parts(found: Explanation) -> list[tuple[str, str | float | None]]:
    """Return the query's parts for HighlightedText, a paragraph a line: each with its weight, of
    which the largest has the full shade, and after it what it brought, as text."""
    largest = max((abs(part.contribution) for part in found.query_parts), default=0.0) or 1.0
    tokens: list[tuple[str, str | float | None]] = []
    for before, part in zip((None, *found.query_parts), found.query_parts, strict=False):
        begins = before is not None and part.paragraph != before.paragraph
        tokens += [("\n", None)] if begins else []
        tokens += [
            (part.text, FULL_SHADE * part.contribution / largest),
            (f" {signed(part.contribution)}   ", None),
        ]
    return tokens


def _why_not_first(workspace: Workspace, address: Address, own: Side) -> dict[str, object] | None:
    """Return what the museum ranked directly above has more of, None for the first."""
    if not own.ranked or not own.ranked.above:
        return None
    above = open_side(workspace, address, own.ranked.above.museum_id)
    counterparts = workspace.align_rooms(above.museum.id, own.museum.id)
    pairs = pair_rooms(above.explanation, own.explanation, counterparts)
    better = [pair for pair in pairs if pair.first and pair.difference > 0]
    return {
        "side": above,
        "gap": above.explanation.score - own.explanation.score,
        "levels": level_differences(own.explanation, above.explanation),
        "pairs": sorted(better, key=lambda pair: -pair.difference)[:SHOWN_ROOMS],
    }


def _tables(found: Explanation, paragraphs: list[str]) -> tuple[Styler, Styler]:
    """Return the numbers of the rooms, with a similarity to each paragraph, and of the views."""
    several = len(paragraphs) > 1
    names = [f"Similarity to “{one}”" for one in paragraphs] if several else ["Similarity"]
    rooms = (
        {"Room": room.index + 1}
        | dict(zip(names, room.similarities, strict=False))
        | {"Contribution": room.contribution}
        for room in found.rooms
    )
    of_views = (
        {
            "Room": room.index + 1,
            "View": view.index + 1,
            "Similarity": view.similarity,
            "Contribution": view.contribution,
        }
        for room in found.rooms
        for view in room.views
    )
    return exact(rooms), exact(of_views)
