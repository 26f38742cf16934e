"""A callback as a user ships it, for a vendor that keeps its keys in a file and allows two at most."""

import json
import os
from pathlib import Path
from typing import Any

LEDGER = "VENDOR_LEDGER"


def _keys() -> dict[str, str]:
    path = os.environ.get(LEDGER)
    return dict(json.loads(Path(path).read_text())) if path else {}


def _write(keys: dict[str, str]) -> None:
    if path := os.environ.get(LEDGER):
        Path(path).write_text(json.dumps(keys))


def create_key(current: dict[str, Any], *, token: str) -> dict[str, Any]:
    """The vendor labels a key, so that one of the same label that was left over is found."""
    keys = {key: label for key, label in _keys().items() if label != token}
    if len(keys) >= 2:
        raise RuntimeError("two keys at most")
    new = f"key-{len(token)}-{os.urandom(8).hex()}"
    _write(keys | {new: token})
    return current | {"api_key": new}


def test_key(new: dict[str, Any]) -> None:
    """Use it."""
    if os.environ.get(LEDGER) and new["api_key"] not in _keys():
        raise RuntimeError(f"unknown key {new['api_key']}")


def revoke_key(old: dict[str, Any]) -> None:
    """One that is gone is no error."""
    _write({key: label for key, label in _keys().items() if key != old.get("api_key")})
