"""Gradio's Blocks, but for what it does slowly, believes or tells badly."""

from collections import OrderedDict
from copy import copy
from typing import Any

import gradio as gr
from gradio.blocks import Block, BlockFunction
from gradio.state_holder import SessionState

from demo import text
from demo.components.address_state import checked_value
from demo.refusals import note, told
from hicalm.files import is_full

SESSIONS_KNOWN = 64  # of which it is remembered what they were sent last: some 100 kB each


class QuickBlocks(gr.Blocks):
    """Blocks whose listeners change some of many parts, and that say what a call lacks.

    What a listener raises is one sentence to who called, and at most a line of the log.
    """

    async def process_api(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Run a listener; Gradio would log all that it was called with, or what a page cannot."""
        fn = args[0] if args else kwargs["block_fn"]
        told_of_it = getattr(kwargs.get("event_data"), "_data", None)
        if getattr(fn, "collects_event_data", False) and not isinstance(told_of_it, dict):
            raise gr.Error(text.WRONG_PAGE_VALUES, print_exception=False)
        try:
            return await super().process_api(*args, **kwargs)
        except gr.Error as error:
            error.print_exception = False
            raise
        except Exception as error:  # the last resort
            with told():
                if is_full(error):
                    raise
            note("a listener failed", error)
            raise gr.Error(text.UNEXPECTED, print_exception=False) from None

    async def preprocess_data(
        self, block_fn: BlockFunction, inputs: list[Any], *args: Any, **kwargs: Any
    ) -> list[Any]:
        """Return the inputs of a listener, as its parts read them.

        Raises gr.Error for those that no page of ours sends.
        """
        try:
            values = await super().preprocess_data(block_fn, inputs, *args, **kwargs)
        except gr.Error:
            raise
        except Exception:  # the parts raise whatever reading such a value raises
            raise gr.Error(text.WRONG_PAGE_VALUES, print_exception=False) from None
        with told():
            return [
                checked_value(value) if part.elem_id == "address" else value
                for part, value in zip(block_fn.inputs, values, strict=True)
            ]

    def __init__(self, **options: Any):
        super().__init__(**options)
        self._sent: OrderedDict[SessionState, dict[Any, Any]] = OrderedDict()

    async def postprocess_data(
        self, block_fn: BlockFunction, predictions: Any, state: SessionState | None
    ) -> list[Any]:
        """Return the outputs of a listener; parts that it did not name are left as they are.

        Gradio makes each of those anew, half a millisecond for each of a hundred. So are parts left
        for which the session was sent the very same object last, and that were no input since: what
        a visitor can change without a listener may not be answered with an object that is kept.
        That is remembered of the sessions used last.
        """
        named_parts = isinstance(predictions, dict) and any(
            isinstance(one, Block) for one in predictions
        )
        sent = self._last_sent(state) if state is not None else {}
        for part in block_fn.inputs if named_parts else (*block_fn.inputs, *block_fn.outputs):
            sent.pop(part, None)
        if not named_parts:
            return await super().postprocess_data(block_fn, predictions, state)
        new = {part: value for part, value in predictions.items() if sent.get(part) is not value}
        if not new:
            return [gr.skip()] * len(block_fn.outputs)
        named = copy(block_fn)
        named.outputs = [part for part in block_fn.outputs if part in new]
        values = [new[part] for part in named.outputs]
        changed = await super().postprocess_data(
            named, values if len(values) > 1 else values[0], state
        )
        sent |= new
        found = dict(zip((part._id for part in named.outputs), changed, strict=True))
        return [found.get(part._id, gr.skip()) for part in block_fn.outputs]

    def _last_sent(self, state: SessionState) -> dict[Any, Any]:
        """Return by part what a session was sent last, as far as it is remembered."""
        sent = self._sent.setdefault(state, {})
        self._sent.move_to_end(state)
        if len(self._sent) > SESSIONS_KNOWN:
            self._sent.popitem(last=False)
        return sent

    def validate_inputs(self, block_fn: BlockFunction, inputs: list[Any]) -> None:
        """Raise gr.Error unless there is a value for every input, and something to be called."""
        if block_fn.fn is None:  # a listener of the page's script alone
            raise gr.Error(text.WRONG_PAGE_VALUES, print_exception=False)
        if len(inputs) < len(block_fn.inputs):
            names = ", ".join(str(getattr(one, "label", "")) for one in block_fn.inputs)
            message = text.TOO_FEW_VALUES.format(
                name=block_fn.api_name, given=len(inputs), all=len(block_fn.inputs), names=names
            )
            raise gr.Error(message, print_exception=False)
