"""Who holds which policies in a stack: roles, users, groups, entities and tokens with their policies' rules.

Only what a stack itself declares is seen. What a login adds besides (policies of its entity and groups, policies
declared elsewhere) is not, and is reported as *undecided* where a name shows that something is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from strongroom_policies.frame.properties import UnreadablePropertyError, text, texts
from strongroom_policies.frame.rule import Resource, Undecided
from strongroom_policies.vault.acl import Rule, merge
from strongroom_policies.vault.document import DocumentError, Stanza, read

POLICY = "vault:index/policy:Policy"

# Resource type -> (property with the policies, path of the principal in the server's API, with defaults).
PRINCIPALS: Mapping[str, tuple[str, str]] = {
    "vault:alicloud/authBackendRole:AuthBackendRole": ("tokenPolicies", "auth/{backend=alicloud}/role/{role}"),
    "vault:appRole/authBackendRole:AuthBackendRole": ("tokenPolicies", "auth/{backend=approle}/role/{roleName}"),
    "vault:aws/authBackendRole:AuthBackendRole": ("tokenPolicies", "auth/{backend=aws}/role/{role}"),
    "vault:azure/authBackendRole:AuthBackendRole": ("tokenPolicies", "auth/{backend=azure}/role/{role}"),
    "vault:cf/authBackendRole:AuthBackendRole": ("tokenPolicies", "auth/{mount=cf}/roles/{name}"),
    "vault:gcp/authBackendRole:AuthBackendRole": ("tokenPolicies", "auth/{backend=gcp}/role/{role}"),
    "vault:github/authBackend:AuthBackend": ("tokenPolicies", "auth/{path=github}/config"),
    "vault:github/team:Team": ("policies", "auth/{backend=github}/map/teams/{team}"),
    "vault:github/user:User": ("policies", "auth/{backend=github}/map/users/{user}"),
    "vault:identity/entity:Entity": ("policies", "identity/entity/name/{name}"),
    "vault:identity/entityPolicies:EntityPolicies": ("policies", "identity/entity/id/{entityId}"),
    "vault:identity/group:Group": ("policies", "identity/group/name/{name}"),
    "vault:identity/groupPolicies:GroupPolicies": ("policies", "identity/group/id/{groupId}"),
    "vault:index/certAuthBackendRole:CertAuthBackendRole": ("tokenPolicies", "auth/{backend=cert}/certs/{name}"),
    "vault:index/kerberosAuthBackendLdapConfig:KerberosAuthBackendLdapConfig": (
        "tokenPolicies",
        "auth/{mount=kerberos}/config/ldap",
    ),
    "vault:index/ociAuthBackendRole:OciAuthBackendRole": ("tokenPolicies", "auth/{backend=oci}/role/{name}"),
    "vault:index/scepAuthBackendRole:ScepAuthBackendRole": ("tokenPolicies", "auth/{backend=scep}/role/{name}"),
    "vault:index/token:Token": ("policies", "auth/token/create/{roleName=}"),
    "vault:index/tpmAuthBackendRole:TpmAuthBackendRole": ("tokenPolicies", "auth/{mount=tpm}/role/{name}"),
    "vault:index/userpassAuthBackendUser:UserpassAuthBackendUser": (
        "tokenPolicies",
        "auth/{mount=userpass}/users/{username}",
    ),
    "vault:jwt/authBackendRole:AuthBackendRole": ("tokenPolicies", "auth/{backend=jwt}/role/{roleName}"),
    "vault:kubernetes/authBackendRole:AuthBackendRole": ("tokenPolicies", "auth/{backend=kubernetes}/role/{roleName}"),
    "vault:ldap/authBackend:AuthBackend": ("tokenPolicies", "auth/{path=ldap}/config"),
    "vault:ldap/authBackendGroup:AuthBackendGroup": ("policies", "auth/{backend=ldap}/groups/{groupname}"),
    "vault:ldap/authBackendUser:AuthBackendUser": ("policies", "auth/{backend=ldap}/users/{username}"),
    "vault:okta/authBackend:AuthBackend": ("tokenPolicies", "auth/{path=okta}/config"),
    "vault:okta/authBackendGroup:AuthBackendGroup": ("policies", "auth/{path=okta}/groups/{groupName}"),
    "vault:okta/authBackendUser:AuthBackendUser": ("policies", "auth/{path=okta}/users/{username}"),
    "vault:radius/authBackend:AuthBackend": ("tokenPolicies", "auth/{mount=radius}/config"),
    "vault:radius/authBackendUser:AuthBackendUser": ("policies", "auth/{mount=radius}/users/{username}"),
    "vault:saml/authBackendRole:AuthBackendRole": ("tokenPolicies", "auth/{path=saml}/role/{name}"),
    "vault:spiffe/authBackendRole:AuthBackendRole": ("tokenPolicies", "auth/{mount=spiffe}/role/{name}"),
    "vault:tokenauth/authBackendRole:AuthBackendRole": ("tokenPolicies", "auth/token/roles/{roleName}"),
}
_FIELD = re.compile(r"\{(\w+)(=(\w*))?\}")
# In every token, declared by the server itself; `root` is V01's business.
BUILT_IN = frozenset(["default", "root"])


@dataclass(frozen=True)
class Holder:
    """Something that holds policies: a principal, or a policy that nothing in the stack uses."""

    resource: Resource
    api_path: str | None  # None: not known before the deployment
    rules: tuple[Rule, ...]
    sources: Mapping[str, Resource]  # policy name -> where it is declared
    gaps: tuple[Undecided, ...]  # policies or texts that could not be seen

    @property
    def label(self) -> str:
        """How messages call it."""
        kind = self.resource.resource_type.rsplit(":", 1)[-1]
        return f"{kind} '{self.resource.name}'"


@dataclass(frozen=True)
class _Policy:
    resource: Resource
    name: str
    stanzas: tuple[Stanza, ...]
    problem: str | None


def holders(resources: Sequence[Resource]) -> Iterator[Holder]:
    """Every principal with its merged rules, then every policy that no principal of the stack holds."""
    declared, nameless = _declared(resources)
    used: set[str] = set()
    for resource in resources:
        if resource.resource_type in PRINCIPALS:
            holder = _principal(resource, declared)
            used |= {policy.urn for policy in holder.sources.values()}
            yield holder
    for policy in [*declared.values(), *nameless]:
        if policy.resource.urn not in used:
            yield _holder(policy.resource, f"sys/policies/acl/{policy.name}" if policy.name else None, [policy], ())


def _declared(resources: Sequence[Resource]) -> tuple[dict[tuple[str, str], _Policy], list[_Policy]]:
    named: dict[tuple[str, str], _Policy] = {}
    nameless: list[_Policy] = []
    for resource in resources:
        if resource.resource_type != POLICY:
            continue
        policy = _policy(resource)
        if policy.name:
            named[_scope(resource), policy.name] = policy
        else:
            nameless.append(policy)
    return named, nameless


def _policy(resource: Resource) -> _Policy:
    try:
        name = (text(resource.props, "name") or "").lower()  # servers lowercase the names of policies
    except UnreadablePropertyError:
        name = ""
    try:
        return _Policy(resource, name, read(text(resource.props, "policy") or ""), None)
    except (UnreadablePropertyError, DocumentError) as error:
        return _Policy(resource, name, (), str(error))


def _principal(resource: Resource, declared: Mapping[tuple[str, str], _Policy]) -> Holder:
    key, template = PRINCIPALS[resource.resource_type]
    names = texts(resource.props, key)
    held: list[_Policy] = []
    gaps = [*names.unreadable]
    for name in (name.lower() for _, name in names.known):
        if policy := declared.get((_scope(resource), name)):
            held.append(policy)
        elif name not in BUILT_IN:
            gaps.append(f"policy '{name}' is not declared in this stack")
    if default := declared.get((_scope(resource), "default")):
        held.append(default)
    if names.unreadable:
        held += [policy for policy in _linked(resource, key, declared) if policy not in held]
    return _holder(resource, _api_path(resource, template), held, gaps)


def _linked(resource: Resource, key: str, declared: Mapping[Any, _Policy]) -> list[_Policy]:
    """Policies on which a property depends that is not known yet: very likely the ones it will name."""
    links: Mapping[str, Sequence[Resource]] = getattr(resource, "property_dependencies", {})
    urns = {link.urn for link in links.get(key, ())}
    return [policy for policy in declared.values() if policy.resource.urn in urns]


def _holder(resource: Resource, api_path: str | None, held: Sequence[_Policy], gaps: Iterable[str]) -> Holder:
    who = f"{resource.resource_type.rsplit(':', 1)[-1]} '{resource.name}'"
    problems = [Undecided(f"{who}: {gap}, so what it may do is not known completely.", resource) for gap in gaps]
    problems += [
        Undecided(f"policy '{p.name or p.resource.name}': {p.problem}.", p.resource) for p in held if p.problem
    ]
    return Holder(
        resource=resource,
        api_path=api_path,
        rules=merge((p.name or p.resource.name, p.stanzas) for p in held),
        sources={p.name or p.resource.name: p.resource for p in held},
        gaps=tuple(problems),
    )


def _scope(resource: Resource) -> str:
    """Names are unique in one namespace of one server, that is for one provider."""
    provider = getattr(resource, "provider", None)
    try:
        namespace = text(resource.props, "namespace") or ""
    except UnreadablePropertyError:
        namespace = "?"
    return f"{provider.urn if provider else ''} {namespace}"


def _api_path(resource: Resource, template: str) -> str | None:
    try:
        return _FIELD.sub(lambda field: text(resource.props, field[1]) or field[3] or "", template).strip("/")
    except UnreadablePropertyError:
        return None
