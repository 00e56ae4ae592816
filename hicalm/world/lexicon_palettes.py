"""English for the palettes: colour words, moods and materials."""

from hicalm.world.phrases import PalettePhrases, split_phrases


def _palette(adjectives: str, colours: str, words: str) -> PalettePhrases:
    return PalettePhrases(*(split_phrases(text) for text in (adjectives, colours, words)))


PALETTES: dict[str, PalettePhrases] = {
    "warm sunset": _palette(
        "warm; fiery; orange; orange and red; sunset-coloured; glowing; amber; red and gold; "
        "warm-toned; flame-coloured; reddish orange; hot-coloured",
        "warm sunset colours; orange and crimson; fiery oranges and reds; amber and gold; "
        "hot colours; warm tones; the colours of a sunset; scarlet and orange; flame-like hues; "
        "the colours of fire; glowing reds and oranges; warm colors; tangerine and coral; "
        "the colours of embers; vermilion and saffron; the tones of the evening sun",
        "sunset; orange tones; crimson; scarlet; tangerine; saffron; flame; fire; ember; "
        "coral red; "
        "apricot glow; marigold; cinnabar; warm red; burning; sundown; golden orange; blaze; "
        "fiery; vermilion; autumn fire; lava; hot hues; warm shades; orangey; dusk glow; paprika",
    ),
    "cool blues": _palette(
        "blue; cool; azure; cobalt; icy; cool blue; navy; bluish; cold-coloured; ultramarine; "
        "blue-toned; cerulean",
        "shades of blue; cool blues; cobalt and cyan; icy blues; azure and navy; cold colours; "
        "blue tones; cool tones; turquoise and ultramarine; chilly hues; wintry blues; "
        "the blues of deep water; sapphire and teal; cool colors; different blues; "
        "nothing but blue",
        "indigo blue; sapphire; cyan; turquoise; teal; Prussian blue; ice; cold hues; "
        "midnight blue; "
        "aquamarine; sky blue; navy blue; cobalt blue; frosty; royal blue; cornflower; steel blue; "
        "cool shades; aqua; wintry; denim; lapis lazuli; blueish; blues; baby-boy blue; "
        "petrol blue",
    ),
    "greyscale": _palette(
        "greyscale; grayscale; black-and-white; monochrome; grey; gray; colourless; silvery; "
        "monochromatic; ashen; grisaille; black and white",
        "black and white; shades of grey; shades of gray; grey tones; black, white and grey; "
        "tones of charcoal; black, white and nothing else; silver and charcoal; monochrome greys; "
        "the greys of an old photograph; ash and slate; neutral greys; only black and white; "
        "the tones of a pencil drawing; gunmetal and silver",
        "charcoal; slate; without colour; colorless; silver; ash; graphite; neutral; "
        "old photo; black white; desaturated; lead; smoky; achromatic; pewter; drained of colour; "
        "newspaper grey; pencil grey; greys; grays; no color; stone grey; uncoloured; noir",
    ),
    "pastel": _palette(
        "pastel; pastel-coloured; pale; soft-coloured; powdery; candy-coloured; delicate; "
        "light-toned; pale-toned; tender; milky; pastel-toned",
        "pastel colours; soft pastel tones; pale pinks and mint; baby pink and baby blue; "
        "light, delicate colours; candy-like hues; soft rosy tints; powdery colours; "
        "pale peach and lilac; pastel colors; muted light shades; the colours of sugared almonds; "
        "the softest tints; ice-cream colours; gentle tints; whispers of colour",
        "pastels; pale pink; peach; mint; rosy; blush; powder blue; soft tints; baby pink; "
        "soft pink; candyfloss; cotton candy; macaron colours; pale yellow; eggshell; cream; "
        "light colours; pale colors; light pink; faint; marshmallow; sherbet; nursery colours; "
        "soft hues; pearly; shell pink; rose quartz; baby colours",
    ),
    "primary colours": _palette(
        "primary-coloured; brightly coloured; vivid; bold; vibrant; saturated; loud; "
        "red, yellow and blue; strongly coloured; multicoloured; colourful; high-contrast",
        "primary colours; red, yellow and blue; bold primaries; bright saturated colours; "
        "vivid colours; primary colors; strong pure colours; intense hues; loud colours; "
        "the three primaries; bright reds, blues and yellows; undiluted colour; "
        "the colours of building blocks; vibrant colors; all the bright colours; unmixed colours",
        "primaries; colorful; rainbow; rainbow colours; red yellow blue; bright colours; lively; "
        "bright colors; intense; vivid hues; bold colors; saturated; pure red; crayons; "
        "toy colours; "
        "basic colours; garish; striking colours; technicolor; eye-popping; kaleidoscopic; "
        "lemon yellow and red; strong hues; bright red and blue; colourfulness",
    ),
    "earth tones": _palette(
        "earthy; brown; earth-toned; ochre; sepia; tawny; umber; brownish; earth-coloured; rustic; "
        "clay-coloured; tan",
        "earth tones; browns and ochres; shades of brown; umber and sienna; earthy colours; "
        "the colours of clay and sand; sepia tones; muddy browns; natural earth colours; "
        "beige and chestnut; earthy colors; tan and russet; rust and bronze; "
        "chocolate and caramel; "
        "the browns of ploughed fields; coffee and cream tones",
        "browns; sienna; burnt umber; raw sienna; beige; khaki; rust; chestnut; mud; soil; clay; "
        "chocolate; caramel; ocher; russet; burnt sienna; bronze; mocha; sandy tones; leather; "
        "hazel; wood tones; coffee; mahogany; fawn; taupe; terra; walnut; brown hues; earth",
    ),
    "greens": _palette(
        "green; emerald; verdant; leafy; olive; greenish; viridian; mossy; green-toned; lush; "
        "jade; grass-green",
        "shades of green; greens; emerald and jade; olive and moss; leafy greens; green tones; "
        "the greens of spring; forest green and lime; viridian and sage; many greens; "
        "fresh greens; the colours of grass; mint leaf and fern; bottle green and olive; "
        "verdant hues; nothing but green",
        "sage; moss; lime; fern; chartreuse; malachite; forest green; pea green; viridian green; "
        "emerald green; olive green; spring green; bottle green; pine green; grassy; leaf green; "
        "avocado; pistachio; verdure; verdigris; green hues; celadon; apple green; jungle green; "
        "racing green; greenery tones; sea green",
    ),
    "purples": _palette(
        "purple; violet; mauve; plum-coloured; lilac; purplish; magenta; lavender; "
        "violet-toned; amethyst; aubergine; purple-toned",
        "shades of purple; purples; violet and magenta; lavender and plum; deep purples; "
        "purple tones; mauve and lilac; violet hues; amethyst and indigo; royal purple; "
        "the colours of heather; aubergine and orchid; many violets; purple and fuchsia; "
        "the tones of ripe plums; nothing but purple",
        "plum; indigo; orchid; heather; wisteria; eggplant; grape; fuchsia; royal purples; "
        "violets; mulberry; purple haze; deep purple; imperial purple; Tyrian purple; lilacs; "
        "purpley; periwinkle; blackcurrant; puce; iris purple; violaceous; bishop's purple; "
        "raisin; boysenberry; violet shades; purple hues",
    ),
}
