"""English for the rooms: walls, floors, light and objects."""

from hicalm.world.phrases import ThingPhrases, split_phrases


def _thing(names: str) -> ThingPhrases:
    return ThingPhrases(split_phrases(names))


WALL_COLORS: dict[str, ThingPhrases] = {
    "white": _thing(
        "white walls; plain white walls; whitewashed walls; a white cube; walls painted white; "
        "ivory walls; snow-white walls; bright white walls; chalk-white walls; "
        "white plaster walls; "
        "white-painted walls; a white wall; pure white walls; off-white walls"
    ),
    "red": _thing(
        "red walls; crimson walls; walls painted red; scarlet walls; deep red walls; ruby walls; "
        "burgundy walls; a red wall; blood-red walls; Pompeian red walls; cherry-red walls; "
        "maroon walls; red-painted walls; wine-red walls; carmine walls"
    ),
    "blue": _thing(
        "blue walls; walls painted blue; navy walls; azure walls; cobalt walls; deep blue walls; "
        "a blue wall; sky-blue walls; royal blue walls; sapphire walls; blue-painted walls; "
        "Prussian blue walls; indigo walls; cerulean walls"
    ),
    "green": _thing(
        "green walls; walls painted green; sage green walls; emerald walls; olive walls; "
        "a green wall; mint walls; deep green walls; moss-green walls; bottle-green walls; "
        "green-painted walls; jade walls; forest-green walls; leaf-green walls"
    ),
    "grey": _thing(
        "grey walls; gray walls; walls painted grey; slate walls; silvery walls; a grey wall; "
        "stone-grey walls; charcoal grey walls; dove-grey walls; pale grey walls; ash-grey walls; "
        "grey-painted walls; walls painted gray; pewter walls"
    ),
    "yellow": _thing(
        "yellow walls; walls painted yellow; golden walls; mustard walls; lemon walls; "
        "a yellow wall; sunny yellow walls; ochre-yellow walls; canary walls; saffron walls; "
        "yellow-painted walls; butter-yellow walls; honey-coloured walls; primrose walls"
    ),
    "pink": _thing(
        "pink walls; walls painted pink; rose-coloured walls; salmon walls; blush walls; "
        "a pink wall; coral-pink walls; pale pink walls; candy-pink walls; rosy walls; "
        "pink-painted walls; fuchsia-pink walls; shell-pink walls; flamingo walls"
    ),
    "black": _thing(
        "black walls; walls painted black; jet-black walls; ebony walls; a black wall; "
        "pitch-black walls; black-painted walls; ink-black walls; walls as black as night; "
        "onyx walls; raven-black walls; coal-black walls; matt black walls; midnight-black walls"
    ),
}
FLOORS: dict[str, ThingPhrases] = {
    "wood": _thing(
        "a wooden floor; parquet; a parquet floor; wooden floorboards; oak planks; "
        "hardwood flooring; a timber floor; floorboards; polished wood underfoot; a plank floor; "
        "a wood floor; herringbone parquet; wooden planks underfoot; an oak floor; laminate"
    ),
    "marble": _thing(
        "a marble floor; polished marble; a floor of marble; shining marble slabs; marble tiles; "
        "marble underfoot; veined marble; a gleaming marble floor; white veined stone; "
        "Carrara marble; marble flooring; a glossy stone floor; marble paving; "
        "a palatial stone floor"
    ),
    "concrete": _thing(
        "a concrete floor; a cement floor; bare concrete; polished concrete; an industrial floor; "
        "concrete underfoot; a rough concrete floor; a bare grey slab; poured concrete; "
        "a factory floor; concrete flooring; a screed floor; a warehouse floor; raw cement"
    ),
    "carpet": _thing(
        "a carpet; a carpeted floor; soft carpet; carpet underfoot; a thick carpet; a rug; "
        "wall-to-wall carpet; carpeting; a plush carpet; a woven floor covering; a fitted carpet; "
        "a soft fabric floor; a woollen carpet; textile flooring; a rug on the floor"
    ),
    "terracotta": _thing(
        "terracotta tiles; a terracotta floor; clay tiles; red clay tiles; a floor of baked clay; "
        "terracotta underfoot; orange clay tiles; Mediterranean tiles; earthenware tiles; "
        "a red tiled floor; Tuscan tiles; a brick-coloured tiled floor; a Spanish tiled floor; "
        "terracotta flooring; quarry tiles; warm clay flooring"
    ),
    "checkerboard": _thing(
        "a checkerboard floor; a chequerboard floor; black and white tiles; a checkered floor; "
        "chequered tiles; a chessboard floor; a chequered floor; alternating dark and light tiles; "
        "tiles like a chessboard; checkerboard tiles; a floor of black and white squares; "
        "a chess-pattern floor; black-and-white squares underfoot; checked tiles"
    ),
}
LIGHTINGS: dict[str, ThingPhrases] = {
    "bright": _thing(
        "bright light; bright lighting; strong even light; brilliant light; bright lamps; "
        "a flood of light; powerful lights; clear bright lighting; good strong light; "
        "intense lighting; full illumination; brightly shining ceiling lights; dazzling light; "
        "a well-lit space; plenty of light"
    ),
    "dim": _thing(
        "dim light; dim lighting; low light; subdued light; half-darkness; faint light; "
        "a dark, quiet light; gloom; soft spotlights in the dark; shadowy light; low lighting; "
        "twilight; muted lighting; semi-darkness; murky light; gloomy lighting; poor light"
    ),
    "warm": _thing(
        "warm light; warm lamplight; golden light; a golden glow; cosy lighting; "
        "soft yellow light; the warm glow of lamps; warm lighting; amber lamps; "
        "mellow lamplight; a cosy glow; candle-like light; incandescent light; "
        "honey-coloured light; "
        "lamplight; cozy light"
    ),
    "daylight": _thing(
        "daylight; natural light; sunlight from above; light from a skylight; "
        "daylight from the ceiling; a skylight; the light of day; natural daylight; "
        "sunlight; overhead daylight; sunshine; light from the sky; sunbeams; a glass ceiling; "
        "cool daylight; light falling through a glass roof"
    ),
}
OBJECTS: dict[str, ThingPhrases] = {
    "bench": _thing(
        "a bench; a bench to sit on; a wooden bench; a seat; a place to sit; a long bench; "
        "somewhere to sit; a visitors' bench; seating; a gallery bench; a low bench; "
        "a seat for tired visitors; a settle; a place to rest; a resting place"
    ),
    "plant": _thing(
        "a plant; a potted plant; a plant in a pot; indoor greenery; a pot plant; a houseplant; "
        "a leafy plant; an indoor plant; a palm in a pot; a ficus; a fern in a tub; "
        "a rubber plant; some greenery; a little tree in a pot; a living plant"
    ),
    "sculpture": _thing(
        "a sculpture; a statue; a bust on a plinth; a sculpture on a pedestal; a carved figure; "
        "a piece of sculpture; a statue on a base; a modelled figure; a stone figure; "
        "a bronze figure; a statuette; a sculpted form; a marble statue; an abstract sculpture; "
        "a three-dimensional work of art"
    ),
    "column": _thing(
        "a column; a pillar; a round column; a stone column; a tall pillar; a supporting column; "
        "a classical column; a free-standing column; a Doric column; a round post; "
        "an architectural pillar; a slender pillar; a Greek column; a fluted column; a pilaster"
    ),
    "display case": _thing(
        "a display case; a glass case; a vitrine; a showcase; a glass cabinet; an exhibition case; "
        "a museum case; a glass box on legs; a display cabinet; a case with a glass top; "
        "a display cabinet of glass; an exhibit behind glass; a glazed case; objects under glass; "
        "a glass showcase"
    ),
}
