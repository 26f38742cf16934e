"""Login MFA as components: methods, and where they are demanded."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf
from strongroom.vault.auth.deployment import accessor, filled
from strongroom.vault.auth.references import resolved
from strongroom.vault.mfa.plan import MfaEnforcementRecord, MfaMethodRecord
from strongroom.vault.policy.path_templates import methods_in, with_accessors

TYPES: Final[Mapping[str, Callable[..., Any]]] = {
    "totp": vault.identity.MfaTotp,
    "duo": vault.identity.MfaDuo,
    "okta": vault.identity.MfaOkta,
    "pingid": vault.identity.MfaPingid,
}


class VaultMfaMethodArgs(TypedDict):
    """A second factor."""

    type: str
    """`totp`, `duo`, `okta` or `pingid`."""
    settings: dict[str, Any]
    """What is no secret, by the names of the provider's inputs: `issuer`, `api_hostname`, `org_name`."""
    secrets: dict[str, pulumi.Input[str]]
    """Secret inputs: `secret_key`, `api_token`, `settings_file_base64`. Kept as Pulumi secrets."""


class VaultMfaMethodsArgs(TypedDict):
    """Second factors."""

    methods: dict[str, VaultMfaMethodArgs]
    """The methods by a name of the caller's: the server draws an id and knows no name."""


class VaultMfaMethods(pulumi.ComponentResource):
    """Second factors. Nobody's own key is made here: it would stay in the state."""

    method_ids: pulumi.Output[dict[str, str]]
    """The ids that the server draws, by name."""

    def __init__(self, name: str, args: VaultMfaMethodsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultMfaMethods", name, None, opts)
        ids: dict[str, pulumi.Output[str]] = {}
        for method, method_args in args["methods"].items():
            secrets = {field: pulumi.Output.secret(value) for field, value in method_args["secrets"].items()}
            made = TYPES[method_args["type"]](f"{name}-{method}", **method_args["settings"], **secrets, opts=leaf(self))
            ids[method] = made.method_id
        self.method_ids = pulumi.Output.all(**ids)
        self.register_outputs({"method_ids": self.method_ids})


class VaultMfaEnforcementArgs(TypedDict):
    """Where a second factor is demanded."""

    method_ids: pulumi.Input[list[str]]
    """The ids of the methods, of which any one will do."""
    auth_accessors: pulumi.Input[list[str]]
    """The accessors of the auth methods at which everybody is asked."""


class VaultMfaEnforcementsArgs(TypedDict):
    """Where second factors are demanded."""

    enforcements: dict[str, VaultMfaEnforcementArgs]
    """The enforcements by name; names are global to a server (or namespace)."""


class VaultMfaEnforcements(pulumi.ComponentResource):
    """Where second factors are demanded."""

    def __init__(self, name: str, args: VaultMfaEnforcementsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultMfaEnforcements", name, None, opts)
        for enforcement, enforcement_args in args["enforcements"].items():
            vault.identity.MfaLoginEnforcement(
                f"{name}-{enforcement}",
                name=enforcement,
                mfa_method_ids=enforcement_args["method_ids"],
                auth_method_accessors=enforcement_args["auth_accessors"],
                opts=leaf(self),
            )
        self.register_outputs({})


def deploy(plan: Plan, stage: Stage) -> None:
    """The MFA methods of a plan, and where they are demanded."""
    methods = {record.name: _method_args(record, stage) for record in plan.of(MfaMethodRecord)}
    made = VaultMfaMethods("mfa", {"methods": methods}, component_options(stage))
    if enforcements := plan.of(MfaEnforcementRecord):
        args = {record.name: _enforcement_args(record, made.method_ids, stage) for record in enforcements}
        VaultMfaEnforcements("mfa-enforcements", {"enforcements": args}, component_options(stage))


def _method_args(record: MfaMethodRecord, stage: Stage) -> VaultMfaMethodArgs:
    what = f"MFA method {record.name}"
    return {
        "type": record.type,
        "settings": {field: _filled(value, stage) for field, value in record.settings},
        "secrets": {field: resolved(stage, source, f"{what}: {field}") for field, source in record.secrets_from},
    }


def _filled(value: str | int | bool, stage: Stage) -> pulumi.Input[str | int | bool]:
    if not isinstance(value, str) or not (mounts := methods_in(value)):
        return value
    return filled(stage, mounts, lambda accessor_of: with_accessors(value, accessor_of))


def _enforcement_args(
    record: MfaEnforcementRecord, ids: pulumi.Output[dict[str, str]], stage: Stage
) -> VaultMfaEnforcementArgs:
    return {
        "method_ids": ids.apply(lambda of: [of[method] for method in record.methods]),
        "auth_accessors": pulumi.Output.all(*(accessor(stage, mount) for mount in record.mounts)),
    }
