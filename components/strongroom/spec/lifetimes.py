"""How long things that are issued on demand live."""

from strongroom.spec.names import duration, refuse


def check_ttl(ttl: int, max_ttl: int) -> None:
    """Raises an error with a remedy if what is issued by default (seconds) outlives what may be issued at most."""
    if ttl > max_ttl:
        raise refuse(
            f"ttl {duration(ttl)} is longer than max_ttl {duration(max_ttl)}",
            "lower ttl or raise max_ttl",
        )
