"""A second reading, by cue words, of what the grammar took for one phrase.

People word order, rooms and negation in more ways than a grammar holds. Where it finds no structure
in a short query, words that can hardly mean anything else are looked for: "the same room", "a room
of its own", "afterwards", "followed by", "nothing of", "three rooms". What stands between them are
the phrases. Anything less plain stays one phrase, read as words.
"""

import re
from collections.abc import Callable

from hicalm.errors import HicalmError
from hicalm.reading.negations import read_negation
from hicalm.reading.plan_phrases import clean_phrase, is_anything, split_list, words_in
from hicalm.reading.query_plan import And, AndRooms, Count, Not, Phrase, Plan, Then

_ROOM = r"(?:rooms?|gallery|galleries|halls?|chambers?|spaces?|salons?)"
_SAME = re.compile(
    rf"\b(?:(?:all|both|together|combined|united|hang(?:ing)?|side by side|found|shown)\s+)*"
    rf"(?:(?:in|within|inside|into|under|on|of|for|to)\s+)?(?:(?:just|only|exactly)\s+)?"
    rf"(?:(?:the|one)\s+(?:and\s+the\s+)?(?:very\s+|exact\s+)?same|(?:one|a)\s+(?:and\s+the\s+same|single|shared|common)|one)\s+"
    rf"(?:{_ROOM}|walls?|roof|ceiling)\b"
    rf"|\b(?:shar(?:e|es|ed|ing)|co-?habit\w*|occup\w+)\s+(?:(?:a|an|the|one)\s+)?(?:same\s+|single\s+|common\s+)?(?:{_ROOM}|walls?|ceiling)\b"
    r"|\broom-?mates\b|\bunder (?:one|the same) (?:roof|ceiling)\b",
    re.IGNORECASE,
)
_DIFFERENT = re.compile(
    rf"\b(?:(?:in|into|with|from)\s+)?(?:another|an?\s+(?:different|separate|second|other|further)|"
    rf"(?:two|three|four)\s+(?:different|separate|distinct)|different|separate|distinct|"
    rf"(?:its|their|his|her)\s+own|the\s+other|some\s+other|neighbouring|adjoining)\s+(?:{_ROOM}|one)\b(?:\s+of\s+(?:its|their)\s+own)?"
    rf"|\b(?:an?\s+)?{_ROOM}\s+(?:of|to|for)\s+(?:its|their)\s+own|\b(?:an?|one)\s+{_ROOM}\s+(?:each|apiece)\b"
    rf"|\b(?:an?\s+)?{_ROOM}\s+to\s+(?:itself|themselves|each)\b"
    rf"|\b(?:never|not)\s+(?:in\s+|sharing\s+)?(?:the|one|a)\s*(?:same|single)?\s*{_ROOM}\b"
    r"|\beach\s+(?:in|with|has|have|having|gets?|getting)\s+(?:its|their|an?)\s+(?:own\s+)?(?:room|gallery|hall|space)\b"
    r"|\bkept\s+apart\b",
    re.IGNORECASE,
)
_NOW = r"(?:\s+(?:I|we|you|one|they)(?:['\u2019]d|\s+would|\s+want\s+to|\s+will)?)?"
_VERB = (
    r"(?:\s+(?:get|come|go|move|see|reach|arrive|enter|walk|find|meet|visit|like|have)(?:s|ing)?)?"
    r"(?:\s+(?:on|to|into|at|upon))*"
)
_FORWARD = re.compile(
    rf"\s+(?:->|\u2192|=>|\u00bb|>+)\s+"
    rf"|(?:[,;.:]\s*)?(?:\b(?:and|but)\s+)?\b(?:(?:only\s+)?then|next(?!\s+(?:to|door)\b)(?:\s+up)?|afterwards?|after\s+(?:that|this|which|them|it)|"
    rf"later(?:\s+on)?|subsequently|thereafter|(?:and\s+)?finally|lastly|followed\s+(?:\w+\s+)?by|prior\s+to|"
    rf"onwards?\s+to|on\s+to|further\s+(?:on|along|in|down)|"
    rf"down\s+the\s+(?:line|corridor)|eventually|in\s+the\s+end|at\s+the\s+(?:very\s+)?end(?!\s+of)|"
    rf"(?:to\s+)?(?:end|finish|clos|conclud|wind|wrap|round|top)(?:e|s|es|ing|ed)?\s+(?:up\s+|off\s+|things\s+|it\s+)*(?:with|in|on|by|at)|"
    rf"culminat\w+\s+(?:in|with)|giv(?:es?|ing)\s+way\s+to|turn(?:s|ing)?\s+into|"
    rf"(?:continu|proceed|head|mov|progress|carry)(?:e|es|s|ing|ed)?\s+(?:on\s+)?(?:to|with|into|through\s+to)|"
    rf"succeeded\s+by|before{_NOW}\s+(?:get|com|go|mov|see|reach|arriv|enter|hit)\w*(?:\s+(?:on|to|at|into))*|"
    rf"straight\s+after(?:wards)?|right\s+after(?:wards)?|in\s+second\s+place|secondly|thirdly)\b(?:[,:]|{_NOW}{_VERB})?",
    re.IGNORECASE,
)
_FIRST = re.compile(
    r"^(?:(?:I|we|you)(?:['\u2019]d|\s+would|\s+want|\s+wish)?(?:\s+(?:like|love))?(?:\s+to)?\s+)?"
    r"(?:(?:start|begin|open|kick|commenc|set)(?:s|e|es|ning|ing)?(?:\s+(?:off|out|me\s+off|the\s+\w+|my\s+\w+))?(?:\s+(?:with|in|by|on|at|from|among))?|"
    r"first(?:ly)?(?:\s+(?:of\s+all|up|off|come|comes))?|to\s+(?:begin|start|open)(?:\s+with)?|initially|"
    r"(?:the\s+)?(?:first|opening)\s+(?:room|stop)\s*(?:is|has|with|of|shows)?)\b[\s,:]*",
    re.IGNORECASE,
)
_NUMBERS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "2": 2, "3": 3,
    "4": 4, "5": 5, "6": 6, "several": 3, "multiple": 2, "couple": 2, "pair": 2, "twice": 2,
    "double": 2, "doubly": 2, "thrice": 3, "trio": 3, "triple": 3, "more than one": 2,
    "more than two": 3, "more than three": 4, "both": 2,
}  # fmt: skip
_COUNT = re.compile(
    rf"\b(?:(?:at\s+least|no\s+fewer\s+than|no\s+less\s+than|not\s+less\s+than|minimum\s+(?:of\s+)?|>=)\s*)?"
    rf"(?:an?\s+)?(?P<number>more\s+than\s+(?:one|two|three)|two|three|four|[2-4]|several|multiple|couple|pair|trio)\s*\+?"
    rf"(?:\s+or\s+(?:more|three|four))?(?:\s+of)?(?:\s+(?:separate|different|distinct|whole|entire|its|their|the|our))*\s+{_ROOM}\b"
    rf"(?:\s+(?:or\s+more|at\s+least|minimum|full|filled|hung|devoted|dedicated|given\s+over|worth|packed))*(?:\s+(?:of|with|to|for|that\s+(?:have|show)|showing))?",
    re.IGNORECASE,
)
_TIMES = re.compile(
    rf"\b(?P<number>twice|thrice|doubly|(?:two|three|four)\s+times)\b(?:\s+over)?(?:[^.;]*\b{_ROOM}\b)?",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"\b(?:but\s+|and\s+|yet\s+|though\s+|only\s+|just\s+)?(?:no(?:ne|thing(?!\s+(?:else|but))|where)?|not(?!\s+(?:far|yet|only|just|quite))|without|neither|nor|except(?:ing|\s+for)?|"
    r"excluding|minus|other\s+than|any(?:thing|where|one)?\s+but|apart\s+from|aside\s+from|save(?:\s+for)?|barring|"
    r"free\s+(?:of|from)|lack(?:s|ing)?|devoid\s+of|avoid(?:s|ing)?|skip(?:s|ping)?|hates?|loathes?|detests?|can(?:no|['\u2019])t\s+(?:stand|bear|abide)|"
    r"allergic\s+to|spare\s+(?:me|us)|steer(?:s|ing)?\s+clear\s+of|leav(?:e|ing)\s+out|leave\s+(?:me|us)\s+alone\s+with|instead\s+of|rather\s+than|sans|w/o|"
    r"(?:is|are|do|does|was|were|must|should|ca|wo|has|have|need)n['\u2019]?t|cannot|zero|absence\s+of|empty\s+of|clear\s+of|unless)\b"
    r"(?:\s+(?:be|have|has|show|shows|contain|contains|include|own|owns|want|hang|hangs|see|like|need|a\s+single|single|any|one|in|with|of|done|made|painted|on|the|an?|to|for|there|is|are|it)\b)*",
    re.IGNORECASE,
)
_WHOLE_MUSEUM = re.compile(
    r"\b(?:anywhere|nowhere|museums?|collections?|buildings?|places?|houses?|entire(?:ly)?|whole|"
    r"at\s+all|whatsoever|throughout|premises|venue|institution)\b",
    re.IGNORECASE,
)
_MUSEUM_WORDS = re.compile(
    r"(?:\s*\b(?:anywhere|nowhere|in\s+(?:the|a|that|this|any)\s+(?:whole\s+|entire\s+)?(?:museum|collection|building|place|house)|"
    r"at\s+all|whatsoever|throughout|please|thanks?)\b)+[\s.!?]*$",
    re.IGNORECASE,
)
_JOINTS = re.compile(
    r"\s+(?:meets?|accompan\w+\s*(?:by)?|besides?|alongside|along\s+with|together\s+with|paired\s+with|"
    r"side\s+by\s+side\s+with|next\s+to|as\s+well\s+as|plus|also|while|whereas|has|have|also\s+has|share|"
    r"hang(?:s|ing)?\s+(?:with|beside)|as|with|in|for)\s+|[:;.?!]",
    re.IGNORECASE,
)
# What people say around a query, and no room can show.
_SAID_AROUND = (
    "i i'd i'm i'll i've we we'd we're you me my us our it it's its they them their he she his "
    "her is are was were be been being do does did can could may might must should shall will "
    "would want wants wanted like likes love loves need needs prefer rather wish hope looking "
    "look looks find finding see seeing seen show shows showing shown give gives get gets "
    "please thanks thank hello hi there here where which who what that this these those whose "
    "when how so if as of in on at to for from by with and or but plus also too both all any "
    "some each every one ones a an the just only really very quite even still yet ok okay well "
    "room rooms gallery galleries hall halls museum museums place places somewhere anywhere "
    "something anything collection exhibition tour visit walk route wall walls day today "
    "tomorrow time trip stop stops thing things picture pictures painting paintings work works "
    "together same different separate another other own first second third last then next "
    "later after before finally end begin start least most hang hangs hung hanging full ideally "
    "maybe perhaps wife husband son daughter kids children friend aunt uncle mother father mum "
    "dad client class students teacher has have had let lets let's make makes sure know knows "
    "think go going come comes take takes put puts "
)
_CHATTER = frozenset(_SAID_AROUND.split())


def read_by_cues(text: str) -> Plan | None:
    """Return the plan that cue words tell of, or None where none does. Never raises."""
    readers: tuple[Callable[[str], Plan | None], ...] = (
        _same_room,
        _ordered,
        _different_rooms,
        _counted,
        _negated,
    )
    for reader in readers:
        try:
            plan = reader(text)
        except HicalmError:  # parts that do not go together
            plan = None
        if plan is not None:
            return plan
    return None


def _same_room(text: str) -> Plan | None:
    if _NEGATION.search(text) or not _SAME.search(text):
        return None
    parts = _members(_SAME.sub(" ; ", text))
    return And(parts, "same") if len(parts) > 1 else None


def _different_rooms(text: str) -> Plan | None:
    if not _DIFFERENT.search(text) or _FORWARD.search(text):
        return None
    rest = _DIFFERENT.sub(" ; ", text)
    if _NEGATION.search(rest):
        return None
    parts = _members(rest)
    return And(parts, "different") if len(parts) > 1 else None


def _ordered(text: str) -> Plan | None:
    rest = _FIRST.sub("", text.strip())
    pieces = [piece for piece in _FORWARD.split(rest) if piece and piece.strip()]
    if len(pieces) < 2:
        return None
    parts = [_part(piece) for piece in pieces]
    kept = tuple(part for part in parts if part is not None)
    return Then(kept) if len(kept) > 1 else None


def _counted(text: str) -> Plan | None:
    match = _COUNT.search(text) or _TIMES.search(text)
    if match is None:
        return None
    said = " ".join(match["number"].lower().split()).removesuffix(" times")
    rest = f"{text[: match.start()]} , {text[match.end() :]}"
    if _NEGATION.search(rest) or _COUNT.search(rest):
        return None
    parts = [phrase for piece in re.split(r"[,;:.!?]", rest) if (phrase := _content(piece))]
    if len(parts) != 1:
        return None
    return Count(_NUMBERS[said], Phrase(text=parts[0]))


def _negated(text: str) -> Plan | None:
    match = _NEGATION.search(text)
    if match is None or _NEGATION.search(text, match.end()):
        return None
    before, after = text[: match.start()], text[match.end() :]
    host, wanted_not = _content(before), _content(_MUSEUM_WORDS.sub("", after))
    if not wanted_not or not host:  # "no man's land": the grammar reads what is only left out
        return None
    if _of_museum(before, match.group(), after):
        said = f"{match.group()} {after}".strip()
        unwanted = Not(Phrase(text=wanted_not), "museum", text=said)
        return And((Phrase(text=host), unwanted), "any")
    found = read_negation(before, match.group(), after, "", alone=False)
    if found is None:
        return None
    kept, phrase = _content(found.host), _content(found.phrase)
    if not kept or not phrase:
        return None
    rooms: AndRooms = "any" if found.of == "museum" else "same"
    unwanted = Not(Phrase(text=phrase), found.of, text=f"{match.group()} {after}".strip())
    return And((Phrase(text=kept), unwanted), rooms)


def _of_museum(before: str, cue: str, after: str) -> bool:
    near = " ".join(before.split()[-3:])
    return any(_WHOLE_MUSEUM.search(words) for words in (near, cue, after))


def _members(text: str) -> tuple[Phrase, ...]:
    """Return the phrases of a list, whatever joins them."""
    pieces = [part for piece in _JOINTS.split(text) for part in split_list(piece)]
    return tuple(Phrase(text=phrase) for piece in pieces if (phrase := _content(piece)))


def _part(text: str) -> Plan | None:
    """Return what a step of an order asks for: a count, or a phrase."""
    phrase = _content(text)
    return _counted(text) or (Phrase(text=phrase) if phrase else None)


def _content(text: str) -> str:
    """Return a phrase without what is only said around it; empty where nothing is left."""
    words = clean_phrase(text).split()
    plain = ["".join(words_in(word)) for word in words]
    while words and plain[0] in _CHATTER:
        words, plain = words[1:], plain[1:]
    while words and plain[-1] in _CHATTER:
        words, plain = words[:-1], plain[:-1]
    found = clean_phrase(" ".join(words))
    return "" if not found or is_anything(found) or not words_in(found) else found
