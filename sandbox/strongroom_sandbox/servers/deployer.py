"""Who deploys: a token that may do what Strongroom needs, and nothing that only an operator of the server may do."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from strongroom_sandbox.files import write_secret

if TYPE_CHECKING:
    import hvac

POLICY_NAME: Final = "strongroom-deployer"
PERIOD: Final = "768h"
"""How long the token lives without being renewed; every `up` renews it."""

POLICY: Final = """\
# What lies in the engines, whatever their mounts are called: values, roles, connections, keys; and entities and groups.
path "+/*" {
  capabilities = ["create", "read", "update", "patch", "delete", "list"]
}

# `+/*` also matches the two below, so they are closed and then opened path by path. The longest pattern wins.
path "sys/*" {
  capabilities = ["deny"]
}
path "auth/token/*" {
  capabilities = ["deny"]
}

# Engines and auth methods (`sudo`: these paths are root-protected).
path "sys/mounts" {
  capabilities = ["read", "list"]
}
path "sys/mounts/*" {
  capabilities = ["create", "read", "update", "delete", "list"]
}
path "sys/internal/ui/mounts/*" {
  capabilities = ["read"]
}
path "sys/remount" {
  capabilities = ["create", "update", "sudo"]
}
path "sys/remount/status/*" {
  capabilities = ["read"]
}
path "sys/auth" {
  capabilities = ["read", "list"]
}
path "sys/auth/*" {
  capabilities = ["create", "read", "update", "delete", "list", "sudo"]
}

# Policies. Whoever may write policies and roles can give himself more than this policy says: that is inherent in
# deploying access rules, and why this token belongs to the deployment alone.
path "sys/policies/*" {
  capabilities = ["create", "read", "update", "delete", "list"]
}
path "sys/policy" {
  capabilities = ["read", "list"]
}
path "sys/policy/*" {
  capabilities = ["create", "read", "update", "delete", "list"]
}

# Audit devices, where the server takes them by API (Vault does, OpenBao does not).
path "sys/audit" {
  capabilities = ["read", "list", "sudo"]
}
path "sys/audit/*" {
  capabilities = ["create", "read", "update", "delete", "sudo"]
}

# What lies in namespaces is matched by `+/*`; auth methods are root-protected there too. And the namespaces themselves.
path "+/sys/auth/*" {
  capabilities = ["create", "read", "update", "delete", "list", "sudo"]
}
path "sys/namespaces/*" {
  capabilities = ["create", "read", "update", "patch", "delete", "list"]
}

# What the server as a whole has: quotas, and who may send which headers (`sudo`: root-protected).
path "sys/quotas/*" {
  capabilities = ["create", "read", "update", "delete", "list"]
}
path "sys/config/cors" {
  capabilities = ["create", "read", "update", "delete", "sudo"]
}
path "sys/config/ui/headers/*" {
  capabilities = ["create", "read", "update", "delete", "sudo"]
}
path "sys/config/auditing/request-headers/*" {
  capabilities = ["create", "read", "update", "delete", "sudo"]
}

# Credentials that were issued: look at them and take them back.
path "sys/leases/lookup" {
  capabilities = ["update"]
}
path "sys/leases/lookup/*" {
  capabilities = ["list", "sudo"]
}
path "sys/leases/revoke" {
  capabilities = ["update"]
}

# Its own token, and short-lived children of it (never orphans), as the official Pulumi provider makes one a run.
path "auth/token/lookup-self" {
  capabilities = ["read"]
}
path "auth/token/renew-self" {
  capabilities = ["update"]
}
path "auth/token/revoke-self" {
  capabilities = ["update"]
}
path "auth/token/create" {
  capabilities = ["update"]
}

# Token roles. A token made with one is limited by it, and this token may make none with any.
path "auth/token/roles" {
  capabilities = ["list"]
}
path "auth/token/roles/*" {
  capabilities = ["create", "read", "update", "delete"]
}
"""


def ensure(root: "hvac.Client", token_file: Path) -> None:
    """Write the policy, and renew the token in `token_file` or, where it is missing or no longer good, make one.

    An orphan, so that it outlives the token that makes it; periodic, so that it lives as long as it is used.
    """
    from hvac.exceptions import VaultError  # noqa: PLC0415

    root.sys.create_or_update_policy(POLICY_NAME, POLICY)
    if token_file.exists():
        try:
            root.auth.token.renew(token_file.read_text())
        except VaultError:
            token_file.unlink()  # expired, revoked, or of a server that was started anew
        else:
            return
    answer = root.auth.token.create_orphan(
        policies=[POLICY_NAME], period=PERIOD, display_name=POLICY_NAME, renewable=True
    )
    write_secret(token_file, answer["auth"]["client_token"])
