"""Drives the policy pack through the protocol messages that the engine sends, without an engine.

Everything between the engine and a rule takes part: the SDK's servicer, its proxies for unknown values, its unwrapping
of secrets, the levels and the configuration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from google.protobuf import json_format
from pulumi.runtime import proto
from pulumi_policy.deserialize import SPECIAL_SECRET_SIG, SPECIAL_SIG_KEY
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from strongroom_policies.frame.pack import Analyzer
from strongroom_policies.frame.rule import Rule
from strongroom_policies.registry import RULES

TODAY = date(2026, 11, 24)
#: What the engine sends for a value that is not known in a preview.
UNKNOWN = UNKNOWN_STRING_VALUE


def secret(value: Any) -> dict[str, Any]:
    """What the engine sends for a Pulumi secret."""
    return {SPECIAL_SIG_KEY: SPECIAL_SECRET_SIG, "value": value}


@dataclass(frozen=True)
class Declared:
    """A resource of the program under test."""

    type: str
    props: Mapping[str, Any]
    #: Property to the names of the resources whose outputs it is made from.
    uses: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Said:
    """One message of the pack."""

    rule: str  # V02
    level: str  # mandatory | advisory
    resource: str  # Pulumi name, empty for the whole stack
    message: str

    @property
    def undecided(self) -> bool:
        return self.message.startswith("undecided: ")


@dataclass(frozen=True)
class Report:
    """All that the pack said about a stack."""

    said: tuple[Said, ...]
    not_applicable: Mapping[str, str]  # rule -> reason

    def violations(self, rule: str | None = None) -> list[Said]:
        return [s for s in self.said if not s.undecided and rule in (None, s.rule)]

    def undecided(self, rule: str | None = None) -> list[Said]:
        return [s for s in self.said if s.undecided and rule in (None, s.rule)]

    def blamed(self) -> set[tuple[str, str]]:
        """Rule and resource of every violation."""
        return {(s.rule, s.resource) for s in self.violations()}

    @property
    def text(self) -> str:
        """Everything that was said."""
        return "\n".join([*(s.message for s in self.said), *self.not_applicable.values()])


@dataclass(frozen=True)
class Stack:
    """A stack's resources, how the pack is configured and where it runs. Immutable: a test derives a broken one."""

    resources: Mapping[str, Declared]
    config: Mapping[str, Any] = field(default_factory=dict)  # rule -> settings, as in a policy pack config
    name: str = "prod"
    stack_config: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    today: date = TODAY
    rules: tuple[Rule, ...] = RULES

    def change(self, resource: str, /, **props: Any) -> Stack:
        """The same stack with some properties of one resource changed."""
        old = self.resources[resource]
        return self._with({resource: replace(old, props={**old.props, **props})})

    def add(self, name: str, type: str, /, uses: Mapping[str, Sequence[str]] | None = None, **props: Any) -> Stack:
        """The same stack with one more resource."""
        return self._with({name: Declared(type, props, uses or {})})

    def drop(self, resource: str) -> Stack:
        """The same stack without one resource."""
        return replace(self, resources={n: r for n, r in self.resources.items() if n != resource})

    def configure(self, rule: str, **settings: Any) -> Stack:
        """The same stack with settings for one rule."""
        return replace(self, config={**self.config, rule: {**self.config.get(rule, {}), **settings}})

    def _with(self, more: Mapping[str, Declared]) -> Stack:
        return replace(self, resources={**self.resources, **more})

    def preview(self) -> Report:
        """Do what the engine does in a preview."""
        analyzer = Analyzer(self.rules, lambda: self.today)
        analyzer.ConfigureStack(
            proto.AnalyzerStackConfigureRequest(
                stack=self.name, project="shop", config=dict(self.stack_config), tags=dict(self.tags)
            ),
            None,
        )
        sdk: Any = analyzer  # its methods carry no types
        sdk.Configure(self._configuration(sdk.GetAnalyzerInfo(None, None)), None)
        names = {self._urn(name): name for name in self.resources} | {"": ""}
        said: list[Said] = []
        not_applicable: dict[str, str] = {}

        def take(response: Any, urn: str = "") -> None:
            for d in response.diagnostics:
                level = proto.EnforcementLevel.Name(d.enforcementLevel).lower()
                said.append(Said(self._id(d.policyName), level, names[d.urn or urn], d.message))
            not_applicable.update({self._id(n.policy_name): n.reason for n in response.not_applicable})

        for name, resource in self.resources.items():
            urn = self._urn(name)
            request = proto.AnalyzeRequest(urn=urn, type=resource.type, name=name)
            json_format.ParseDict(dict(resource.props), request.properties)
            take(analyzer.Analyze(request, None), urn)
        take(analyzer.AnalyzeStack(proto.AnalyzeStackRequest(resources=map(self._message, self.resources)), None))
        return Report(tuple(said), not_applicable)

    def _configuration(self, info: Any) -> Any:
        request = proto.ConfigureAnalyzerRequest()
        for policy in info.policies:
            settings = dict(self.config.get(self._id(policy.name), {}))
            level = settings.pop("enforcementLevel", None)
            entry = request.policyConfig[policy.name]
            entry.enforcementLevel = proto.EnforcementLevel.Value(level.upper()) if level else policy.enforcementLevel
            json_format.ParseDict(settings, entry.properties)
        return request

    def _message(self, name: str) -> Any:
        resource = self.resources[name]
        message = proto.AnalyzerResource(urn=self._urn(name), type=resource.type, name=name)
        json_format.ParseDict(dict(resource.props), message.properties)
        for key, used in resource.uses.items():
            message.propertyDependencies[key].urns.extend(map(self._urn, used))
        return message

    def _urn(self, name: str) -> str:
        return f"urn:pulumi:{self.name}::shop::{self.resources[name].type}::{name}"

    def _id(self, policy_name: str) -> str:
        return next(rule.id for rule in self.rules if rule.name == policy_name)


POLICY = "vault:index/policy:Policy"
MOUNT = "vault:index/mount:Mount"
AUDIT = "vault:index/audit:Audit"
APPROLE = "vault:appRole/authBackendRole:AuthBackendRole"
JWT = "vault:jwt/authBackendRole:AuthBackendRole"
DATABASE_ROLE = "vault:database/secretBackendRole:SecretBackendRole"

GOOD_STACK = Stack(
    resources={
        "kv": Declared(MOUNT, {"path": "kv-prod", "type": "kv", "options": {"version": "2"}}),
        "database": Declared(MOUNT, {"path": "database-prod", "type": "database"}),
        "audit": Declared(AUDIT, {"type": "file", "options": {"file_path": "/var/log/vault/audit.log"}}),
        "checkout-policy": Declared(
            POLICY,
            {
                "name": "prod-checkout",
                "policy": """
                    path "kv-prod/data/payments/stripe" { capabilities = ["read"] }
                    path "database-prod/creds/payments-orders" { capabilities = ["read"] }
                """,
            },
        ),
        "checkout": Declared(
            APPROLE, {"backend": "approle-prod", "roleName": "checkout", "tokenPolicies": ["prod-checkout"]}
        ),
        "orders": Declared(
            DATABASE_ROLE,
            {
                "backend": "database-prod",
                "name": "payments-orders",
                "dbName": "orders",
                "creationStatements": [
                    """CREATE ROLE "{{name}}" LOGIN NOSUPERUSER PASSWORD '{{password}}';""",
                    """GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{{name}}";""",
                ],
            },
        ),
    },
    config={
        "S01": {
            "environments": {
                "dev": {"paths": ["kv-dev/*", "database-dev/*"], "principals": ["auth/approle-dev/*"]},
                "prod": {
                    "paths": ["kv-prod/*", "database-prod/*"],
                    "principals": ["auth/approle-prod/*", "sys/policies/acl/prod-*"],
                },
            }
        }
    },
)
