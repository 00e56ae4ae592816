"""A Milvus server on the loopback, and all that an index holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from hicalm.levels import LEVELS
from hicalm.search.milvus_index import MilvusIndex

FIELDS = ["id", "museum", "rooms", "split", "hash", "attributes", "vector"]


@contextmanager
def lite_server(folder: Path) -> Iterator[str]:
    """Start milvus-lite's server over a folder and give its address."""
    from milvus_lite.adapter.grpc.server import start_server_in_thread

    server, database, port = start_server_in_thread(str(folder), host="127.0.0.1", port=0)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop(grace=0)
        database.close()


def held(index: MilvusIndex) -> dict[str, dict]:
    """Return the rows of all levels by level and id, their vectors as bytes."""
    found = {}
    for level in LEVELS:
        for row in index._rows(level, FIELDS):
            vector = np.asarray(row["vector"], np.float32).tobytes()
            found[f"{level} {row['id']}"] = dict(row) | {"vector": vector}
    return found
