"""Which scripts or language a query is in, where it is one that the text encoder cannot read."""

import re
import unicodedata
from collections import Counter

READ = "Latin"  # the script that the text encoders read
FEWEST_SIGNS = 2  # words that only one language has, before it is named
LEAST_SHARE = 0.3  # of the words of a text that are its language's

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
# Scripts whose Unicode names begin with other words than what people call them.
_CALLED = {"Cjk": "Han", "Fullwidth": READ, "Halfwidth": "Katakana", "Modifier": READ}

# Frequent short words, without those that English has too ("die", "in", "hat", "was", "me").
_LANGUAGES = {
    "German": "der das und ein eine einen einem einer ist mit nicht ohne keine kein oder im zum "
    "zur "
    "auf von für ich wir sie bitte mir möchte zwei drei bilder gemälde raum räume dann danach wo "
    "dem den des aber auch museum mehr als zeige gibt es pferde blumen",
    "French": "le les des une et est avec sans dans du au aux je il nous vous qui que pas plus "
    "pour "
    "mais où ou sur puis salle salles tableaux tableau peinture peintures chevaux fleurs veux "
    "voudrais cherche musée aucun deux trois montrez",
    "Spanish": "el los las una y es con sin del al yo nosotros que no hay más para pero dónde o "
    "sala "
    "salas cuadros cuadro pintura pinturas caballos flores quiero busco museo ningún dos tres por "
    "luego después muéstrame barcos en",
    "Italian": "il lo gli una e è con senza nel nella della dei delle di che non più per ma dove "
    "sala "
    "sale quadri quadro dipinti dipinto cavalli fiori vorrei cerco museo nessun due tre poi dopo "
    "mostrami stanza stanze",
    "Dutch": "het een en met zonder niet geen van voor ik wij zij zaal zalen schilderij "
    "schilderijen "
    "paarden bloemen wil zoek naar maar ook dan daarna twee drie kamer kamers schepen graag laat",
    "Portuguese": "os as um uma e é com sem no na nos nas do da dos das eu nós que não mais para "
    "mas "
    "onde ou sala salas quadros pintura pinturas cavalos flores quero procuro museu nenhum dois "
    "três "
    "depois barcos",
}
_WORDS = {language: frozenset(words.split()) for language, words in _LANGUAGES.items()}
# Terms of art in other languages that English texts use as they are.
_ENGLISH_TOO = re.compile(
    r"\b(?:trompe[\s-]l['\u2019]?\s?(?:œ|oe)il|de\s+stijl|art\s+(?:nouveau|déco|brut)|à\s+la|"
    r"a\s+la|alla|"
    r"al\s+fresco|objet\s+d['\u2019]art|les?\s+\w+\s+d['\u2019]\w+|en\s+plein\s+air|plein\s+air|"
    r"l['\u2019]art\s+pour\s+"
    r"l['\u2019]art|memento\s+mori|sotto\s+in\s+su|la\s+gioconda|der\s+blaue\s+reiter|"
    r"die\s+brücke|das\s+"
    r"bauhaus|el\s+greco|le\s+corbusier|de\s+(?:la\s+)?\w+|van\s+(?:der\s+|den\s+)?\w+|von\s+\w+|"
    r"da\s+vinci|del\s+\w+|della\s+\w+|di\s+\w+|du\s+\w+|los\s+\w+|las\s+\w+|la\s+\w+|el\s+\w+|"
    r"le\s+\w+|les\s+\w+|no\b|on\b|en\b|do\b|as\b)",
    re.IGNORECASE,
)


def unread_scripts(text: str) -> tuple[str, ...]:
    """Return the scripts of a text that an English text encoder does not read, most letters first.

    They have the names of Unicode: "Han", "Cyrillic", "Arabic".
    """
    found: Counter[str] = Counter()
    for letter in text:
        if letter.isalpha() and not letter.isascii() and (script := _script(letter)) != READ:
            found[script] += 1
    return tuple(script for script, _ in found.most_common())


def unread_language(text: str) -> str | None:
    """Return the language that a text in Latin letters seems to be in, None for English.

    Careful: only for a text with several words that are frequent there and that English lacks.
    Names and terms of art ("de stijl", "trompe l'oeil", "El Greco") are English too.
    """
    words = [word.lower() for word in _WORD.findall(_ENGLISH_TOO.sub(" ", text))]
    if not words:
        return None
    # What several languages share tells nothing of which it is, but that it is not English.
    counts = {language: sum(word in own for word in words) for language, own in _WORDS.items()}
    language, count = max(counts.items(), key=lambda item: item[1])
    if count < FEWEST_SIGNS or count < LEAST_SHARE * len(words):
        return None
    return language


def reading_note(text: str) -> str | None:
    """Return a sentence for who typed what the text encoder does not read, None for English."""
    scripts = unread_scripts(text)
    if scripts:
        names = " and ".join(scripts)
        return f"The text encoder reads English; this has words in {names} script."
    language = unread_language(text)
    return f"The text encoder reads English; this looks like {language}." if language else None


def _script(letter: str) -> str:
    name = unicodedata.name(letter, "").split()
    first = name[0].capitalize().partition("-")[0] if name else "Unknown"
    return _CALLED.get(first, first)
