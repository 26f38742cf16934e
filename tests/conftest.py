"""Fixtures for every room."""

from support.sandbox import sandbox

__all__ = ["sandbox"]
