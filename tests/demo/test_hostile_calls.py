"""Calls of nonsense: each is answered with a sentence, and none is an error of the server.

``HICALM_HOSTILE_CALLS=10000 python -m pytest tests/demo/test_hostile_calls.py`` tries so many,
others each time; without it the same 4,000 are tried. With ``HICALM_HOSTILE_MODELS=1`` the app's
own models answer. What once failed stands here as an example.
"""

import logging
import os
import tempfile
import time
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from demo import text
from tests.demo.test_api import NAMES

MOST_GROWN = 500_000_000  # bytes above what the idle app takes
CALLS = int(os.environ.get("HICALM_HOSTILE_CALLS", "0"))
REAL = "HICALM_HOSTILE_MODELS" in os.environ  # the app's own, in place of stand-ins
SOME = settings(
    max_examples=max(CALLS // 4, 1_000),
    derandomize=not CALLS,
    database=None,
    print_blob=True,  # how a failure is repeated
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
ODD = st.sampled_from(
    ["", "?", "?q=red", "?q=%00%ff", "?museum=museum-00001&room=99999999999", "x" * 3_000,
     "../..", "?show=map&on.level=view&on.lasso=1,2,3", "?like=museum-00001/1/1&top=1e9", "\ud800",
     "[" * 50, "?collection=aaaaaaaaaaaaaaaaaaaaaaaa", "?text=000000000000000000000000", "NaN",
     "museum-00001", "?q=a&against=b&museum=museum-00001", "?show=metrics&on.length=%F0",
     "?filter.theme=&q=red"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | st.text() | ODD,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ODD | st.text(), inner, max_size=4),
    max_leaves=8,
)
NAMED = ["upload", "cancel", "queue/join", "component_server", "call/search", "call/v2/search",
         "mcp/", "heartbeat/a", "reset", "login"]  # fmt: skip
RAW = [f"gradio_api/{name}" for name in NAMED]
KINDS = ["application/json", "multipart/form-data", "multipart/form-data; boundary=a", "text/plain",
         "application/x-www-form-urlencoded", "", "a/b; charset=\xe9"]  # fmt: skip
EVENTS = st.fixed_dictionaries({"address": ODD | JSON, "question": st.integers() | JSON}) | JSON
ASKED = st.fixed_dictionaries(
    {}, optional={name: ODD | st.integers(-2, 20) | JSON
                  for name in ("address", "museum", "room", "view", "phrase", "points")}
)  # fmt: skip


@pytest.fixture(scope="module")
def app(request, tmp_path_factory):
    """A client, the parts and the listeners of a served app."""
    served = request.getfixturevalue("served" if REAL else "stand_in")
    disk = tmp_path_factory.mktemp("disk")
    with pytest.MonkeyPatch.context() as patch, httpx.Client(base_url=served) as client:
        patch.setattr(tempfile, "tempdir", str(disk))
        patch.setenv("GRADIO_TEMP_DIR", str(disk))
        client.timeout = 60
        config = client.get("config").json()
        event = client.post("gradio_api/call/v2/search", json={"query": "red"}).json()["event_id"]
        assert "complete" in client.get(f"gradio_api/call/search/{event}").text
        idle = resident()
        yield client, config
    files = (path.relative_to(disk) for path in disk.rglob("*") if path.is_file())
    # collections are kept for two hours, in a folder that goes with the server
    assert not [path for path in files if not path.parts[0].startswith("hicalm-museums-")]
    assert resident() - idle < MOST_GROWN


def resident() -> int:
    """Return the bytes of memory of this process, which serves the app."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture(autouse=True)
def no_errors(app, caplog):
    caplog.set_level(logging.WARNING)
    yield
    client, _ = app
    while client.get("gradio_api/queue/status").json()["queue_size"]:
        time.sleep(0.05)
    time.sleep(0.3)  # what was called last is answered
    assert not [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR]


def post(client: httpx.Client, path: str, body: object) -> None:
    try:
        answer = client.post(path, json=body)
    except (ValueError, UnicodeError):  # no JSON: NaN, half a character
        return
    refused = answer.status_code == 503 and text.BUSY_YOURSELF in answer.text  # too much at once
    assert answer.status_code < 500 or refused, (path, body, answer.text[:300])
    assert len(answer.content) < 300_000


@SOME
@given(st.data())
def test_of_listeners(app, data):
    client, config = app
    listener = data.draw(st.sampled_from(config["dependencies"]))
    values = st.lists(
        JSON | ODD, min_size=len(listener["inputs"]), max_size=len(listener["inputs"])
    )
    body = {
        "fn_index": data.draw(st.just(listener["id"]) | st.integers(-5, 999) | JSON),
        "data": data.draw(values | JSON),
        "event_data": data.draw(EVENTS),
        "session_hash": data.draw(st.sampled_from(["a", "b", ""]) | JSON),
        "trigger_id": data.draw(st.none() | st.integers(0, 400) | JSON),
    }
    post(client, "gradio_api/queue/join", body)


def test_of_listeners_that_are_scripts_alone(app):
    client, config = app
    listener = next(one for one in config["dependencies"] if not one["backend_fn"])
    data = [None] * len(listener["inputs"])
    body = {"fn_index": listener["id"], "data": data, "session_hash": "script"}
    post(client, "gradio_api/queue/join", body)
    answer = client.get("gradio_api/queue/data", params={"session_hash": "script"}).text
    assert text.WRONG_PAGE_VALUES in answer


@pytest.mark.parametrize("given", [None, {}, {"row_value": [[]]}, {"row_value": "1"}, {"index": 1}])
def test_of_listeners_to_what_was_chosen(app, given):
    client, config = app
    heard = [one for one in config["dependencies"] if one["collects_event_data"]]
    (listener,) = (one for one in heard if any(event == "select" for _, event in one["targets"]))
    session = f"chosen {given}"
    body = {"fn_index": listener["id"], "data": [{"address": "?show=metrics"}]}
    post(client, "gradio_api/queue/join", body | {"event_data": given, "session_hash": session})
    answer = client.get("gradio_api/queue/data", params={"session_hash": session}).text
    assert text.WRONG_PAGE_VALUES in answer


@SOME
@given(st.data())
def test_of_scripts_of_parts(app, data):
    client, config = app
    parts = [
        (part["id"], name)
        for part in config["components"]
        for name in part["props"].get("server_fns", [])
    ]
    part, name = data.draw(st.sampled_from(parts))
    body = {
        "component_id": data.draw(st.just(part) | JSON),
        "fn_name": data.draw(st.just(name) | st.sampled_from(["__init__", "preprocess"]) | JSON),
        "data": data.draw(ASKED | JSON),
        "session_hash": data.draw(st.just("a") | JSON),
    }
    post(client, "gradio_api/component_server", body)


@SOME
@given(
    st.sampled_from([*NAMES, "nothing"]),
    st.lists(JSON | ODD, max_size=8) | JSON,
)
@example("search", ["red", "10"])
def test_of_the_api(app, name, data):
    client, _ = app
    post(client, f"gradio_api/call/{name}", {"data": data})
    if isinstance(data, dict):
        post(client, f"gradio_api/call/v2/{name}", data)


@SOME
@given(
    st.sampled_from(RAW), st.binary(max_size=300) | st.text(max_size=300), st.sampled_from(KINDS)
)
def test_of_raw_bodies(app, path, body, kind):
    client, _ = app
    content = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    headers = [(b"content-type", kind.encode("latin-1"))]
    answer = client.post(path, content=content, headers=headers)
    assert answer.status_code < 500, (path, body, kind, answer.text[:300])


@pytest.mark.parametrize(
    "path",
    ["picture/museum-00001/-1/0", "picture/museum-00001/0/0?w=1e9", "picture/%00/0/0", "cover/..",
     "query-picture/%ff", "collection/a/picture/b/0/0", "map/view%00", "map-points.csv?on.lasso=a",
     "map-points.json?q=%00", "look/..%2f..%2fapp.py", "gradio_api/file=/etc/passwd",
     "?deep_link=a", "?page=other&deep_link=a",
     "gradio_api/queue/data?session_hash=nobody", "gradio_api/call/search/nobody", "?view=%ff",
     "custom_component/../../x", "theme.css?a=%00"],
)  # fmt: skip
def test_of_addresses(app, path):
    client, _ = app
    answer = client.get(path)
    assert answer.status_code < 500 and "root:" not in answer.text
