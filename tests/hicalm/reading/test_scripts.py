"""What an English text encoder cannot read: other scripts, other languages."""

import pytest

from hicalm.reading.scripts import reading_note, unread_language, unread_scripts


@pytest.mark.parametrize(
    ("text", "scripts"),
    [
        ("馬的房间", ("Han",)),
        ("馬のいる部屋", ("Han", "Hiragana")),
        ("лошади", ("Cyrillic",)),
        ("خيول", ("Arabic",)),
        ("άλογα", ("Greek",)),
        ("סוסים", ("Hebrew",)),
        ("말", ("Hangul",)),
        ("horses и лошади", ("Cyrillic",)),
        ("café", ()),
        ("\N{FULLWIDTH LATIN SMALL LETTER A}\N{FULLWIDTH LATIN SMALL LETTER B}", ()),
        ("horses 🐎 → 5", ()),
        ("", ()),
    ],
)
def test_scripts(text: str, scripts: tuple[str, ...]):
    assert unread_scripts(text) == scripts


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ein Raum mit Pferden", "German"),
        ("zwei Räume mit Blumen, dann ein Garten", "German"),
        ("des chevaux dans une salle rouge", "French"),
        ("un musée sans chevaux", "French"),
        ("una sala con caballos", "Spanish"),
        ("museo sin caballos", "Spanish"),
        ("il museo con una sala di fiori", "Italian"),
        ("een zaal met paarden", "Dutch"),
        ("um museu sem cavalos", "Portuguese"),
    ],
)
def test_languages(text: str, language: str):
    assert unread_language(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "trompe l'oeil",
        "trompe l\N{RIGHT SINGLE QUOTATION MARK}\N{LATIN SMALL LIGATURE OE}il",
        "de stijl",
        "ukiyo-e",
        "art nouveau",
        "sumi-e",
        "chiaroscuro",
        "a la prima",
        "Les Demoiselles d'Avignon",
        "El Greco and Van der Weyden",
        "La Grande Odalisque",
        "Las Meninas",
        "a portrait by Leonardo da Vinci",
        "no horses at all in the museum",
        "horses on the beach",
        "in an old museum",
        "en plein air",
        "Der Blaue Reiter",
        "",
        "12 34",
    ],
)
def test_english_terms_are_english(text: str):
    assert unread_language(text) is None
    assert reading_note(text) is None


def test_notes():
    assert reading_note("馬のいる部屋") == (
        "The text encoder reads English; this has words in Han and Hiragana script."
    )
    assert reading_note("ein Raum mit Pferden") == (
        "The text encoder reads English; this looks like German."
    )


def test_built_in_queries_are_english():
    for text in ("two rooms of boats and no horses anywhere", "do not show me any in red", "con"):
        assert reading_note(text) is None
