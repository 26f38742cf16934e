"""Runs the proof and shows it as a table."""

import textwrap
from collections.abc import Callable

import hvac.exceptions
import psycopg
import requests

from strongroom_sandbox.proof.steps import STEPS
from strongroom_sandbox.proof.world import ProofError, World
from strongroom_sandbox.servers.server import SandboxError

WIDTH = 118
_FAILURES = (ProofError, SandboxError, hvac.exceptions.VaultError, psycopg.Error, requests.RequestException)


def prove(world: World, report: Callable[[str], object]) -> bool:
    """Takes every step, a line each, and returns whether all held. The first that fails ends it: others build on it."""
    for number, (title, step) in enumerate(STEPS, start=1):
        try:
            evidence = step(world)
        except _FAILURES as error:
            report(_line(number, title, "FAILED", f"{type(error).__name__}: {error}"))
            return False
        report(_line(number, title, "ok", evidence))
    return True


def _line(number: int, title: str, outcome: str, evidence: str) -> str:
    head = f" {number}  {title:<28} {outcome:<7} "
    return "\n".join(
        textwrap.wrap(evidence, WIDTH, initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False)
    )
