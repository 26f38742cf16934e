"""Which server has which feature, as data; and how a room says that it needs one.

A room says so in one line, on the field that uses the feature:

    aws: Annotated[AwsEngine | None, Needs("secrets.aws")] = None
    plugin: Annotated[Plugin, Needs("database.{}")]        # {}: the value that is written there

A field that is empty, false or absent needs nothing. A spec that needs what the declared server lacks is refused at
plan time, at the field's key, with the server and version that has it (see `strongroom.vault.needs`). A new feature is
one row of FEATURES; a test compares the table with the two servers that tests run.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

Flavour = Literal["openbao", "vault"]
Edition = Literal["community", "enterprise"]
Version = tuple[int, ...]

NEWEST: Final[Mapping[Flavour, str]] = {"openbao": "2.7.2", "vault": "1.21.0"}
"""The newest version of each that this table was checked against; assumed where none is declared."""


@dataclass(frozen=True)
class Needs:
    """In the metadata of a spec's field: what is written there needs this feature of the server."""

    feature: str
    """A key of FEATURES; `{}` in it stands for the value of the field."""

    def of(self, value: object) -> str:
        return self.feature.format(value)


@dataclass(frozen=True)
class Feature:
    """Since which version each server has it; None: never."""

    what: str
    """For errors, after "has no" and before "since"."""
    openbao: str | None
    vault: str | None
    """The community edition."""
    enterprise: str | None = ""
    """Vault's Enterprise edition; empty: as the community edition."""
    openbao_until: str | None = None
    """The first version of OpenBao that no longer has it."""
    source: str = ""
    """Where it is said, if not in the changelogs of the two."""

    def since(self, flavour: Flavour, edition: Edition) -> str | None:
        if flavour == "openbao":
            return self.openbao
        return self.enterprise if edition == "enterprise" and self.enterprise != "" else self.vault

    @property
    def offers(self) -> str:
        """Which servers have it, in words; empty if none does."""
        found = []
        if self.openbao:
            span = f"from {self.openbao} until {self.openbao_until}" if self.openbao_until else f"since {self.openbao}"
            found.append(f"in OpenBao {span}")
        if self.vault:
            found.append(f"in HashiCorp Vault since {self.vault}")
        elif self.enterprise:
            found.append(f"in HashiCorp Vault Enterprise since {self.enterprise}")
        return ", ".join(found)


OPENBAO: Final = "2.0"
"""OpenBao began as a fork of Vault 1.14 with its plugins for open systems; what it kept, it has since then."""

FEATURES: Final[Mapping[str, Feature]] = {
    # Secrets engines.
    "secrets.aws": Feature("AWS secrets engine", None, "0.1"),
    "secrets.kubernetes": Feature("Kubernetes secrets engine", OPENBAO, "1.11"),
    "secrets.rabbitmq": Feature("RabbitMQ secrets engine", OPENBAO, "0.6"),
    "secrets.totp": Feature("TOTP secrets engine", OPENBAO, "0.7.1"),
    # Auth methods.
    "auth.aws": Feature("AWS auth method", None, "0.6"),
    "auth.kubernetes": Feature("Kubernetes auth method", OPENBAO, "0.8.3"),
    "auth.jwt": Feature("JWT auth method", OPENBAO, "0.11"),
    "auth.oidc": Feature("OIDC auth method", OPENBAO, "1.1"),
    "login_mfa": Feature("login MFA", OPENBAO, "1.10"),
    # Database plugins, built in.
    "database.postgresql": Feature("PostgreSQL plugin", OPENBAO, "0.7.1"),
    "database.mysql": Feature("MySQL plugin", OPENBAO, "0.7.1"),
    "database.cassandra": Feature("Cassandra plugin", OPENBAO, "0.7.1"),
    "database.influxdb": Feature("InfluxDB plugin", OPENBAO, "1.0.2"),
    "database.valkey": Feature("Valkey plugin", "2.3", None),
    "database.redis": Feature("Redis plugin", "2.3", "1.12", source="openbao/openbao pull request 1019"),
    "database.mongodb": Feature("MongoDB plugin", None, "0.7.3"),
    "database.redshift": Feature("Redshift plugin", None, "1.4"),
    "database.elasticsearch": Feature("Elasticsearch plugin", None, "1.3"),
    "database.rotation_schedule": Feature("rotation schedules of static roles", None, "1.15"),
    # Inside engines.
    "aws.static_role": Feature(
        "static roles in the AWS engine", None, "1.14", source="hashicorp/vault pull request 20536"
    ),
    "aws.session_tags": Feature(
        "session tags and external IDs in the AWS engine",
        None,
        "1.17.2",
        source="hashicorp/vault pull requests 27620 and 27662, hashicorp/terraform-provider-vault pull request 2290",
    ),
    "aws.plugin_identity": Feature("plugin identity tokens for the AWS engine", None, None, "1.16"),
    "pki.acme": Feature("ACME in PKI", OPENBAO, "1.14"),
    "pki.acme.max_ttl": Feature("`max_ttl` of ACME in PKI", None, "1.17"),
    "pki.issuers": Feature("several issuers in PKI", OPENBAO, "1.11"),
    "transit.auto_rotation": Feature("auto-rotation of transit keys", OPENBAO, "1.10"),
    # The server itself.
    "namespaces": Feature("namespaces", "2.3", None, "0.11"),
    "quotas.rate_limit": Feature("rate-limit quotas", OPENBAO, "1.5"),
    "quotas.lease_count": Feature("lease-count quotas", None, None, "1.5"),
    "quotas.role": Feature("quotas by role", OPENBAO, "1.12"),
    "password_policies": Feature("password policies", OPENBAO, "1.5"),
    "audit.api": Feature("audit devices by API", OPENBAO, "0.1", openbao_until="2.3.2"),
    # Policies.
    "policy.patch": Feature("`patch` capability", OPENBAO, "1.9"),
    "policy.scan": Feature("`scan` capability", "2.2", None),
    "policy.subscribe": Feature("`subscribe` capability", None, "1.15"),
    "policy.recover": Feature("`recover` capability", None, "1.20"),
    "policy.subscribe_event_types": Feature("`subscribe_event_types` in policies", None, "1.15"),
    "policy.pagination_limit": Feature("`pagination_limit` in policies", "2.2", None),
    "policy.expiration": Feature("`expiration` in policies", "2.3", None),
    "policy.list_scan_response_keys_filter_path": Feature(
        "`list_scan_response_keys_filter_path` in policies", "2.4", None
    ),
    "policy.control_group": Feature("control groups", None, None, "0.11"),
    "policy.mfa_methods": Feature("step-up MFA in policies (`mfa_methods`)", None, None, "0.8"),
}


VERSION_PATTERN: Final = r"^[0-9]{1,4}(\.[0-9]{1,4}){1,2}$"


def parse(text: str) -> Version:
    """`2.7.2`, also with a suffix as servers report it (`1.21.0+ent`). Raises ValueError."""
    if not (found := re.match(r"v?(\d+(?:\.\d+){1,3})(?:[-+].*)?$", text)):
        raise ValueError(f"{text!r} is no version")
    return tuple(int(part) for part in found[1].split("."))


@dataclass(frozen=True)
class Profile:
    """A server: who made it, and which version of it."""

    flavour: Flavour
    version: str
    edition: Edition = "community"
    assumed: bool = False
    """Whether nobody declared the version."""

    @property
    def name(self) -> str:
        """`OpenBao 2.7.2`, `HashiCorp Vault Enterprise 1.21.0`."""
        product = "OpenBao" if self.flavour == "openbao" else "HashiCorp Vault"
        return f"{product}{' Enterprise' if self.edition == 'enterprise' else ''} {self.version}"

    def has(self, feature: str) -> bool:
        """Raises KeyError for a feature that is not in the table."""
        row = FEATURES[feature]
        since = row.since(self.flavour, self.edition)
        if since is None or not _at_least(self.version, since):
            return False
        return not (self.flavour == "openbao" and row.openbao_until and _at_least(self.version, row.openbao_until))

    def lacks(self, feature: str) -> tuple[str, str] | None:
        """What is wrong and what to do, if this server does not have it."""
        if self.has(feature):
            return None
        row = FEATURES[feature]
        assumed = "; the version is assumed, `version` declares the real one" if self.assumed else ""
        return f"{self.name} has no {row.what}", f"{row.offers or 'in no server'}{assumed}"

    def fits(self, declared: "Profile") -> str:
        """Why this server is not the declared one; empty if it is. A newer one is, as it has what older ones had."""
        if (self.flavour, self.edition) != (declared.flavour, declared.edition):
            return f"the environment declares {declared.name}, and this is {self.name}"
        if not declared.assumed and not _at_least(self.version, declared.version):
            return f"the environment declares {declared.name}, and this is an older one: {self.version}"
        return ""


def recognise(health: Mapping[str, Any], seal_status: Mapping[str, Any]) -> Profile:
    """Which server answers so to `sys/health` and `sys/seal-status`, which everybody may ask. Raises ValueError."""
    text = str(health.get("version") or seal_status.get("version") or "")
    version = parse(text)
    # Vault says whether it is Enterprise (since 1.16), OpenBao when its source was committed (later ones); before that,
    # Vault's versions began with 1 and OpenBao's with 2.
    is_openbao = "enterprise" not in health and ("commit_date" in seal_status or version[0] >= 2)
    enterprise = bool(health.get("enterprise")) or "+ent" in text
    return Profile(
        "openbao" if is_openbao else "vault",
        ".".join(map(str, version)),
        "enterprise" if enterprise and not is_openbao else "community",
    )


def _at_least(version: str, since: str) -> bool:
    found, wanted = parse(version), parse(since)
    length = max(len(found), len(wanted))
    return found + (0,) * (length - len(found)) >= wanted + (0,) * (length - len(wanted))
