"""What sessions keep of their own, and what one that is gone may not do to the others."""

import asyncio
from types import SimpleNamespace

import gradio as gr
from gradio.server_messages import HeartbeatMessage

from demo.sessions import LightSession, forget_the_gone


def test_a_message_to_a_session_that_is_gone_ends_nothing():
    queue = gr.Blocks().queue()._queue
    forget_the_gone(queue)
    queue.pending_messages_per_session["here"] = asyncio.Queue()
    for session in ("gone", "here"):
        event = SimpleNamespace(session_hash=session, alive=True, _id="1")
        queue.send_message(event, HeartbeatMessage())
    assert queue.pending_messages_per_session["here"].qsize() == 1
    assert "gone" not in queue.pending_messages_per_session


def test_what_changes_in_a_session_changes_in_no_other_and_is_all_that_it_keeps():
    with gr.Blocks() as blocks:
        choice, note = gr.Dropdown(["a", "b"]), gr.State("")
    mine, other = LightSession(blocks), LightSession(blocks)
    changed = gr.Dropdown(["c"], render=False)
    mine[choice._id], mine[note._id] = changed, "read"
    assert mine[choice._id] is changed and mine[note._id] == "read"
    assert other[choice._id] is choice and other[note._id] == "" and choice._id in other
    assert mine.blocks_config.blocks.maps[0] == {choice._id: changed}
