"""What sessions keep of their own."""

import gradio as gr
from gradio.state_holder import SessionState

from demo import sessions
from demo.sessions import LightSession, LightSessions


def test_what_changes_in_a_session_changes_in_no_other_and_is_all_that_it_keeps():
    with gr.Blocks() as blocks:
        choice, note = gr.Dropdown(["a", "b"]), gr.State("")
    mine, other = LightSession(blocks), LightSession(blocks)
    changed = gr.Dropdown(["c"], render=False)
    mine[choice._id], mine[note._id] = changed, "read"
    assert mine[choice._id] is changed and mine[note._id] == "read"
    assert other[choice._id] is choice and other[note._id] == "" and choice._id in other
    assert mine.blocks_config.blocks.maps[0] == {choice._id: changed}


def test_who_has_most_sessions_loses_the_one_unused_for_longest(monkeypatch):
    with gr.Blocks() as blocks:
        gr.State("")
    kept = LightSessions()
    kept.set_blocks(blocks)
    kept.capacity = 5

    def use(visitor: str, session: str) -> SessionState:
        monkeypatch.setattr(sessions, "visitor", lambda: visitor)
        return kept[session]

    modest = use("modest", "m")
    for number in range(4):
        use("greedy", f"g{number}")
    use("greedy", "g0"), use("greedy", "m")  # who asks in another's session does not take it over
    for number in range(4, 9):
        use("greedy", f"g{number}")
    assert list(kept.session_data) == list(kept.time_last_used) == ["m", "g5", "g6", "g7", "g8"]
    for number in range(3):  # with one each, the session unused for longest goes
        use(f"other {number}", f"o{number}")
    assert use("modest", "m") is modest and "g8" in kept
    use("late", "l")
    assert set(kept.session_data) == {"m", "o0", "o1", "o2", "l"}
