"""What login MFA names must be there, and be able to answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from strongroom.plan.scope import Scope
from strongroom.spec.problems import Problem, did_you_mean
from strongroom.vault.policy.path_templates import methods_in

if TYPE_CHECKING:
    from strongroom.plan.references import Sources

OF_PEOPLE: Final = frozenset({"oidc", "userpass"})
"""Kinds of auth method whose logins can go on to a second step."""


def check(scope: Scope, sources: Sources) -> Iterator[Problem]:
    """The problems of an environment's login MFA."""
    vault = scope.environment.vault
    if vault is None or vault.mfa is None:
        return
    auth, methods = sources.in_environment("vault", "auth"), sources.in_environment("vault", "mfa", "methods")
    for name, method in vault.mfa.methods.items():
        for wanted in methods_in(getattr(method.value, "username_format", "")):
            if wanted not in auth:
                yield sources.environment.problem(
                    ("vault", "mfa", "methods", name, method.kind, "username_format"),
                    f"there is no auth method '{wanted}' to have an accessor",
                    did_you_mean(wanted, auth, f"declared: {', '.join(auth) or 'none'}"),
                )
    for name, enforcement in vault.mfa.enforcements.items():
        for position, wanted in enumerate(enforcement.methods):
            if wanted not in methods:
                yield sources.environment.problem(
                    ("vault", "mfa", "enforcements", name, "methods", position),
                    f"there is no MFA method '{wanted}'",
                    did_you_mean(wanted, methods, f"declared: {', '.join(methods)}"),
                )
        for position, wanted in enumerate(enforcement.auth):
            loc = ("vault", "mfa", "enforcements", name, "auth", position)
            if wanted not in auth:
                remedy = did_you_mean(wanted, auth, f"declared: {', '.join(auth) or 'none'}")
                yield sources.environment.problem(loc, f"there is no auth method '{wanted}'", remedy)
            elif wanted in vault.auth and vault.auth[wanted].kind not in OF_PEOPLE:
                yield sources.environment.problem(
                    loc,
                    f"workloads log in at '{wanted}', and cannot answer a second factor",
                    "name an oidc or userpass method",
                )
