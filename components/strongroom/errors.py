"""The base of errors that people see as one clear sentence."""


class StrongroomError(Exception):
    """Something that could not be done. The text says what, where and the remedy, and never holds a value."""
