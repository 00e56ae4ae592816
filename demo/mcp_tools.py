"""The endpoints as tools of the MCP server: what assistants get is JSON, and pictures as images.

Gradio's own server lists the tools with their descriptions. What it answers would be Python's
``repr`` of an endpoint's dict, and addresses instead of pictures.
"""

import base64
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from anyio import CapacityLimiter, to_thread

from demo import text
from demo.address import MUSEUM_ID
from demo.api import CALLS_AT_ONCE, endpoints
from demo.refusals import note
from demo.visitors import visitor
from demo.workspace import Workspace
from hicalm.errors import HicalmError
from hicalm.files import to_json

if TYPE_CHECKING:
    from mcp.types import ImageContent, TextContent

MOST_PICTURES = 6  # of one answer
MOST_CALLS_WAITING = 8  # of a visitor's assistants
_VIEW = re.compile(rf"/picture/({MUSEUM_ID.pattern})/(\d+)/(\d+)\?")


def answering_tools(workspace: Workspace) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """Return the lifespan of the app in which its MCP server, if it has one, answers like this."""

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        blocks = app.get_blocks()
        if blocks.mcp_server_obj is not None:
            _answer_tools(blocks.mcp_server_obj, workspace, blocks.root_path)
        yield

    return lifespan


def _answer_tools(server: Any, workspace: Workspace, root_path: str) -> None:
    by_tool = {
        tool: endpoints(workspace, root_path)[name.lstrip("/")]
        for tool, name in server.tool_to_endpoint.items()
    }
    at_once = CapacityLimiter(CALLS_AT_ONCE)
    own: dict[str, CapacityLimiter] = {}  # by visitor: each has one call done at a time

    # The endpoint itself checks what it is given, and says it better than a JSON schema.
    @server.mcp_server.call_tool(validate_input=False)
    async def call_tool(name: str, arguments: dict[str, Any]) -> "list[TextContent | ImageContent]":
        if name not in by_tool:
            known = ", ".join(by_tool)
            raise HicalmError(text.NO_SUCH_TOOL.format(name=name[:40], names=known))
        answered = partial(tool_answer, workspace, by_tool[name], arguments)
        asks = visitor()
        mine = own.setdefault(asks, CapacityLimiter(1))
        if mine.statistics().tasks_waiting >= MOST_CALLS_WAITING:
            raise HicalmError(text.BUSY_YOURSELF)
        try:
            async with mine:
                return await to_thread.run_sync(answered, limiter=at_once)
        finally:
            if not mine.borrowed_tokens:
                own.pop(asks, None)


def tool_answer(
    workspace: Workspace, endpoint: Callable[..., Any], arguments: dict[str, Any]
) -> "list[TextContent | ImageContent]":
    """Return an endpoint's answer as JSON, and the pictures of its first results or rooms.

    Each picture follows its address. Raises HicalmError as the endpoint, and instead of any
    unexpected error, which is logged.
    """
    from mcp.types import ImageContent, TextContent

    try:
        answer = endpoint(**arguments)
        content: list[TextContent | ImageContent] = [
            TextContent(type="text", text=to_json(answer, ensure_ascii=False))
        ]
        shown = answer.get("results", answer.get("rooms", []))[:MOST_PICTURES]
        for address in (entry["picture"] for entry in shown):
            content += [
                TextContent(type="text", text=address),
                ImageContent(type="image", data=_drawn(workspace, address), mimeType="image/jpeg"),
            ]
    except HicalmError:
        raise
    except Exception as error:  # the last resort: an assistant has no use for a stack trace
        note("no answer to a tool", error)
        raise HicalmError(text.UNEXPECTED) from None
    return content


def _drawn(workspace: Workspace, address: str) -> str:
    """Return the picture of a view at an address of ours, small, in base64."""
    found = _VIEW.search(address)
    assert found is not None, address
    museum, room, view = found.groups()
    return base64.b64encode(workspace.small_picture(museum, int(room), int(view))).decode()
