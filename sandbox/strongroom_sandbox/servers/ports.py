"""Ports on 127.0.0.1: chosen once, then kept as long as nobody else takes them."""

import json
import random
import socket
from collections.abc import Sequence
from pathlib import Path

from strongroom_sandbox.files import write

HOST = "127.0.0.1"
CANDIDATES = range(20_000, 32_768)
"""Below the range that Linux gives to outgoing connections (ip(7): ip_local_port_range starts at 32768), so that no
client happens to sit on a port that a stopped server wants to have back."""


def read(file: Path) -> dict[str, int]:
    """The ports chosen so far, by name."""
    return json.loads(file.read_text()) if file.exists() else {}


def choose(file: Path, names: Sequence[str]) -> bool:
    """Choose a port for each name that has none or whose port is taken; True if any was (newly) chosen.

    Only for a server that is not running: its own port would look taken.
    """
    before = read(file)
    chosen: dict[str, int] = {}
    for name in names:
        kept = before.get(name)
        chosen[name] = kept if kept and is_free(kept) else _any_free(avoid={*before.values(), *chosen.values()})
    if chosen == before:
        return False
    write(file, json.dumps(chosen) + "\n")
    return True


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: TIME_WAIT is no obstacle
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def _any_free(avoid: set[int]) -> int:
    for port in random.sample(CANDIDATES, len(CANDIDATES)):
        if port not in avoid and is_free(port):
            return port
    raise OSError(f"no free port on {HOST} between {CANDIDATES.start} and {CANDIDATES.stop - 1}")
