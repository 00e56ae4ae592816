"""What reads the pictures that visitors bring: the app's own encoder, or one of photographs."""

import io
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from demo import text
from hicalm.errors import HicalmError

if TYPE_CHECKING:  # it takes torch along
    from hicalm.encoders.encoder import Encoder
    from hicalm.search.searcher import Searcher

BUILTIN, CONSE = "builtin", "conse"  # names of encoders in a fingerprint
PHOTOGRAPHS = "photographs"
READINGS = {"": text.READ_AS_FITS, BUILTIN: text.READ_AS_DRAWN, PHOTOGRAPHS: text.READ_AS_PHOTOS}
UNKNOWN_SHARE = 0.25  # of the pictures looked at, above which they are photographs
LOOKED_AT = 24  # pictures of a collection, drawn evenly, that say what they are


class PhotoReader:
    """The encoder of photographs, loaded (seconds) when it is first needed."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._encoder: Encoder | None = None

    def encoder(self) -> "Encoder":
        """Return the encoder. Raises HicalmError where none can be had."""
        from hicalm.encoders.photo_encoder import load_photo_encoder

        with self._lock:
            if self._encoder is None:
                self._encoder = load_photo_encoder(self._name)
            return self._encoder


def are_photographs(museums: Path, searcher: "Searcher") -> bool:
    """Tell whether a folder of museums holds photographs, not pictures such as the app draws.

    More than a quarter of what was looked at has to be unknown to the built-in encoder; any other
    one cannot tell. Raises HicalmError for a folder without museums.
    """
    from hicalm.data.picture_files import fit, read_picture
    from hicalm.data.pictures import ENCODED_WIDTH
    from hicalm.importers.folders import find_museums

    known_pictures = searcher.known_pictures
    if known_pictures is None:
        return False
    rooms = [room for museum in find_museums(museums, {}) for room in museum.rooms]
    files = [path for room in rooms for path in room.pictures]
    pictures = []
    for path in files[:: max(1, len(files) // LOOKED_AT)]:
        try:
            whole = read_picture(io.BytesIO(path.read_bytes()), ENCODED_WIDTH)
        except HicalmError:  # it is named when the pictures are imported
            continue
        pictures.append(fit(whole, ENCODED_WIDTH))
    if not pictures:
        return False
    known = known_pictures.know(searcher.encoder.encode_images(pictures))
    return float(np.mean(~known)) > UNKNOWN_SHARE


def reader_note(name: str) -> str:
    """Return what an encoder, by its name, can find in pictures, in a line."""
    notes = {BUILTIN: text.ENCODER_BUILTIN, CONSE: text.ENCODER_CONSE}
    return notes.get(name) or text.ENCODER_OTHER.format(name=name)
