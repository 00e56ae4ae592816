"""The words of a phrase without what only holds a query together, and what such words speak of."""

import re

# What tells that words speak of a room and not of its pictures: furniture, surfaces, light.
_OF_ROOMS = (
    "room rooms gallery galleries hall halls chamber salon wall walls floor floors flooring "
    "floorboards ceiling carpet carpets carpeting rug rugs parquet marble terracotta tiles tiled "
    "concrete lino linoleum checkerboard chequerboard chequered checkered bench benches seat seats "
    "seating chair chairs sofa sofas armchair armchairs furniture plant plants greenery statue "
    "statues sculpture sculptures pillar pillars column columns pedestal pedestals plinth plinths "
    "display vitrine vitrines showcase showcases case cases cabinet cabinets light lights lighting "
    "lit unlit lamp lamps spotlight spotlights daylight skylight skylights window windows gloomy "
    "gloom dim dark dimly bright brightly curtain curtains door doors doorway potted pot "
    "underfoot wooden wood wallpaper cosy"
)
ROOM_WORDS = frozenset(_OF_ROOMS.split())
# Looks of a room that may stand without the word: "a red room and a blue one".
_LOOKS = (
    "white red blue green grey gray yellow pink black purple orange brown dark bright dim light "
    "gloomy sunny cosy warm large big small wooden marble empty"
)
ROOM_LOOKS = frozenset(_LOOKS.split())
# What tells that words speak of how a picture is made, and not of what it shows.
_OF_STYLE = (
    "cubism cubist impressionism impressionist pointillism pointillist watercolour watercolor "
    "watercolours watercolors aquarelle aquarelles ink pastel pastels oil oils gouache acrylic "
    "fresco print prints woodcut woodcuts woodblock engraving engravings etching etchings sketch "
    "sketches drawing drawings abstract figurative realist realistic baroque gothic rococo "
    "renaissance romantic modern modernist contemporary classical pop op art deco nouveau fauve "
    "expressionist surreal minimalist monochrome greyscale grayscale black white red blue green "
    "yellow pink purple violet orange brown grey gray gold golden silver crimson scarlet azure "
    "navy turquoise teal beige cream mauve lilac warm cool colourful colorful colour color colours "
    "colors tones tone shades shade palette pale japanese chinese dutch old-master chiaroscuro "
    "ukiyo-e sumi-e stijl suprematist style technique manner brushstrokes dots drips paintings "
    "pictures works canvases lookalikes like"
)
STYLE_WORDS = frozenset(_OF_STYLE.split())
_IST = re.compile(r"(?:ist|ism|ists|esque|-like|-style)$")
_NAMES = (
    "monet renoir degas cezanne seurat signac picasso braque gris hokusai hiroshige utamaro warhol "
    "lichtenstein haring turner whistler sesshu caravaggio rembrandt mondrian rietveld rothko "
    "newman pollock kline vasarely riley malevich lissitzky vermeer klimt matisse dali kandinsky "
    "klee hopper hockney gogh titian goya velazquez manet sargent constable bosch bruegel"
)
_ARTISTS = frozenset(_NAMES.split())

# Words that hold a query together: where nothing else stands, nothing is asked for.
_HOLDING = (
    "a an the i i'd i'll i'm we we'd we'll we're you he she it it's they them there there's my our "
    "your his her their me us one's who that which this these those whose am is are was were be "
    "been being do does did has have had having would will should must may might can could shall "
    "want wants wanted like liked love rather prefer prefers preferably wish wishes need needs "
    "please kindly just only really simply very much quite so too also either anyway ok okay "
    "thanks if unless provided as long and or but with of in at to for by on from into than "
    "go going visit visiting see seeing seen find finding show shows shown showing look looking "
    "hang hangs hung hanging keep kept put placed get gets getting give gives take takes make "
    "makes let lets let's choose pick suggest recommend include includes including contain "
    "contains hold holds own owns some any every somewhere someplace where when while whereas "
    "museum museums collection collections building "
    "place places house institution visitor visitors tour "
    "anything everything something goes fine good today trip "
    "though whichever whatever entirely completely totally exclude avoid skip "
    "stand standing route itinerary "
    "exhibition exhibitions hope hoping "
    "enter walk mind care sure happy glad thing things whole entire all both each"
)
SCAFFOLD = frozenset(_HOLDING.split())

_WORD = re.compile(r"[^\W_]+(?:[-'\u2019][^\W_]+)*")
_ROOM = r"(?:rooms?|gallery|galleries|halls?|chambers?|salons?)"
_BARE_ROOM = re.compile(
    rf"(?!(?:an?|the|one|some|in|no)\b)\S+(?:\s\S+){{0,2}}\s{_ROOM}", re.IGNORECASE
)
_LEAD = re.compile(
    r"^(?:(?:(?:two|three|four|five|six)\s+)?(?:(?:separate|different|distinct)\s+)?rooms\s*[,:]"
    r"|(?:and|but|plus|also|then|or|with|of|about|showing|shows?(?!\s+me\b)|that|which|has|"
    r"have|having|contains?|holds|together\s+with|keep(?=\s+\w+\s+and\b)|(?:seeing|visiting|passing)|"
    r"there\s+(?:is|are|should\s+be|must\s+be|ought\s+to\s+be)|(?:should|must)\s+(?:be|have|show)|there['\u2019]s|(?:is|are)(?:\s+there)?|both|for|"
    r"in|at|on|"
    r"from|to|into|via|through|all|some|any|lots\s+of|plenty\s+of|only|just|mainly|mostly|nothing\s+but|it|"
    r"to\s+see|put|see|(?:have\s+to\s+)?look\s+at|(?:please\s+)?show\s+me|(?:i|"
    r"we)\s+want(?:\s+to\s+see)?|"
    r"(?:i|we)['\u2019]d\s+(?:like(?:\s+to\s+see)?|see)|(?:pictures?|paintings?|views?|works|images|"
    r"scenes)\s+(?:of|showing|"
    r"with|that\s+show)|where|you\s+see|(?:full|hung|filled|packed)\s+(?:of|with)|"
    r"somewhere(?!\s+to)|(?:painted|done|made)\s+(?:in|by)|anything|full|museums?\s+(?:with|of|"
    r"that\s+(?:has"
    r"|have|shows?))|(?:an?|the)\s+museums?\s+(?:with|of|that\s+(?:has|shows?))|being|including|such\s+as|among\s+them|though|not\s+(?:only|just)(?=\s+\w)|(?:an?|the|any|some)\s+(?:museum|collection|building|place)s?\s+(?:(?:from|in)\s+which|where)|while|whereas|whilst|whose|a\s+bit\s+of|"
    r"containing|displaying|featuring|devoted\s+to|dedicated\s+to|be|(?:the|an?)\s+(?:museum|tour|"
    r"visit|place|show)(?=\s*(?:$|:))|(?:we|i|you)\s+(?:pass|come\s+to|visit|enter|reach|walk\s+(?:to|through|past))|the\s+first(?=\s+with\b)|ideally|preferably|hopefully|(?:in\s+)?front\s+of|&|\+)(?=\s|$|:)|[\s,;:.!?&+()-]+)",
    re.IGNORECASE,
)
_ROOM_OF = re.compile(
    rf"^(?:(?:an?|the|one|another|some|each|whole|entire|"
    rf"single)\s+)*{_ROOM}\s+(?:(?:that\s+(?:is|are"
    r"|has|have|shows?|contains?)\s+|which\s+(?:is|has|shows?|contains?)\s+)?(?:also\s+)?(?:full\s+of|filled\s+with|"
    r"devoted\s+to|dedicated\s+to|hung\s+with|given\s+over\s+to|packed\s+with|of|with|for|about|"
    r"showing|displaying|containing|featuring)|that\s+(?:has|have|shows?|holds|contains?)|which\s+(?:has|have|shows?|holds|contains?)|where\s+there\s+"
    r"(?:is|are)|in\s+which|where)\s+(?=\S)",
    re.IGNORECASE,
)
_ONE_OF = re.compile(r"^(?:one|some|those)\s+(?:of|with|for|about|full\s+of)\s+", re.IGNORECASE)
_TAIL = re.compile(
    r"(?:[\s,;:.!?&+()|-]+|\s+(?:and|or|but|with|of|in|on|the|then|to|plus|too|as\s+well|again|also|"
    r"though|hang|hangs|hung|hanging|(?:is|are)\s+(?:shown|seen|displayed|hung)|are|is|on\s+show|"
    r"on\s+display|only|just|yet|kept|to\s+be\s+(?:found|seen)|on\s+(?:them|it)|at|from|where|that|which|have|has|for|by|they|it|thrown\s+in|"
    r"included|should|ought|kept|theirs|made\s+(?:it|them|this)|painted\s+(?:it|them|this)|"
    r"must|i|we|you|yes|so|would|will|do|(?:as|so)\s+long(?:\s+as)?|ideally|preferably|i['\u2019]d(?:\s+like)?|"
    r"make\s+sure|in\s+front|to\s+be|be|(?:painted|done|made)\s+by|look|looks|was|were|(?:by\s+)?(?:someone|anyone|anybody|somebody)|the\s+rest\s+of\s+the|there['\u2019]?s|(?:together|side\s+by\s+side)(?=\s*$)|in\s+(?:it|them|there)|somewhere|being|pictures?\s+there|come|comes|"
    r"rather|there))$",
    re.IGNORECASE,
)
_IN_SOME_ROOM = re.compile(
    rf"[\s,]+(?:(?:hung|hanging|shown|all)\s+)?(?:(?:in|into)\s+(?:an?|the|some|any|"
    rf"your)\s+{_ROOM}|"
    r"somewhere|anywhere|in\s+(?:a|some|any|the)\s+(?:museum|place|collection|building)|"
    r"in\s+(?:some|any)\s+other\s+style)$",
    re.IGNORECASE,
)
_ANYTHING = re.compile(
    rf"^(?:(?:an?|the|some|any|one|another|quiet|small|large|big|nice|good|little|"
    rf"short|new|great|tiny|whole)\s+)*(?:{_ROOM}|visits?|tours?|routes?|walks?|let\s+(?:me|us)|(?:museum\s+)?size|day\s+out|museums?|somewhere|anywhere|something|"
    r"anything|places?|spaces?|it|they|them|you|we|i|(?:(?:two|three|both|four)\s+)?things|exhibitions?|collections?)$",
    re.IGNORECASE,
)
_KEEP_TOGETHER = re.compile(
    r"\b(black\s+and\s+white|pen\s+and\s+ink|light\s+and\s+(?:shadow|dark|shade)|still\s+li(?:fe|"
    r"ves)"
    r"(?:\s+paintings?)?\s+with|oil\s+and\s+canvas|flora\s+and\s+fauna|arts?\s+and\s+crafts|"
    r"mother\s+and\s+child|bread\s+and\s+butter|salt\s+and\s+pepper|sun\s+and\s+moon)\b",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"\s*(?:[,;|]|\+|&)\s*(?:\band\s+)?|\s+(?:/|vs\.?|versus)\s+|\s+(?:and\s+also|and|plus|as\s+well\s+as|alongside|"
    r"along\s+with|"
    r"together\s+with|(?:right\s+)?next\s+to|beside|besides|combined\s+with)\s+",
    re.IGNORECASE,
)
_WITH = re.compile(r"\s+with\s+|\s+(?:on|under|by|in)\s+(?=(?:an?|the)\s)", re.IGNORECASE)
_TIE = "\N{SYMBOL FOR UNIT SEPARATOR}"  # holds words together while a list is taken apart


def words_in(text: str) -> list[str]:
    """Return the words of a text in lower case, those with a hyphen or an apostrophe whole."""
    return _WORD.findall(text.lower())


def clean_phrase(text: str) -> str:
    """Return what is shown: "two rooms full of" and the like are gone, "a red room" stays."""
    text = " ".join(text.split())
    before = None
    while before != text:
        before = text
        text = _LEAD.sub("", text, count=1)
        text = _TAIL.sub("", text, count=1)
        text = _ONE_OF.sub("", text, count=1)
        bare = _ROOM_OF.sub("", text, count=1)
        if bare != text and not speaks_of_a_room(bare):
            text = bare
    return text.strip()


def without_some_room(text: str) -> str:
    """Drop "in a room", "somewhere" and the like at the end: what they are like comes behind."""
    return _IN_SOME_ROOM.sub("", text) or text


def ends_with_a_room(text: str) -> bool:
    """Tell whether the last words name a room, so that what comes behind says what it is like."""
    return re.search(rf"\b{_ROOM}[\s,]*$", text, re.IGNORECASE) is not None


def is_anything(text: str) -> bool:
    """Tell whether words name just a room, a museum or "something": nothing that can be shown."""
    parts = [part.strip(" ;.") for part in text.split(",")]
    return all(_ANYTHING.match(part) for part in parts if part) and any(parts)


def names_a_room(text: str) -> bool:
    """Tell whether a room is named: "a Rothko room", "in a room with birds"."""
    return re.search(rf"\b{_ROOM}\b", text, re.IGNORECASE) is not None


def speaks_of_a_room(text: str) -> bool:
    """Tell whether words are about furniture, walls, floors or light, and not about pictures."""
    return not ROOM_WORDS.isdisjoint(words_in(text))


def speaks_of_style(text: str) -> bool:
    """Tell whether words are about how a picture is made: a style, a technique, colours, a name."""
    for word in words_in(text):
        stem = re.sub(r"['\u2019]s$", "", word)
        if (
            stem in STYLE_WORDS
            or stem in _ARTISTS
            or stem.removesuffix("s") in _ARTISTS
            or _IST.search(stem)
        ):
            return True
    # A name in the middle or at the end is most often an artist's.
    return any(word[:1].isupper() for word in text.split()[1:])


def split_list(text: str, with_too: bool = False) -> list[str]:
    """Split "A, B and C" into its members; "A with a B" too where nothing else joins.

    What belongs together stays so: "black and white", "a still life with fruit".
    """
    tied = _KEEP_TOGETHER.sub(lambda match: re.sub(r"\s", _TIE, match.group()) + _TIE, text)
    tied = re.sub(rf"{_TIE}\s+", _TIE, tied)
    parts = _cleaned(_LIST.split(tied))
    if len(parts) < 2 and with_too:
        parts = _cleaned(_WITH.split(tied, maxsplit=1))
    return parts


def _cleaned(parts: list[str]) -> list[str]:
    cleaned = (clean_phrase(" ".join(part.replace(_TIE, " ").split())) for part in parts)
    return [part for part in cleaned if words_in(part)]


def singular_room(text: str) -> str:
    """ "red rooms" -> "a red room"; the rest of the phrase stays as it is."""
    match = re.match(
        r"(.*?)\b(room|hall|chamber|salon)s\b|(.*?)\bgaller(ies)\b", text, re.IGNORECASE
    )
    if match is None:
        return text
    lead = (match.group(1) or match.group(3) or "").strip()
    noun = match.group(2) or "gallery"
    rest = re.sub(r"^,?\s*(?:each|all|both)\s+", " ", text[match.end() :])
    return f"{article(lead)} {lead} {noun}".replace("  ", " ") + rest


def a_room(text: str) -> str:
    """ "red rooms", "red room" -> "a red room"; all else stays as it is."""
    if not _BARE_ROOM.fullmatch(text):
        return text
    return singular_room(text) if text.endswith("s") else f"{article(text)} {text}"


def article(text: str) -> str:
    """Return the article that stands before a text, by its first letter."""
    return "an" if text[:1].lower() in set("aeiou") else "a"
