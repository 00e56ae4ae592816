"""The API: the endpoints that ``gr.api`` serves, with their arguments checked and described."""

import inspect
from collections.abc import Callable
from functools import partial, wraps
from typing import Any, get_type_hints

import gradio as gr
from fastapi import Request
from fastapi.responses import JSONResponse
from gradio.context import Context
from gradio.route_utils import FnIndexInferError
from gradio.utils import get_function_description
from pydantic import ConfigDict, TypeAdapter, ValidationError, validate_call

from demo import text
from demo.endpoints import Endpoints
from demo.refusals import told
from demo.workspace import Workspace
from hicalm.errors import HicalmError
from hicalm.settings import check_names, wrong_value

Endpoint = Callable[..., Any]

CALL_PATH = "/gradio_api/call/"
PAGE_CALLS = ("/queue/join", "/component_server")
CALLS_AT_ONCE = 2  # of assistants; searches take turns anyway


async def refuse_call(request: Request, error: Exception) -> JSONResponse:
    """Answer a call that Gradio fails to read: of no endpoint, or with other names of values.

    Of the page's own calls these are of a listener or a part that there is not.
    """
    name = request.path_params.get("api_name")
    if name is None or CALL_PATH not in request.url.path:
        if not request.url.path.rstrip("/").endswith(PAGE_CALLS):
            raise error
        return JSONResponse({"detail": text.WRONG_PAGE_VALUES}, 422)
    if name not in _names():
        detail = text.NO_SUCH_ENDPOINT.format(name=name[:40], names=", ".join(_names()))
        return JSONResponse({"detail": detail}, 404)
    names = ", ".join(inspect.signature(getattr(Endpoints, name)).parameters)
    names = names.removeprefix("self, ")
    return JSONResponse({"detail": text.WRONG_VALUES.format(name=name, names=names)}, 400)


# What Gradio raises for such calls.
CALL_ERRORS = (FnIndexInferError, KeyError, TypeError)


def _names() -> list[str]:
    return [name for name in vars(Endpoints) if not name.startswith("_")]


def endpoints(workspace: Workspace, root_path: str = "") -> dict[str, Endpoint]:
    """Return the endpoints of a workspace by name.

    Calling one raises HicalmError, in one sentence, for arguments that it cannot be asked with.
    """
    own = Endpoints(workspace, root_path)
    return {name: _checked(getattr(own, name)) for name in _names()}


def add_endpoints(workspace: Workspace) -> None:
    """Serve the endpoints of a workspace; call it inside a ``gr.Blocks``."""
    blocks = Context.root_block
    assert blocks is not None  # `gr.api` says so too
    for name, endpoint in endpoints(workspace, blocks.root_path).items():
        gr.api(_told(endpoint), api_name=name, concurrency_limit=None)  # they take turns
        _describe(blocks.fns[max(blocks.fns)], endpoint)


def _checked(endpoint: Endpoint) -> Endpoint:
    """Return an endpoint that says in one sentence what is wrong with its arguments."""
    strictly = validate_call(config=ConfigDict(strict=True))(endpoint)
    own = inspect.signature(endpoint)

    @wraps(endpoint)
    def call(*args: Any, **kwargs: Any) -> Any:
        check_names(kwargs, own.parameters, endpoint.__name__)
        try:  # by name, as pydantic calls an argument that it was given by its place a number
            return strictly(**own.bind_partial(*args, **kwargs).arguments)
        except ValidationError as error:
            raise HicalmError(wrong_value(error, endpoint.__name__, own.parameters)) from None

    return call


def _told(endpoint: Endpoint) -> Endpoint:
    """Return an endpoint whose mistakes of callers Gradio passes on, and does not log."""

    @wraps(endpoint)
    def call(*args: Any, **kwargs: Any) -> Any:
        with told():
            return endpoint(*args, **kwargs)

    return call


def _describe(declared: Any, endpoint: Endpoint) -> None:
    """Add what ``gr.api`` leaves out of an endpoint: limits, descriptions and examples."""
    hints = get_type_hints(endpoint, include_extras=True)
    _, described, returned = get_function_description(endpoint)
    for parameter, name in zip(
        declared.inputs, inspect.signature(endpoint).parameters, strict=True
    ):
        schema = TypeAdapter(hints[name]).json_schema()
        parameter.label = name
        parameter._api_info = schema | {"additional_description": described[name]}
        if "examples" in schema:
            parameter.example_payload = partial(schema["examples"].__getitem__, 0)
    (answer,) = declared.outputs
    answer.label = "answer"
    answer._api_info = answer._api_info | {"description": " ".join(returned)}
