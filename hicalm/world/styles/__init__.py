"""One painter per style of the vocabulary.

Figurative painters restyle the picture of a subject; non-figurative ones paint from a palette.
"""

from collections.abc import Callable

import numpy as np

from hicalm.world.palettes import Palette
from hicalm.world.styles.brushwork import impressionist, pointillist
from hicalm.world.styles.chiaroscuro import chiaroscuro
from hicalm.world.styles.cubist import cubist
from hicalm.world.styles.geometric import de_stijl, op_art, suprematist
from hicalm.world.styles.gestural import abstract_expressionist, colour_field
from hicalm.world.styles.prints import pop_art, ukiyo_e
from hicalm.world.styles.washes import ink_wash, watercolour

StylePainter = Callable[[np.random.Generator, np.ndarray, Palette], np.ndarray]
NonFigurativePainter = Callable[[np.random.Generator, Palette, int, int], np.ndarray]

STYLE_PAINTERS: dict[str, StylePainter] = {
    "impressionist": impressionist,
    "pointillist": pointillist,
    "cubist": cubist,
    "ukiyo-e": ukiyo_e,
    "pop art": pop_art,
    "watercolour": watercolour,
    "ink wash": ink_wash,
    "chiaroscuro": chiaroscuro,
}
NON_FIGURATIVE_PAINTERS: dict[str, NonFigurativePainter] = {
    "de stijl": de_stijl,
    "colour field": colour_field,
    "abstract expressionist": abstract_expressionist,
    "op art": op_art,
    "suprematist": suprematist,
}

__all__ = ["NON_FIGURATIVE_PAINTERS", "STYLE_PAINTERS", "NonFigurativePainter", "StylePainter"]
