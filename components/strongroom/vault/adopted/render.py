"""Settings of adopted things as the provider wants them: its names, its blocks, and the forms that it reads back."""

import re
from collections.abc import Mapping
from typing import Any, Final

BLOCKS: Final[Mapping[str, str]] = {
    "postgresql-database-plugin": "postgresql",
    "mysql-database-plugin": "mysql",
    "mysql-aurora-database-plugin": "mysql_aurora",
    "mysql-rds-database-plugin": "mysql_rds",
    "mysql-legacy-database-plugin": "mysql_legacy",
    "redshift-database-plugin": "redshift",
}
"""Plugin -> where the provider wants its settings."""
IN_BLOCK: Final = {
    "connection_url",
    "username",
    "max_open_connections",
    "max_idle_connections",
    "max_connection_lifetime",
    "username_template",
    "password_authentication",
    "disable_escaping",
}
_RENAMED: Final[Mapping[str, Mapping[str, str]]] = {
    "token_role": {
        "allowed_policies_glob": "allowed_policies_globs",
        "disallowed_policies_glob": "disallowed_policies_globs",
    },
    "pki_role": {
        "key_usage": "key_usages",
        "ext_key_usage": "ext_key_usages",
        "ou": "organization_unit",
        "organization": "organizations",
        "country": "countries",
        "locality": "localities",
        "province": "provinces",
    },
    "mount": {"default_lease_ttl": "default_lease_ttl_seconds", "max_lease_ttl": "max_lease_ttl_seconds"},
}
"""The provider's names of settings, where they are not the server's."""
_SECONDS_AS_TEXT: Final = frozenset({"ttl", "max_ttl", "not_before_duration"})
"""Lifetimes of certificates, which the provider has as texts and reads back as whole seconds."""


def untold(kind: str, block: Mapping[str, Any]) -> list[str]:
    """What the server does not tell, so that an import knows nothing of it: no difference, whatever is said here.

    So the password is never sent: the server keeps its own.
    """
    name = re.sub("_(.)", lambda found: found[1].upper(), kind)
    unknown = [f"{name}.password", "verifyConnection"]
    if kind == "postgresql" and "password_authentication" not in block:
        unknown.append(f"{name}.passwordAuthentication")
    return unknown


def named(what: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Settings as the provider wants them."""
    given = {_RENAMED.get(what, {}).get(name, name): value for name, value in settings.items()}
    if what in ("pki_role", "ssh_role"):
        given |= {name: str(given[name]) for name in _SECONDS_AS_TEXT & given.keys()}
    if "bound_claims" in given:
        given["bound_claims"] = {claim: ",".join(values) for claim, values in given["bound_claims"].items()}
    return given


def tuned(settings: dict[str, Any]) -> dict[str, Any]:
    if tune := settings.get("tune"):
        texts = {name: _as_read(tune[name]) for name in ("default_lease_ttl", "max_lease_ttl")}
        # Named in full: what a block leaves out, the provider resets.
        settings["tune"] = {"token_type": "default-service", "listing_visibility": "", **tune, **texts}
    return settings


def _as_read(seconds: int) -> str:
    """A lifetime as the provider reads it back: 5400 is `1h30m`."""
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    return "".join(f"{count}{unit}" for count, unit in ((hours, "h"), (minutes, "m"), (rest, "s")) if count) or "0s"
