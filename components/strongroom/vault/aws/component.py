"""The AWS secrets engine as a component: its mount, how the server is known to AWS, and what is made of a plan."""

from typing import Any, Final, NotRequired, TypedDict, cast

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf
from strongroom.vault.aws.first_key import NO_KEY, AwsFirstKeyArgs, give_first_key, resolved_first_key
from strongroom.vault.aws.plan import AwsCredentialRole, AwsMount, AwsStaticRole
from strongroom.vault.aws.roles import VaultAwsRoles, role_args, static_role_args
from strongroom.vault.rotation import rotate_away


class VaultAwsEngineArgs(TypedDict):
    """A mount, and how the server is known to AWS: by `first_key`, by `role_arn`, or by the machine it runs on."""

    mount: pulumi.Input[str]
    """Mount path, such as `aws-prod`."""
    region: pulumi.Input[str]
    """Where the server calls AWS."""
    first_key: NotRequired[AwsFirstKeyArgs]
    """An access key of an IAM user of the server's own, rotated away by the first `up`."""
    role_arn: NotRequired[pulumi.Input[str]]
    """The role that AWS gives the server for a token that it signs itself (Vault Enterprise)."""
    identity_token_audience: NotRequired[pulumi.Input[str]]
    """The `aud` of that token."""
    identity_token_ttl: NotRequired[pulumi.Input[int]]
    """Its lifetime in seconds."""
    iam_endpoint: NotRequired[pulumi.Input[str]]
    """IAM's URL. Default: AWS's own."""
    sts_endpoint: NotRequired[pulumi.Input[str]]
    """STS's URL. Default: AWS's own in the region."""
    sts_region: NotRequired[pulumi.Input[str]]
    """The region of `sts_endpoint`."""
    username_template: NotRequired[pulumi.Input[str]]
    """How IAM users and sessions are called. Default: the server's own."""
    default_lease_ttl_seconds: NotRequired[pulumi.Input[int]]
    """Lifetime of IAM users unless renewed. Default 3600."""
    max_lease_ttl_seconds: NotRequired[pulumi.Input[int]]
    """Lifetime at most. Default 86400."""
    protect_data: NotRequired[bool]
    """Whether the mount is protected: without it no IAM user is removed any more. Default true."""


_SETTINGS: Final = ("region", "role_arn", "identity_token_audience", "iam_endpoint", "sts_endpoint", "sts_region")
"""What of the arguments goes into the server's `config/root`, by the server's own names; an empty text unsets it."""
_IF_GIVEN: Final = ("identity_token_ttl", "username_template")
"""The same, but left out where there is none: the server takes its default then."""


class VaultAwsEngine(pulumi.ComponentResource):
    """An AWS secrets engine. If the server is known to AWS by a key, then by one that nobody else knows."""

    mount: pulumi.Output[str]
    """The mount path, known once the engine is configured."""

    def __init__(self, name: str, args: VaultAwsEngineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultAwsEngine", name, None, opts)
        first_key = args.get("first_key")  # {} is not the same as none: it was given before
        if first_key is not None and args.get("role_arn"):
            raise ValueError(f"{name}: the server is known to AWS by first_key or by role_arn, not by both")
        mount = vault.Mount(
            f"{name}-mount",
            path=args["mount"],
            type="aws",
            description="AWS credentials",
            default_lease_ttl_seconds=args.get("default_lease_ttl_seconds", 3600),
            max_lease_ttl_seconds=args.get("max_lease_ttl_seconds", 86400),
            opts=leaf(self, protect=args.get("protect_data", True)),
        )
        root = pulumi.Output.concat(mount.path, "/config/root")
        key = None
        if first_key is not None:
            # A mount made anew, such as after a loss of the server's data, starts with a first key again.
            opts_of_key = leaf(self, replacement_trigger=mount.accessor)
            key = give_first_key(name, root, first_key, mount, opts_of_key)
        # After the key: without keys in it, this changes everything but them.
        given = {setting: args.get(setting, "") for setting in _SETTINGS}
        given |= {setting: args.get(setting) for setting in _IF_GIVEN if args.get(setting)}
        settings = vault.generic.Endpoint(
            f"{name}-settings",
            path=root,
            data_json=pulumi.Output.json_dumps({**given, **({} if key else NO_KEY)}, sort_keys=True),
            ignore_absent_fields=True,
            disable_delete=True,
            # A key alone resets username_template, so whenever one is given all of this is written again.
            opts=leaf(self, deleted_with=mount, depends_on=[key] if key else [], replace_with=[key] if key else []),
        )
        if key:
            rotate_away(
                name, pulumi.Output.concat(mount.path, "/config/rotate-root"), key, leaf(self, depends_on=[settings])
            )
        self.mount_resource = mount
        self.mount = pulumi.Output.all(mount.path, settings.path).apply(lambda known: str(known[0]))
        self.register_outputs({"mount": self.mount})


def deploy(plan: Plan, stage: Stage) -> None:
    """The AWS engine of a plan and its roles."""
    for record in plan.of(AwsMount):
        engine = VaultAwsEngine(record.mount, _engine_args(record, stage), component_options(stage))
        stage.mounted(record.mount, engine)
    roles = dict(plan.grouped(AwsCredentialRole, lambda role: role.mount))
    static_roles = dict(plan.grouped(AwsStaticRole, lambda role: role.mount))
    for mount in {**roles, **static_roles}:
        VaultAwsRoles(
            f"{mount}-roles",
            {
                "mount": stage.mount(mount),
                "roles": {role.name: role_args(role) for role in roles.get(mount, ())},
                "static_roles": {role.name: static_role_args(role) for role in static_roles.get(mount, ())},
            },
            component_options(stage, within=mount),
        )


def _engine_args(record: AwsMount, stage: Stage) -> VaultAwsEngineArgs:
    args: dict[str, Any] = {
        "mount": record.mount,
        "region": record.region,
        "iam_endpoint": record.iam_endpoint,
        "sts_endpoint": record.sts_endpoint,
        "sts_region": record.sts_region,
        "username_template": record.username_template,
        "role_arn": record.role_arn,
        "identity_token_audience": record.identity_token_audience,
        "identity_token_ttl": record.identity_token_ttl_seconds,
        "default_lease_ttl_seconds": record.default_lease_ttl_seconds,
        "max_lease_ttl_seconds": record.max_lease_ttl_seconds,
        "protect_data": record.protect,
        "first_key": resolved_first_key(record.first_key_from, stage) if record.first_key_from else None,
    }
    return cast("VaultAwsEngineArgs", {name: value for name, value in args.items() if value is not None})
