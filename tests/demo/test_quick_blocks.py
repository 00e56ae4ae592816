"""The Blocks of the app: which of a listener's outputs are sent."""

import asyncio

import gradio as gr
import pytest
from gradio.state_holder import SessionState

from demo import quick_blocks
from demo.quick_blocks import QuickBlocks


@pytest.fixture
def answering():
    """A function from an answer, and a listener, to what a session is sent, by part."""
    with QuickBlocks() as blocks:
        wall, line = gr.HTML(), gr.HTML()
        choice = gr.Dropdown(["a", "b"])
        outputs = [wall, line, choice]
        choice.input(lambda one: {}, choice, outputs)
        line.load(lambda: "", None, outputs)
    chosen, other = blocks.fns.values()
    session = SessionState(blocks)

    def answer(shown, by_choice=False, session=session):
        listener = chosen if by_choice else other
        sent = asyncio.run(blocks.postprocess_data(listener, shown, session))
        return {p: v for p, v in zip(outputs, sent, strict=True) if v != gr.skip()}

    return answer, wall, line, choice, blocks


def test_a_session_is_not_sent_what_it_has(answering):
    answer, wall, line, _, blocks = answering
    cards, note = "".join(["<p>", "cards"]), "".join(["a", " note"])
    assert answer({wall: cards, line: note}) == {wall: cards, line: note}
    assert answer({wall: cards, line: "another"}) == {line: "another"}
    assert answer({wall: cards}) == {}
    assert answer({wall: "other cards"}) and answer({wall: cards}) == {wall: cards}
    assert answer({wall: cards}, session=SessionState(blocks)) == {wall: cards}


def test_what_sessions_were_sent_is_remembered_of_those_used_last(answering, monkeypatch):
    answer, wall, _, _, blocks = answering
    monkeypatch.setattr(quick_blocks, "SESSIONS_KNOWN", 2)
    cards = "".join(["<p>", "cards"])
    first, second, third = (SessionState(blocks) for _ in range(3))
    for session in (first, second, first, third):
        answer({wall: cards}, session=session)
    assert answer({wall: cards}, session=first) == {}
    assert answer({wall: cards}, session=second) == {wall: cards}
    assert len(blocks._sent) == 2


def test_what_a_visitor_or_another_listener_may_have_changed_is_sent_again(answering):
    answer, wall, line, choice, _ = answering
    value, cards = gr.Dropdown(["a"], value="a"), "".join(["<p>", "cards"])
    assert choice in answer({choice: value}) and answer({choice: value}) == {}
    assert choice in answer({choice: value}, by_choice=True)
    answer({wall: cards})
    assert answer([gr.skip(), "a list", gr.skip()])[line] == "a list"
    assert answer({wall: cards}) == {wall: cards}
