"""The SSH engine as components: the certificate authority, and the roles that live in it."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_vault as vault

from strongroom.plan.plan import Plan
from strongroom.stage import Stage, component_options, leaf, leaf_within
from strongroom.vault.ssh.plan import SshMount, SshRole


class VaultSshEngineArgs(TypedDict):
    """A mount and its signing key."""

    mount: pulumi.Input[str]
    """Mount path, such as `ssh-prod`."""
    key_type: NotRequired[pulumi.Input[str]]
    """`ssh-ed25519` (the default), `ecdsa-sha2-nistp256`, `-nistp384`, `-nistp521` or `ssh-rsa`."""
    protect_data: NotRequired[bool]
    """Whether mount and key are protected: a new key is trusted by no host. Default true."""


class VaultSshEngine(pulumi.ComponentResource):
    """An SSH certificate authority whose signing key is made in the server and never leaves it."""

    mount: pulumi.Output[str]
    """The mount path, known once there is a key to sign with."""
    public_key: pulumi.Output[str]
    """What hosts and users trust: `TrustedUserCAKeys`, or `@cert-authority` in `known_hosts`."""

    def __init__(self, name: str, args: VaultSshEngineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultSshEngine", name, None, opts)
        protect = args.get("protect_data", True)
        mount = vault.Mount(
            f"{name}-mount",
            path=args["mount"],
            type="ssh",
            description="SSH certificates",
            opts=leaf(self, protect=protect),
        )
        key = vault.ssh.SecretBackendCa(
            f"{name}-key",
            backend=mount.path,
            generate_signing_key=True,
            key_type=args.get("key_type", "ssh-ed25519"),
            opts=leaf(self, protect=protect, deleted_with=mount),
        )
        self.mount_resource = mount
        self.mount, self.public_key = key.backend.apply(lambda path: path or "ssh"), key.public_key
        self.register_outputs({"mount": self.mount, "public_key": self.public_key})


class VaultSshRoleArgs(TypedDict):
    """Certificates of one role: for users or for hosts. Exactly one of `users` and `host_domains` is given."""

    users: NotRequired[list[str]]
    """The principals of user certificates. The first is for requests that name none."""
    extensions: NotRequired[list[str]]
    """What sessions of users may do, such as `permit-pty`; all of them by default. Default: none."""
    host_domains: NotRequired[list[str]]
    """The names of host certificates."""
    allow_subdomains: NotRequired[pulumi.Input[bool]]
    """Whether names below `host_domains` are allowed too. Default false."""
    ttl_seconds: pulumi.Input[int]
    """Lifetime of a certificate whose request names none."""
    max_ttl_seconds: pulumi.Input[int]
    """Lifetime at most."""


class VaultSshRolesArgs(TypedDict):
    """Roles of one engine."""

    mount: pulumi.Input[str]
    """The engine's mount path."""
    roles: dict[str, VaultSshRoleArgs]
    """The roles by name."""


class VaultSshRoles(pulumi.ComponentResource):
    """Roles that sign SSH public keys. None of them lets a request choose a key id, or a principal not listed."""

    def __init__(self, name: str, args: VaultSshRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:VaultSshRoles", name, None, opts)
        for role, role_args in args["roles"].items():
            users, hosts = role_args.get("users", []), role_args.get("host_domains", [])
            if bool(users) == bool(hosts):
                raise ValueError(f"{name}: role {role} names exactly one of users and host_domains")
            _refuse_everybody(name, role, [*users, *hosts])
            extensions = role_args.get("extensions", [])
            vault.ssh.SecretBackendRole(
                f"{name}-{role}",
                name=role,
                backend=args["mount"],
                key_type="ca",
                allow_user_certificates=bool(users),
                allowed_users=",".join(users) if users else None,
                default_user=users[0] if users else None,
                # Critical options are left to the request: each of them only takes something away.
                allowed_extensions=",".join(extensions) if extensions else None,
                default_extensions=dict.fromkeys(extensions, "") if extensions else None,
                allow_host_certificates=bool(hosts),
                allowed_domains=",".join(hosts) if hosts else None,
                allow_bare_domains=bool(hosts),
                allow_subdomains=role_args.get("allow_subdomains", False),
                ttl=pulumi.Output.from_input(role_args["ttl_seconds"]).apply(str),
                max_ttl=pulumi.Output.from_input(role_args["max_ttl_seconds"]).apply(str),
                opts=leaf_within(self, opts),
            )
        self.register_outputs({})


def _refuse_everybody(name: str, role: str, principals: list[str]) -> None:
    for principal in principals:
        if principal == "root" or "*" in principal or "," in principal:
            raise ValueError(
                f"{name}: role {role} has the principal '{principal}'; "
                "list each user name or domain, and let an ordinary user call sudo"
            )


def deploy(plan: Plan, stage: Stage) -> None:
    """The SSH engine of a plan and its roles."""
    for record in plan.of(SshMount):
        engine = VaultSshEngine(
            record.mount,
            {"mount": record.mount, "key_type": record.key_type, "protect_data": record.protect},
            component_options(stage),
        )
        stage.mounted(record.mount, engine)
    for mount, roles in plan.grouped(SshRole, lambda role: role.mount):
        VaultSshRoles(
            f"{mount}-roles",
            {"mount": stage.mount(mount), "roles": {role.name: _role_args(role) for role in roles}},
            component_options(stage, within=mount),
        )


def _role_args(record: SshRole) -> VaultSshRoleArgs:
    return {
        "users": list(record.users),
        "extensions": list(record.extensions),
        "host_domains": list(record.host_domains),
        "allow_subdomains": record.allow_subdomains,
        "ttl_seconds": record.ttl_seconds,
        "max_ttl_seconds": record.max_ttl_seconds,
    }
