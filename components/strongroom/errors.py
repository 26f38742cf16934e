"""The base of errors that people see as one clear sentence."""


class StrongroomError(Exception):
    """Something that could not be done. The text says what, where and the remedy, and never holds a value."""


class WrongInputError(StrongroomError):
    """What a person asked for or gave cannot be used, and nothing was touched. The command's exit code is 2."""
