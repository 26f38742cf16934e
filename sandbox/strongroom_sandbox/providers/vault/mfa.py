"""Login MFA: methods, for which the server draws the id, and where they are demanded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_vault import identity

from ..frame.row import Written, words
from ..frame.values import Properties
from .api import Vault
from .path_row import PathRow

_IDS = {"methodId": "id", "uuid": "id"}
"""The server's one id goes by two names."""


@dataclass(frozen=True, kw_only=True)
class MfaMethodRow(PathRow):
    """A method of one kind (`path` without the id)."""

    told_as: Mapping[str, str] = field(default_factory=dict)
    """Where the server calls something otherwise when it answers than when it is asked."""

    def location(self, properties: Properties) -> str:
        """Return the path of the method."""
        return f"{self.path}/{properties['id']}"

    def parsed(self, identity: str) -> Properties:
        """Return the id: it holds nothing else."""
        return {"id": identity}

    def create(self, server: Vault, inputs: Properties) -> Written:
        """Make a method and learn its id."""
        answer = server.within(inputs.get("namespace")).write(self.path, self.body(inputs)) or {}
        return Written(str(answer["method_id"]))

    def properties(self, data: dict[str, Any], known: Properties) -> Properties:
        """Return what the server tells, under the names by which it is asked."""
        return super().properties({**data, **{ours: data.get(told) for ours, told in self.told_as.items()}}, known)


@dataclass(frozen=True, kw_only=True)
class EnforcementRow(PathRow):
    """Where methods are demanded. What is left out was never set: the server lists it as nothing."""

    def properties(self, data: dict[str, Any], known: Properties) -> Properties:
        """Return what the server tells; its id goes by another name."""
        return super().properties({**data, "uuid": data.get("id")}, known)


ROWS = (
    MfaMethodRow(
        resource=identity.MfaTotp,
        path="identity/mfa/method/totp",
        keys=_IDS,
        replaces=words("namespace"),
        defaults={"algorithm": "SHA1", "digits": 6, "keySize": 20, "period": 30, "qrSize": 200, "skew": 1},
        computed=words("maxValidationAttempts"),
    ),
    MfaMethodRow(
        resource=identity.MfaDuo,
        path="identity/mfa/method/duo",
        keys=_IDS,
        told_as={"push_info": "pushinfo"},
        replaces=words("namespace"),
        secret=words("integrationKey secretKey"),
        write_only=words("integrationKey secretKey"),
    ),
    MfaMethodRow(
        resource=identity.MfaOkta,
        path="identity/mfa/method/okta",
        keys=_IDS,
        replaces=words("namespace"),
        secret=words("apiToken"),
        write_only=words("apiToken primaryEmail"),
    ),
    MfaMethodRow(
        resource=identity.MfaPingid,
        path="identity/mfa/method/pingid",
        keys=_IDS,
        replaces=words("namespace"),
        write_only=words("settingsFileBase64 usernameFormat"),
    ),
    EnforcementRow(
        resource=identity.MfaLoginEnforcement,
        path="identity/mfa/login-enforcement/{name}",
        id="{name}",
        autonamed=True,
        replaces=words("name namespace"),
        unordered=words("authMethodAccessors authMethodTypes identityEntityIds identityGroupIds mfaMethodIds"),
    ),
)
