"""What a session that is gone may not do to the others."""

import asyncio
from types import SimpleNamespace

import gradio as gr
from gradio.server_messages import HeartbeatMessage

from demo.sessions import forget_the_gone


def test_a_message_to_a_session_that_is_gone_ends_nothing():
    queue = gr.Blocks().queue()._queue
    forget_the_gone(queue)
    queue.pending_messages_per_session["here"] = asyncio.Queue()
    for session in ("gone", "here"):
        event = SimpleNamespace(session_hash=session, alive=True, _id="1")
        queue.send_message(event, HeartbeatMessage())
    assert queue.pending_messages_per_session["here"].qsize() == 1
    assert "gone" not in queue.pending_messages_per_session
