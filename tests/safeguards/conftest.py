"""Each test runs on both servers."""

from support.flavours import flavour, sandbox

__all__ = ["flavour", "sandbox"]
