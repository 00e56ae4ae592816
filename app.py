"""Start HiCALM Explorer: ``python app.py [--port 7860]``."""

import argparse
import gc
import logging
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

# Neither the interface nor the models ask another host; all settings can be overridden.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
# Assistants find the API's endpoints as tools of an MCP server.
os.environ.setdefault("GRADIO_MCP_SERVER", "True")
# Gradio makes a table of the last 10,000 calls after every call.
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000000")
os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "100")  # and keeps them for that
# Who asks is what a proxy on a private network says, as those of Spaces and of Docker are: visitors
# have turns by their address, and all that come through a proxy would else be one.
os.environ.setdefault(
    "FORWARDED_ALLOW_IPS", "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,::1,fc00::/7"
)
# One query is small: more threads than free cores make torch many times slower.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from demo.quick_import import without_servers, without_stubs

gc.disable()  # to look for garbage, while all that is imported stays, takes a fifth of the start

with without_stubs():
    from demo.connections import serve
    from demo.layout import build_layout, launch_options
    from demo.private_folder import open_private_folder
    from demo.refusals import LOG_FORMAT, kept_log
    from demo.user_collections import ServedWorkspace
    from demo.warmup import Warmup

if TYPE_CHECKING:  # imported by the warm-up thread
    from hicalm.data.collection import Collection
    from hicalm.data.pictures import PictureSource
    from hicalm.maps.map import Maps
    from hicalm.search.searcher import Searcher

SWITCH_SECONDS = 0.001  # after which a thread lets others on: files must not wait for searches
HERE = Path(__file__).parent
COLLECTION = HERE / "assets" / "world"
CHECKPOINT = HERE / "checkpoints" / "hicalm"
PHOTO_ENCODER = "MobileCLIP2-S0"  # the smallest MobileCLIP that open_clip lists


def open_searcher(
    collection: "Path | Collection", checkpoint: Path, encoder: str = "", index: str = ""
) -> "Searcher":
    """Load the models; runs in the warm-up thread, because the imports alone take seconds."""
    try:
        from hicalm.search.searcher import Searcher

        return Searcher.open(collection, checkpoint, encoder, index)
    finally:
        gc.freeze()  # what is there now stays
        gc.enable()


def open_collection(folder: Path) -> "tuple[Collection, PictureSource]":
    """Load the museums and their pictures, which can be shown before the models are there."""
    from hicalm.data.collection import load_collection
    from hicalm.world.world_pictures import open_pictures

    collection = load_collection(folder)
    return collection, open_pictures(collection)


def open_maps(collection: "Collection", checkpoint: Path) -> "Maps":
    """Load the collection's maps. Raises HicalmError where there are none for this checkpoint."""
    from hicalm.maps.map import load_maps
    from hicalm.training.seed_runs import best_run

    return load_maps(collection, best_run(checkpoint))


def main() -> None:
    """Read the options and serve until interrupted."""
    parser = argparse.ArgumentParser(description="Search museums in plain words.")
    parser.add_argument("--collection", type=Path, default=COLLECTION, help="a collection's folder")
    parser.add_argument(
        "--checkpoint", type=Path, default=CHECKPOINT, help="a trained model, or zero-shot"
    )
    parser.add_argument(
        "--photo-encoder",
        default=PHOTO_ENCODER,
        help="what reads photographs that visitors bring: an open_clip name, or conse, which needs "
        f"no hub and takes over where the other cannot be had (default: {PHOTO_ENCODER})",
    )
    parser.add_argument("--encoder", default="", help="reads queries of published features")
    parser.add_argument(
        "--index",
        default="",
        help="address of an index: a file that ends in .db, or http://... of a Milvus server; "
        "`python -m hicalm index` makes it; or `vectors`: those that it stored with the collection",
    )
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--log", type=Path, help="a file for the log, renewed from 5 MB on")
    parser.add_argument("--port", type=int, help="port (default: the first free one from 7860)")
    options = parser.parse_args()
    if options.log:
        logging.basicConfig(format=LOG_FORMAT, handlers=[kept_log(options.log)])
    sys.setswitchinterval(SWITCH_SECONDS)
    open_private_folder()
    warmup = Warmup(
        lambda: open_searcher(
            warmup.collection or options.collection,
            options.checkpoint,
            options.encoder,
            options.index,
        ),
        lambda: open_collection(options.collection),
        lambda collection: open_maps(collection, options.checkpoint),
    )
    workspace = ServedWorkspace(warmup, options.photo_encoder)
    with without_servers():
        blocks = build_layout(workspace)
    settings = launch_options(workspace)
    serve(blocks, server_name=options.host, server_port=options.port, **settings)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # so that visitors' museums are deleted
    warmup.start()  # only now: loading the models would hold up the first byte
    try:
        blocks.block_thread()
    finally:
        workspace.turns.close()
        warmup.join()  # a process that ends inside torch or faiss aborts


if __name__ == "__main__":
    main()
