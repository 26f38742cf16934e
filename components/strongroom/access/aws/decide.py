"""Allowed, denied or unknown: AWS, "Policy evaluation logic", for one account and between two."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from strongroom.access.aws.logic import Truth, every, some
from strongroom.access.aws.matching import NamedAs, applies
from strongroom.access.aws.request import Request
from strongroom.access.aws.statement import Policy, Statement

Answer = Literal["allowed", "denied", "unknown"]
Levels = tuple[tuple[Policy, ...], ...]
"""Policies of an organization: those of its root, of each unit below, of the account. Every level has to allow."""


@dataclass(frozen=True, kw_only=True)
class Policies:
    """All policies that have a say. What is left out is taken not to exist."""

    identity: tuple[Policy, ...] = ()
    """Those of the caller and its groups."""
    boundary: Policy | None = None
    """Its permissions boundary."""
    session: tuple[Policy, ...] = ()
    """Those given along when the session was made; without any, the session has no limits of its own."""
    service_controls: Levels = ()
    """The service control policies of the caller's account."""
    resource_controls: Levels = ()
    """The resource control policies of the resource's account."""
    resource: Policy | None = None
    """The one that hangs on the resource: of a secret, a key's, a role's trust policy."""


@dataclass(frozen=True)
class Decision:
    """The answer, and why."""

    answer: Answer
    why: str
    policy: str | None = None
    """The policy whose statement decided it."""
    statement: Statement | None = None


def decide(request: Request, policies: Policies) -> Decision:
    """Whether AWS does what is asked.

    `unknown` where the answer depends on what the request does not say, or on what is not modelled here: a denial
    is only one, and so is a permission, if it is one whatever the unknown turns out to be.
    """
    denials = [
        (applies(s, p, request), p, s) for p in _all(policies, request) for s in p.statements if s.effect == "Deny"
    ]
    for truth, policy, statement in denials:
        if truth:
            return Decision("denied", f"{policy.name} denies it", policy.name, statement)
    permission = _Permission(request, policies)
    allowed = permission.total()
    if allowed is False:
        return Decision("denied", permission.lacking())
    for truth, policy, statement in denials:
        if truth is None:
            return Decision("unknown", f"{policy.name} may deny it", policy.name, statement)
    name, found = permission.evidence()
    if allowed is None:
        return Decision(
            "unknown", f"{name} may allow it" if name else "a policy that is not known decides", name, found
        )
    return Decision("allowed", f"{name} allows it", name, found)


def _controls(policies: Policies, request: Request) -> Levels:
    """Service control policies are about the principals of an account, so not about services and bearers of tokens;
    and no policy of an organization is about service-linked roles: AWS Organizations, "Service control policies" and
    "Resource control policies"."""
    if ":role/aws-service-role/" in request.caller.name:
        return ()
    return (*(policies.service_controls if request.caller.account else ()), *policies.resource_controls)


def _all(policies: Policies, request: Request) -> Iterator[Policy]:
    yield from (policy for level in _controls(policies, request) for policy in level)
    yield from (policy for policy in (policies.resource, policies.boundary) if policy)
    yield from (*policies.identity, *policies.session)


class _Permission:
    """What of the policies allows a request."""

    def __init__(self, request: Request, policies: Policies) -> None:
        self.request, self.policies = request, policies
        self.identity = self._by(policies.identity)
        self.boundary: Truth = self._by([policies.boundary]) if policies.boundary else True
        self.session: Truth = self._by(policies.session) if policies.session else True
        self.limits = every([self.boundary, self.session])
        self.own_side = every([self.identity, self.limits])
        self.controls = every(self._by(level) for level in _controls(policies, request))

    def total(self) -> Truth:
        return every([self.controls, self._by_identity_or_resource()])

    def _by_identity_or_resource(self) -> Truth:
        request, caller = self.request, self.request.caller
        if self.policies.resource is None and _hangs_on_its_policy(request):
            return None  # there is always one, and it was not given
        if caller.kind in {"service", "federated"}:
            return self._resource("itself", "everyone")
        if caller.account != request.owner:
            return every([self.own_side, self._resource("itself", "session", "account", "everyone")])
        delegated = self.own_side
        if _hangs_on_its_policy(request):
            # Policies of IAM count only for whom the key or role leaves them to.
            delegated = every([self.own_side, self._resource("account", "everyone")])
        return some([delegated, *self._direct()])

    def _direct(self) -> Iterator[Truth]:
        """What the resource's own policy gives a caller of the same account, without a policy of the caller's."""
        caller = self.request.caller
        # One session is not limited by what the policies of its role leave out; the role as such is.
        yield self._resource("session")
        if caller.kind == "user":
            yield every([self._resource("itself"), self.session])
        else:
            yield every([self._resource("itself"), self.limits])
        if caller.kind == "account":
            yield every([self._resource("account"), self.session])
        # AWS does not say for all cases whether limits hold for what is given to everyone: no answer where they differ.
        yield every([self._resource("everyone"), self.limits or None])

    def _by(self, policies: Iterable[Policy]) -> Truth:
        return some(truth for truth, _, _ in self._allowing(policies))

    def _resource(self, *named: NamedAs) -> Truth:
        policies = [self.policies.resource] if self.policies.resource else []
        return some(truth for truth, _, _ in self._allowing(policies, named))

    def _allowing(
        self, policies: Iterable[Policy], named: tuple[NamedAs, ...] | None = None
    ) -> Iterator[tuple[Truth, Policy, Statement]]:
        for policy in policies:
            for statement in policy.statements:
                if statement.effect == "Allow":
                    yield applies(statement, policy, self.request, named), policy, statement

    def evidence(self) -> tuple[str | None, Statement | None]:
        """The first statement that allows it, and its policy; else the first that may."""
        own = [*self.policies.identity, *([self.policies.resource] if self.policies.resource else [])]
        found = [item for item in self._allowing(own) if item[0] is not False]
        found.sort(key=lambda item: item[0] is None)
        return (found[0][1].name, found[0][2]) if found else (None, None)

    def lacking(self) -> str:
        """What is missing, for a denial that no statement says."""
        if self.controls is False:
            return "a policy of the organization does not allow it"
        if self.boundary is False and self.identity is not False:
            return "the permissions boundary does not allow it"
        if self.session is False and self.identity is not False:
            return "the policy of the session does not allow it"
        if self.identity is False or self.request.caller.account is None:
            return "no statement allows it"
        return "the policy of the resource does not allow it"


def _hangs_on_its_policy(request: Request) -> bool:
    """Whether nothing is allowed that the resource's own policy does not allow: AWS KMS, "Key policies in AWS KMS";
    IAM, "How to use trust policies"."""
    what = request.resource.split(":", 5)[-1]
    return (request.action.lower().startswith("kms:") and what.startswith("key/")) or (
        request.action.lower().startswith("sts:") and what.startswith("role/")
    )
