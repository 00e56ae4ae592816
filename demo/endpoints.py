"""What the API and the tools of the MCP server answer: a method of ``Endpoints`` for each.

Their annotations are the types and limits, and their docstrings the descriptions, that the API page
and assistants are shown: so each description of an argument has to fit on its line.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import cast

import numpy as np

from demo import text
from demo.address import Address
from demo.api_types import (
    Explained,
    FoundView,
    Index,
    Level,
    Listed,
    ListedMuseum,
    MapAnswer,
    MuseumAnswer,
    MuseumId,
    MuseumList,
    MuseumRoom,
    Picture,
    Point,
    Points,
    Query,
    Rooms,
    SearchAnswer,
    SimilarViews,
    Stages,
    Start,
    Top,
    Vocabulary,
)
from demo.listed import items_of
from demo.pictures import DEFAULT_WIDTH
from demo.vocabulary import known_words
from demo.workspace import Workspace
from hicalm.data.collection import Collection, Museum
from hicalm.errors import HicalmError
from hicalm.maps.map import WIDTH, locate
from hicalm.retrieval.stages import RANK

WAIT = 180.0  # seconds that a call waits for the models


class Endpoints:
    """What programs can ask of a workspace; all wait for its models.

    Addresses of pictures begin with ``root_path``, below which the app is served.
    """

    def __init__(self, workspace: Workspace, root_path: str = "") -> None:
        self._workspace = workspace
        self._root = root_path.rstrip("/")

    def search(
        self,
        query: Query,
        top: Top = 10,
        min_rooms: Rooms = 0,
        max_rooms: Rooms = 0,
        theme: str = "",
        stages: Stages = None,
        as_typed: bool = False,
    ) -> SearchAnswer:
        """Rank museums by how well their rooms and views show what a query asks for.

        Args:
            query: What a museum should show, in plain English: from one word to a description.
            top: How many museums to return, 1 to 100.
            min_rooms: Only museums with at least so many rooms, up to 999; 0 for any number.
            max_rooms: Only museums with at most so many rooms, up to 999; 0 for any number.
            theme: Only museums of this theme, one of those that vocabulary lists; empty for all.
            stages: The stages of the search: shortlist, rank, rerank; null for the usual ones.
            as_typed: Whether misspelt words of the query are left as they are.

        Returns:
            The museums, the best first, and how the query was understood and answered.
        """
        chosen = Address(query, top=top, stages=self._stages(stages or []), as_typed=as_typed)
        return self._found(chosen, min_rooms, max_rooms, theme)

    def explain(self, query: Query, museum_id: MuseumId, as_typed: bool = False) -> Explained:
        """Say what each level, room, view and part of a query contributed to a museum's score.

        Args:
            query: What the museum was searched with.
            museum_id: The museum, by the museum_id of a search.
            as_typed: Whether misspelt words of the query are left as they are.

        Returns:
            The score and its parts; the rooms' contributions add up to it, and the query's too.
        """
        self._museum(museum_id)
        explanation = self._workspace.explain(Address(query, as_typed=as_typed), museum_id)
        answer = cast(Explained, explanation.to_json())
        for entry, room in zip(answer["rooms"], explanation.rooms, strict=True):
            best = max(room.views, key=lambda view: view.contribution)
            entry["picture"] = self._picture(museum_id, room.index, best.index)
        return answer

    def search_by_picture(
        self,
        picture: Picture,
        top: Top = 10,
        min_rooms: Rooms = 0,
        max_rooms: Rooms = 0,
        theme: str = "",
    ) -> SearchAnswer:
        """Rank museums by how much their rooms and views look like a picture.

        Args:
            picture: A picture file, such as JPEG, in base64, or as a data URL; at most 20 MB.
            top: How many museums to return, 1 to 100.
            min_rooms: Only museums with at least so many rooms, up to 999; 0 for any number.
            max_rooms: Only museums with at most so many rooms, up to 999; 0 for any number.
            theme: Only museums of this theme, one of those that vocabulary lists; empty for all.

        Returns:
            The museums, the most similar first.
        """
        token = self._workspace.add_picture(_decoded(picture))
        return self._found(Address(image=token, top=top), min_rooms, max_rooms, theme)

    def similar_views(
        self, museum_id: MuseumId, room: Index, view: Index, top: Top = 10
    ) -> SimilarViews:
        """Find the views of other museums that are most similar to a view of a museum.

        Args:
            museum_id: The museum, by the museum_id of a search.
            room: The museum's room, from 0.
            view: The room's view, from 0.
            top: How many views to return, 1 to 100.

        Returns:
            The views, the most similar first.
        """
        self._check_view(museum_id, room, view)
        like = Address(like=(museum_id, room, view))
        museums, candidates = self._collection.museums, self._workspace.candidates(like)
        similarities = self._workspace.similarities(like, "view", candidates)
        points = items_of(self._collection, "view", candidates)
        order = np.argsort(-similarities, kind="stable")
        others = order[points[order, 0] != self._collection.row(museum_id)]
        results: list[FoundView] = []
        for rank, row in enumerate(others[:top], start=1):
            owner, found_room, found_view = points[row].tolist()
            museum = museums[owner]
            results.append(
                {
                    "rank": rank,
                    "museum_id": museum.id,
                    "title": museum.title,
                    "room": found_room,
                    "view": found_view,
                    "similarity": float(similarities[row]),
                    "picture": self._picture(museum.id, found_room, found_view),
                }
            )
        return {"results": results}

    def museum(self, museum_id: MuseumId) -> MuseumAnswer:
        """Describe a museum: its introduction, and of every room the text and the views.

        Args:
            museum_id: The museum, by the museum_id of a search or a list.

        Returns:
            The museum, its description and the pictures of all its views.
        """
        museum = self._museum(museum_id)
        rooms: list[MuseumRoom] = []
        for index, room in enumerate(museum.rooms):
            pictures = [self._picture(museum.id, index, view) for view in range(room.views)]
            rooms.append(
                {
                    "index": index,
                    "name": room.name,
                    "paragraph": list(room.paragraph),
                    "attributes": room.attributes,
                    "picture": pictures[0],
                    "views": pictures,
                }
            )
        return {
            "museum_id": museum.id,
            "title": museum.title,
            "split": museum.split,
            "attributes": museum.attributes,
            "introduction": list(museum.introduction),
            "picture": self._cover(museum),
            "rooms": rooms,
        }

    def list_museums(
        self,
        theme: str = "",
        min_rooms: Rooms = 0,
        max_rooms: Rooms = 0,
        start: Start = 0,
        count: Listed = 50,
    ) -> MuseumList:
        """List the museums of the collection.

        Args:
            theme: Only museums of this theme, one of those that vocabulary lists; empty for all.
            min_rooms: Only museums with at least so many rooms, up to 999; 0 for any number.
            max_rooms: Only museums with at most so many rooms, up to 999; 0 for any number.
            start: How many museums to leave out at the beginning.
            count: How many museums to return at most, 1 to 500.

        Returns:
            How many museums there are, and some of them in the order of the collection.
        """
        self._check_theme(theme)
        columns, rooms = self._collection.columns, self._collection.room_counts
        passing = (rooms >= min_rooms) & (rooms <= (max_rooms or np.inf))
        if theme:
            passing &= columns.having("theme", [theme])
        fitting = np.flatnonzero(passing)
        listed: list[ListedMuseum] = [
            {
                "museum_id": museum.id,
                "title": museum.title,
                "rooms": len(museum.rooms),
                "attributes": museum.attributes,
                "picture": self._cover(museum),
            }
            for museum in map(self._collection.museums.__getitem__, fitting[start : start + count])
        ]
        return {"total": len(fitting), "museums": listed}

    def map_points(
        self, level: Level = "museum", query: str = "", start: Start = 0, count: Points = 1_000
    ) -> MapAnswer:
        """Return where the museums, rooms or views lie on the map of the collection.

        Args:
            level: Whose map: museum, room or view.
            query: Also say how similar each point is to this, and where it lies; empty for not.
            start: How many points to leave out at the beginning.
            count: How many points to return at most, 1 to 5000.

        Returns:
            The points in the order of the collection, and the place of the query. The map of a
            large collection shows a sample of its museums: so many as museums says.
        """
        museums, fitted = self._collection.museums, self._workspace.warmup.maps
        if fitted is None:
            raise HicalmError(self._workspace.warmup.maps_failure)
        xy, similarities = fitted.levels[level].xy, None
        position, spread = None, None
        shown = None if fitted.sample is None else fitted.sample.rows
        if query:
            similarities = self._workspace.similarities(Address(query), level, shown)
            middle, spread = locate(xy, similarities)
            position = list(middle)
        points: list[Point] = []
        places = items_of(self._collection, level, shown).tolist()
        for row, (owner, room, view) in islice(enumerate(places), start, start + count):
            museum = museums[owner]
            here = self._picture(museum.id, max(room, 0), max(view, 0))
            points.append(
                {
                    "museum_id": museum.id,
                    "room": room if room >= 0 else None,
                    "view": view if view >= 0 else None,
                    "x": float(xy[row, 0]),
                    "y": float(xy[row, 1]),
                    "similarity": None if similarities is None else float(similarities[row]),
                    "picture": self._cover(museum) if room < 0 else here,
                }
            )
        return {
            "level": level,
            "width": WIDTH,
            "total": len(xy),
            "museums": len(fitted.levels["museum"].xy),
            "of_museums": len(museums),
            "points": points,
            "position": position,
            "spread": spread,
        }

    def vocabulary(self) -> Vocabulary:
        """Return what can be asked for: words that the collection knows, themes and stages.

        Returns:
            Words by kind, each with a query for it, and the values of theme and of stages.
        """
        groups = known_words(self._collection, Address())
        kinds = [(group.name, [(word, at.query) for word, at in group.words]) for group in groups]
        return {
            "kinds": [
                {"name": name, "words": [{"word": word, "query": query} for word, query in words]}
                for name, words in kinds
            ],
            "themes": self._themes(),
            "stages": list(self._workspace.warmup.wait(WAIT).stages),
        }

    @property
    def _collection(self) -> Collection:
        return self._workspace.warmup.wait(WAIT).collection

    def _museum(self, museum_id: str) -> Museum:
        return self._collection.museum(museum_id)

    def _found(self, chosen: Address, min_rooms: int, max_rooms: int, theme: str) -> SearchAnswer:
        """Return what a search finds among the museums that pass the filters."""
        self._check_theme(theme)
        result = self._workspace.find(
            replace(
                chosen,
                min_rooms=min_rooms or None,
                max_rooms=max_rooms or None,
                allowed=(("theme", (theme,)),) if theme else (),
            )
        )
        answer = cast(SearchAnswer, result.to_json())
        for entry, match in zip(answer["results"], result.matches, strict=True):
            entry["picture"] = self._picture(match.museum_id, match.best_room, match.best_view)
        return answer

    def _stages(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """Return stages in their order, with that of ranking; none, for the default, for none."""
        known = self._workspace.warmup.wait(WAIT).stages
        for name in wanted:
            if name not in known:
                raise HicalmError(text.STAGES_BAD.format(stage=name, stages=", ".join(known)))
        return tuple(name for name in known if name in {*wanted, RANK}) if wanted else ()

    def _themes(self) -> list[str]:
        return sorted(self._collection.columns.texts.get("theme", ()))

    def _check_theme(self, theme: str) -> None:
        themes = self._themes()
        if theme and not themes:
            raise HicalmError(text.NO_THEMES)
        if theme and theme not in themes:
            raise HicalmError(text.THEME_BAD.format(theme=theme[:40], themes=", ".join(themes)))

    def _check_view(self, museum_id: str, room: int, view: int) -> None:
        rooms = self._museum(museum_id).rooms
        if room >= len(rooms):
            last = len(rooms) - 1
            raise HicalmError(text.NO_SUCH_ROOM.format(museum=museum_id, room=room, last=last))
        if view >= rooms[room].views:
            raise HicalmError(
                text.NO_SUCH_VIEW.format(
                    museum=museum_id, room=room, view=view, last=rooms[room].views - 1
                )
            )

    def _picture(self, museum_id: str, room: int, view: int) -> str:
        return f"{self._root}/picture/{museum_id}/{room}/{view}?w={DEFAULT_WIDTH}"

    def _cover(self, museum: Museum) -> str:
        return f"{self._root}/cover/{museum.id}"


def _decoded(picture: str) -> bytes:
    """Return a file from base64 or a data URL. Raises HicalmError where it is neither."""
    encoded = picture.partition(",")[2] if picture.startswith("data:") else picture
    try:
        return base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        raise HicalmError(text.PICTURE_NO_BASE64) from None
