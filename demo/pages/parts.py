"""What all pages have: their parts, and what those are to show."""

from typing import Any

from gradio.blocks import Block

Shown = dict[Any, Any]  # component -> its new value or properties


class Parts:
    """A page or fold: a dataclass whose fields are its parts, and what belongs to them."""

    @property
    def parts(self) -> list[Block]:
        """All components among the fields: what the page may change."""
        return [part for part in vars(self).values() if isinstance(part, Block)]
