"""Gradio's sessions, without what makes each of them cost the server a third of a second.

Gradio writes down the settings of all parts of the page for every new session, in the thread that
answers everybody, and again whenever one changes: for links to a page as it was, which we have by
addresses (``demo.guard`` closes Gradio's).
"""

from collections import ChainMap
from types import SimpleNamespace
from typing import Any

from gradio.state_holder import SessionState, StateHolder

from demo.visitors import of_who_has_most, visitor

MOST_SESSIONS = 1_000  # of whoever has most, the one unused for longest goes


class LightSession(SessionState):
    """A session that keeps what its visitor changed of the parts, and no settings."""

    def __init__(self, blocks: Any) -> None:
        self.visitor = visitor()
        # Any: all that it reads of an app's Blocks
        parts: Any = SimpleNamespace(default_config=blocks.default_config, blocks={})
        super().__init__(parts)
        config: Any = self.blocks_config  # with all parts copied, of which few change
        config.blocks = ChainMap({}, blocks.default_config.blocks)
        config.fns = blocks.default_config.fns

    def __setitem__(self, key: int, value: Any) -> None:
        block = self.blocks_config.blocks.get(key)
        if block is None or block.stateful:
            super().__setitem__(key, value)
        else:
            self.blocks_config.blocks[key] = value

    def _update_config(self, key: int) -> None:
        """Keep nothing."""

    def _update_value_in_config(self, key: int, value: Any) -> None:
        """Keep nothing."""


class LightSessions(StateHolder):
    """The sessions of an app; ``LightSessions.serve(app)`` gives it these."""

    @classmethod
    def serve(cls, app: Any) -> None:
        """Let an app keep its sessions so."""
        app.state_holder = cls()
        app.state_holder.set_blocks(app.get_blocks())
        app.state_holder.capacity = MOST_SESSIONS

    def update(self, session_id: str) -> None:
        """Note that a session is used, and make room."""
        with self.lock:
            kept: Any = self.session_data  # of LightSession
            kept.move_to_end(session_id)
            if len(kept) > self.capacity:
                gone = of_who_has_most(kept, lambda one: kept[one].visitor)
                del kept[gone]
                self.time_last_used.pop(gone, None)

    def __getitem__(self, session_id: str) -> SessionState:
        if session_id not in self.session_data:
            self.session_data[session_id] = LightSession(self.blocks)
        return super().__getitem__(session_id)
