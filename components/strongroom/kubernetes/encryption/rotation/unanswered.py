"""What passes: a server that is started anew, a connection that breaks, too many requests."""

from strongroom.errors import StrongroomError


class UnansweredError(StrongroomError):
    """There was no answer now. To ask again later does no harm, and may help."""
