"""The server with Vault's API, in both flavours."""

from support.flavours import flavour, sandbox

__all__ = ["flavour", "sandbox"]
