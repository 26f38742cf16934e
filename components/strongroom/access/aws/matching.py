"""Whether a statement is about a request, and by which of the caller's names."""

from collections.abc import Callable, Iterable
from typing import Literal

from strongroom.access.aws.conditions import expanded, holds
from strongroom.access.aws.logic import Truth, every, opposite, some
from strongroom.access.aws.patterns import action_matches, resource_matches
from strongroom.access.aws.request import Caller, Request
from strongroom.access.aws.statement import Policy, Principals, Statement

NamedAs = Literal["itself", "session", "account", "everyone"]
"""How a Principal element names a caller: by its own name, as one session of a role, by its whole account, or as
anybody."""


def named_as(principals: Principals, caller: Caller) -> set[NamedAs]:
    """All ways in which a Principal element names a caller."""
    found: set[NamedAs] = set()
    for kind, names in principals:
        if kind == "AWS":
            if caller.account in names or caller.root in names:
                found.add("account")
            if caller.session_arn in names:
                found.add("session")
        if kind in {"*", "AWS"} and "*" in names:
            found.add("everyone")
        own = {"service": "Service", "federated": "Federated"}.get(caller.kind, "AWS")
        if kind == own and caller.name in names:
            found.add("itself")
    return found


def applies(statement: Statement, policy: Policy, request: Request, to: Iterable[NamedAs] | None = None) -> Truth:
    """Whether a statement is about a request: for policies that hang on something, if it names the caller too.

    `to` asks for these ways of naming the caller only.
    """
    return every(_parts(statement, policy, request, to))


def _parts(statement: Statement, policy: Policy, request: Request, to: Iterable[NamedAs] | None) -> Iterable[Truth]:
    # The cheap ones first: `every` stops at what is false.
    actions = statement.action or statement.not_action
    fits: Truth = any(action_matches(pattern, request.action) for pattern in actions)
    yield fits if statement.action else opposite(fits)
    if statement.principal:
        names = named_as(statement.principal, request.caller)
        found = names if to is None else names & set(to)
        unsure = (to is None or "session" in to) and _may_be_one_session(statement.principal, request.caller)
        yield bool(found) or (None if unsure else False)
    elif statement.not_principal:
        yield _is_none_of(statement.not_principal, request.caller) if to is None or "everyone" in to else False
    if statement.resource or statement.not_resource:
        fits = some(map(_fits_resource(policy, request), statement.resource or statement.not_resource))
        yield fits if statement.resource else opposite(fits)
    yield from (holds(condition, request, policy.version) for condition in statement.condition)


def _fits_resource(policy: Policy, request: Request) -> Callable[[str], Truth]:
    def fits(pattern: str) -> Truth:
        full = expanded(pattern, request, policy.version)
        return None if full is None else resource_matches(full, request.resource)

    return fits


def _may_be_one_session(principals: Principals, caller: Caller) -> bool:
    """Whether a session of the caller's role is named, and which one asks is not known."""
    if caller.kind != "role" or caller.session is not None:
        return False
    sessions = Caller(caller.name, "").session_arn or ""
    return any(name.startswith(sessions) for kind, names in principals if kind == "AWS" for name in names)


def _is_none_of(principals: Principals, caller: Caller) -> Truth:
    """Whether NotPrincipal is about a caller. AWS wants the account, the role and the session listed to leave a session
    out; what it does with a part of them is not relied on."""
    listed = {name for _, names in principals for name in names}
    names = {caller.name, caller.root, caller.account} - {None}
    if caller.kind == "role":
        names.add(caller.session_arn or "an unknown session")
    if not names & listed and "*" not in listed:
        return True
    left_out = caller.name in listed and (caller.kind != "role" or caller.session_arn in listed)
    return False if left_out and (caller.root is None or {caller.root, caller.account} & listed) else None
