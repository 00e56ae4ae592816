"""What sessions keep of their own."""

import gradio as gr

from demo.sessions import LightSession


def test_what_changes_in_a_session_changes_in_no_other_and_is_all_that_it_keeps():
    with gr.Blocks() as blocks:
        choice, note = gr.Dropdown(["a", "b"]), gr.State("")
    mine, other = LightSession(blocks), LightSession(blocks)
    changed = gr.Dropdown(["c"], render=False)
    mine[choice._id], mine[note._id] = changed, "read"
    assert mine[choice._id] is changed and mine[note._id] == "read"
    assert other[choice._id] is choice and other[note._id] == "" and choice._id in other
    assert mine.blocks_config.blocks.maps[0] == {choice._id: changed}
