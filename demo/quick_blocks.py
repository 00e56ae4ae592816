"""Gradio's Blocks, but for two things that it does slowly or tells badly."""

from copy import copy
from typing import Any

import gradio as gr
from gradio.blocks import Block, BlockFunction
from gradio.state_holder import SessionState

from demo import text


class QuickBlocks(gr.Blocks):
    """Blocks whose listeners change some of many parts, and that say what a call lacks."""

    async def postprocess_data(
        self, block_fn: BlockFunction, predictions: Any, state: SessionState | None
    ) -> list[Any]:
        """Return the outputs of a listener; parts that it did not name are left as they are.

        Gradio makes each of those anew, half a millisecond for each of a hundred.
        """
        if not (isinstance(predictions, dict) and any(isinstance(k, Block) for k in predictions)):
            return await super().postprocess_data(block_fn, predictions, state)
        named = copy(block_fn)
        named.outputs = [part for part in block_fn.outputs if part in predictions]
        values = [predictions[part] for part in named.outputs]
        changed = await super().postprocess_data(
            named, values if len(values) > 1 else values[0], state
        )
        found = dict(zip((part._id for part in named.outputs), changed, strict=True))
        return [found.get(part._id, gr.skip()) for part in block_fn.outputs]

    def validate_inputs(self, block_fn: BlockFunction, inputs: list[Any]) -> None:
        """Raise gr.Error unless there is a value for every input."""
        if len(inputs) < len(block_fn.inputs):
            names = ", ".join(str(getattr(one, "label", "")) for one in block_fn.inputs)
            message = text.TOO_FEW_VALUES.format(
                name=block_fn.api_name, given=len(inputs), all=len(block_fn.inputs), names=names
            )
            raise gr.Error(message, print_exception=False)
