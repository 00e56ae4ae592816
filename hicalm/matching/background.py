"""Background sentences, of things that museums hardly show: matches are measured against them."""

from hicalm.encoders.recipe.word_lists import load_background

SENTENCES = 160  # enough for a 95th percentile; reading them takes about half a second


def background_texts() -> list[str]:
    """Return the background sentences (G), drawn evenly from the wordings of no attribute."""
    texts = load_background()
    return texts[:: max(1, len(texts) // SENTENCES)][:SENTENCES]
