"""The encoder of photographs: a pretrained one where it can be had, else the offline one."""

import logging

from hicalm.encoders.encoder import CONSE, Encoder
from hicalm.errors import HicalmError

logger = logging.getLogger(__name__)


def load_photo_encoder(name: str) -> Encoder:
    """Load an encoder by name, as ``Encoder.load``, or ``conse`` where it cannot be had.

    Raises HicalmError where that is not there either.
    """
    try:
        return Encoder.load(name)
    except HicalmError as error:
        logger.warning("photographs are read by '%s': %s", CONSE, error)
        return Encoder.load(CONSE)
