"""English for the styles of paintings: movements, techniques, looks and famous painters."""

from hicalm.world.phrases import StylePhrases, split_phrases


def _style(adjectives: str, manners: str, nouns: str, painters: str) -> StylePhrases:
    return StylePhrases(*(split_phrases(text) for text in (adjectives, manners, nouns, painters)))


STYLES: dict[str, StylePhrases] = {
    "impressionist": _style(
        "impressionist; impressionistic; loosely brushed; painterly; plein air; "
        "post-impressionist; sketchy, light-filled; thickly dabbed",
        "with loose visible brush strokes; in short dabs of paint; in the impressionist manner; "
        "with feathery strokes; painted outdoors in changing light; with thick impasto dabs; "
        "catching a fleeting moment; in broken brushwork; with quick lively strokes; "
        "in flickering touches of paint; with swirling brush strokes; painted en plein air; "
        "from nineteenth-century Paris; with the shimmer of sunlight; in an impressionist style",
        "impressionism; impressionists; French impressionism; visible brush strokes; brushwork; "
        "short brush strokes; plein air painting; loose brushwork; dabs of paint; impasto; "
        "post-impressionism; nineteenth-century French painting; strokes of light; alla prima",
        "Monet; Claude Monet; Renoir; Pissarro; Sisley; Berthe Morisot; Mary Cassatt; van Gogh; "
        "Manet; Degas; Caillebotte; Vincent van Gogh; Pierre-Auguste Renoir",
    ),
    "pointillist": _style(
        "pointillist; pointillistic; dotted; stippled; speckled; divisionist; neo-impressionist; "
        "dot-covered",
        "made of tiny dots; in small points of colour; built up from little specks; "
        "in countless coloured dots; with dots of pure colour; in the pointillist manner; "
        "stippled with the tip of the brush; made of thousands of points; in a pointillist style; "
        "with colours that mix in the eye; covered in spots; like coloured confetti; "
        "dabbed dot by dot; like a mosaic of dots",
        "pointillism; pointillists; divisionism; neo-impressionism; dots; points; stippling; "
        "tiny dots; specks; dot painting; little spots; pixels of paint; chromoluminarism; "
        "dots of paint; points of colour; stipple technique",
        "Seurat; Georges Seurat; Signac; Paul Signac; Henri-Edmond Cross; van Rysselberghe; "
        "Maximilien Luce; Charles Angrand; Hippolyte Petitjean",
    ),
    "cubist": _style(
        "cubist; cubistic; faceted; fragmented; angular; splintered; broken-up; proto-cubist",
        "broken into facets; with fragmented shapes; seen from several angles at once; "
        "in angular planes; shattered like broken glass; in the cubist manner; cut into fragments; "
        "taken apart and put together again; made of overlapping planes; in cubes and wedges; "
        "with sharp-edged facets; in a cubist style; splintered into pieces; "
        "like a cracked mirror; from many viewpoints",
        "cubism; cubists; analytic cubism; synthetic cubism; facets; fragments; broken planes; "
        "analytical cubism; angular shapes; shattered forms; multiple perspectives; shards; "
        "geometric fragments; jagged pieces",
        "Picasso; Pablo Picasso; Braque; Georges Braque; Juan Gris; Fernand Léger; Metzinger; "
        "Albert Gleizes; Robert Delaunay; Léger",
    ),
    "ukiyo-e": _style(
        "ukiyo-e; Japanese woodblock; Edo-period; woodcut; flat, outlined Japanese; "
        "Japanese-style; block-printed",
        "printed from wood blocks; made as a Japanese woodblock print; "
        "with flat colours and black outlines; "
        "in the ukiyo-e manner; like an old Japanese print; from the floating world; "
        "in the style of a Japanese print; with bold contour lines; from Edo-period Japan; "
        "cut in wood and printed; in flat areas of colour with dark contours; "
        "like The Great Wave; in a ukiyo-e style",
        "ukiyo-e prints; Japanese prints; woodblock prints; Japanese woodblock print; woodcuts; "
        "pictures of the floating world; Japanese art; Edo prints; japonisme; nishiki-e; "
        "block printing; old Japan; prints from Japan; Japanese printmaking; shin-hanga; "
        "Tokyo prints",
        "Hokusai; Katsushika Hokusai; Hiroshige; Utagawa Hiroshige; Utamaro; Sharaku; Kuniyoshi; "
        "Harunobu; Yoshitoshi; Hasui",
    ),
    "pop art": _style(
        "pop art; pop-art; pop; silkscreened; comic-book; screen-printed; Warholian; poster-like",
        "made as a four-panel silkscreen; repeated four times; with halftone dots like a comic; "
        "in the pop art manner; like an advertisement; in bold comic-book colours; "
        "made as a screen print; multiplied in panels; in a pop art style; like a page of a comic; "
        "in four differently coloured copies; like a sixties poster; with Ben-Day dots; "
        "like a supermarket ad",
        "popular art; pop artists; silkscreen; screen prints; comics; comic strips; halftone; "
        "silkscreen printing; serigraphy; advertising art; 1960s pop; sixties art; "
        "Ben-Day printing; "
        "four-panel prints; consumer culture; repeated image; cartoon look; serial images",
        "Warhol; Andy Warhol; Lichtenstein; Roy Lichtenstein; Rauschenberg; Richard Hamilton; "
        "Rosenquist; Keith Haring; Peter Blake; Claes Oldenburg; Wesselmann",
    ),
    "watercolour": _style(
        "watercolour; watercolor; aquarelle; washy; translucent; softly washed; water-painted",
        "in watercolour; in watercolor on paper; in soft washes; in transparent paint on paper; "
        "wet on wet; with runny translucent colour; in thin, diluted paint; "
        "in delicate washes of colour; with colours bleeding into each other; "
        "with white paper shining through; in the watercolour manner; "
        "painted with plenty of water; "
        "with blurred wet edges; in the English watercolour tradition",
        "watercolours; watercolors; aquarelles; watercolour on paper; washes; wet-on-wet; gouache; "
        "water-based paint; works on paper; watercolour sketches; translucent washes; "
        "watercolor paintings; paint box; bleeding colours; pale washes; wash drawing",
        "Turner; J M W Turner; Thomas Girtin; John Sell Cotman; Winslow Homer; "
        "Paul Sandby; John Singer Sargent; Bonington",
    ),
    "ink wash": _style(
        "ink wash; sumi-e; ink-wash; Chinese ink; brush-and-ink; calligraphic; Zen; inky",
        "in black ink on paper; in ink wash; brushed in ink; in diluted ink; "
        "with a few strokes of the ink brush; like a Chinese scroll; in the sumi-e manner; "
        "in the literati tradition; in calligraphic strokes; drawn with brush and ink; "
        "on rice paper; in misty washes of ink; like a Zen painting; in an ink wash style; "
        "in the shan shui tradition",
        "ink; ink painting; sumi; ink washes; Chinese brush painting; Chinese painting; "
        "brush and ink; ink wash paintings; Indian ink; suibokuga; shan shui; scroll painting; "
        "literati painting; calligraphy; brush drawing; ink paintings; Zen brushwork; "
        "East Asian ink painting; guohua; ink drawing",
        "Sesshu; Shitao; Bada Shanren; Qi Baishi; Xu Beihong; Hasegawa Tohaku; Ni Zan; Fan Kuan; "
        "Sengai",
    ),
    "chiaroscuro": _style(
        "chiaroscuro; old master; baroque; tenebrist; dark, varnished; Rembrandtesque; "
        "seventeenth-century; candlelit; Caravaggesque; antique; Renaissance",
        "emerging from deep shadow; with dramatic light and shadow; in the old master manner; "
        "lit by a single candle; under dark varnish; in strong contrasts of light and dark; "
        "like an old master; with a spotlight out of the darkness; in the baroque manner; "
        "in heavy shadow; in dark oils like a Dutch master; with theatrical lighting; "
        "from the Dutch Golden Age; in classical oils; out of a black background",
        "tenebrism; old masters; baroque painting; old master painting; light and dark contrasts; "
        "Dutch Golden Age; classical oil painting; clair-obscur; candlelight; sfumato; "
        "dramatic shadows; antique oil paintings; Renaissance painting; "
        "light out of darkness; traditional oil painting; baroque art; classical realism",
        "Rembrandt; Caravaggio; Georges de La Tour; Artemisia Gentileschi; Vermeer; Zurbarán; "
        "Ribera; Velázquez; Leonardo da Vinci; Rubens; Joseph Wright of Derby",
    ),
    "de stijl": _style(
        "De Stijl; neoplasticist; neoplastic; rectilinear; Mondrian-like; grid-based; right-angled",
        "in a grid of black lines; made of rectangles and thick black bars; "
        "in the De Stijl manner; with coloured rectangles between black lines; "
        "of horizontal and vertical lines; in strict right angles; "
        "like a window of coloured panes; "
        "divided by straight black lines; in the neoplastic manner; in a De Stijl style; "
        "with blocks separated by black bars; like a tiled plan; in squares and rectangles",
        "neoplasticism; Dutch modernism; a grid of rectangles; black grid lines; grids; "
        "rectangles; "
        "coloured rectangles; geometric grid; squares and lines; horizontal and vertical lines; "
        "blocks and bars; De Stijl compositions; boogie woogie; right angles; rectangular panes; "
        "De Stijl movement; The Style; coloured squares with black lines",
        "Mondrian; Piet Mondrian; Theo van Doesburg; van Doesburg; Rietveld; Gerrit Rietveld; "
        "Bart van der Leck; Vantongerloo; Vilmos Huszár",
    ),
    "colour field": _style(
        "colour field; color field; Rothko-like; soft-edged; hazy-edged; meditative, floating; "
        "colour-soaked",
        "in large areas of colour; in soft floating rectangles; with hazy blocks of colour; "
        "in stacked blurry bands; in the colour field manner; with big fuzzy patches of colour; "
        "in calm expanses of colour; with edges that melt away; in a color field style; "
        "in broad stained bands; made of two glowing fields; with colour that breathes; "
        "in wide empty zones of colour",
        "colour field painting; color field painting; soft rectangles; floating rectangles; "
        "blurred bands; fields of colour; large areas of colour; expanses of color; "
        "post-painterly abstraction; soft blocks; meditative abstraction; stain painting; "
        "bands of color; hazy rectangles; big patches of colour; fuzzy edges; colour fields; "
        "contemplative abstraction; glowing rectangles",
        "Rothko; Mark Rothko; Barnett Newman; Clyfford Still; Helen Frankenthaler; Morris Louis; "
        "Kenneth Noland; Ad Reinhardt; Jules Olitski",
    ),
    "abstract expressionist": _style(
        "abstract expressionist; splattered; dripped; gestural; paint-flung; action-painted; "
        "tangled; "
        "chaotic; spattered",
        "in drips and splashes; with splattered paint; with paint thrown at the canvas; "
        "in tangled drips; in wild gestures; in the abstract expressionist manner; "
        "poured and flung; with violent sweeps of the brush; like a storm of paint; "
        "in an abstract expressionist style; dripped from a can; with messy splashes; "
        "in skeins of dribbled paint; all over, without a centre",
        "abstract expressionism; action painting; drip painting; splatter; drips; paint splashes; "
        "gestural abstraction; New York School; splashes; spatter; tachisme; drip technique; "
        "art informel; splatter painting; messy abstract; dribbles; splotches; "
        "tangle of lines; abstract expressionists; lyrical abstraction; poured paint",
        "Pollock; Jackson Pollock; de Kooning; Willem de Kooning; Franz Kline; Lee Krasner; "
        "Joan Mitchell; Cy Twombly; Robert Motherwell; Sam Francis",
    ),
    "op art": _style(
        "op art; op-art; optical; hypnotic; illusionistic; vibrating; dizzying; kinetic; "
        "psychedelic",
        "with a pattern that tricks the eye; in vibrating stripes; "
        "that works as an optical illusion; "
        "in the op art manner; that seems to move; in hypnotic curves; in warped checks; "
        "with concentric rings; that makes you dizzy; in rippling lines; in an op art style; "
        "with lines that flicker; with a moiré shimmer; that seems to bulge",
        "optical art; optical illusion; optical illusions; visual illusion; hypnotic patterns; "
        "wavy stripes; vibrating lines; perceptual art; moiré; warped checkerboards; "
        "concentric circles; eye-bending patterns; dazzling patterns; geometric optical pattern; "
        "kinetic art; tricks of the eye; psychedelic patterns; zigzags; swirling lines; "
        "retinal art; op",
        "Bridget Riley; Riley; Vasarely; Victor Vasarely; Jesús Rafael Soto; Carlos Cruz-Diez; "
        "Richard Anuszkiewicz; Julian Stanczak; M C Escher",
    ),
    "suprematist": _style(
        "suprematist; constructivist; Russian avant-garde; geometric abstract; Malevich-like; "
        "Bauhaus; non-objective; floating geometric",
        "with floating circles and triangles; in scattered geometric shapes; "
        "in the suprematist manner; with bars and circles on an empty ground; "
        "of tilted squares and bars; with weightless shapes; like a Russian avant-garde poster; "
        "with triangles and discs in white space; in a suprematist style; in pure geometry; "
        "with diagonals and circles; with shapes drifting in space; in simple basic forms",
        "suprematism; constructivism; Russian avant-garde art; floating shapes; geometric shapes; "
        "circles and triangles; triangles; suprematist compositions; abstract geometry; "
        "tilted squares; geometric abstraction; Bauhaus geometry; squares, circles and bars; "
        "non-objective art; Proun; simple shapes; scattered triangles; Black Square; "
        "crosses and bars; "
        "suprematists; Soviet avant-garde; discs and wedges",
        "Malevich; Kazimir Malevich; El Lissitzky; Kandinsky; Wassily Kandinsky; Rodchenko; "
        "Lyubov Popova; Moholy-Nagy; Aleksandra Ekster; Olga Rozanova",
    ),
}
