"""The one exception for mistakes a caller can mend: its message is a sentence to show as it is."""


class HicalmError(ValueError):
    """Bad input from a person, a file or an option: what was wrong and what to do."""
