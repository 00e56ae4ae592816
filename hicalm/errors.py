"""The exceptions for what a caller can mend: the message is a sentence to show as it is."""


class HicalmError(ValueError):
    """Bad input from a person, a file or an option: what was wrong and what to do."""


class FullDiskError(HicalmError):
    """There is no room on the disk to write to."""
