"""A server configured by hand, with the vendor's own command line, by no rules of ours."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple


class Typed(NamedTuple):
    """One command, and what goes to its standard input."""

    command: Sequence[str]
    input: str = ""


READONLY: Final = (
    "CREATE ROLE \"{{name}}\" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'; "
    'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{{name}}";'
)
MYAPP: Final = """\
# the application itself
path "secret/data/myapp/*" {
  capabilities = ["read"]
}

path "database/creds/readonly" { capabilities = ["read"] }
"""
TEMPLATED: Final = (
    'path "secret/data/people/{{identity.entity.name}}/*" { capabilities = ["create", "read", "update", "delete"] }\n'
)
REVIEWER: Final = "reviewer-token-canary-7c2f"
"""The server keeps it and shows it to nobody."""
VALUES: Final = ("legacy-value-of-smtp", "a-password-of-alice")
"""Values of a secret and of a user."""
CLIENT_SECRET: Final = "client-secret-canary-51d0"
"""The same."""
LETTERS: Final = 'length = 24\nrule "charset" {\n  charset = "abcdefghijklmnopqrstuvwxyz0123456789"\n}\n'


def of_the_overview(connection_url: str, username: str, password: str, ca_pem: str) -> list[Typed]:
    """What the overview of secrets management shows: KV, a database with a role, a policy, and Kubernetes auth."""
    return [
        Typed(["secrets", "enable", "-path=secret", "kv-v2"]),
        Typed(["kv", "put", "secret/myapp/config", "db_user=admin", "db_pass=-"], password),
        Typed(["secrets", "enable", "database"]),
        Typed(
            [
                *("write", "database/config/postgres", "plugin_name=postgresql-database-plugin"),
                *(f"connection_url={connection_url}", "allowed_roles=readonly", f"username={username}", "password=-"),
            ],
            password,
        ),
        Typed(
            [
                *("write", "database/roles/readonly", "db_name=postgres", f"creation_statements={READONLY}"),
                *("default_ttl=1h", "max_ttl=24h"),
            ]
        ),
        Typed(["policy", "write", "myapp", "-"], MYAPP),
        Typed(["auth", "enable", "kubernetes"]),
        Typed(
            ["write", "auth/kubernetes/config", "-"],
            f'{{"kubernetes_host": "https://127.0.0.1:6443", "kubernetes_ca_cert": "{_one_line(ca_pem)}",'
            f' "token_reviewer_jwt": "{REVIEWER}"}}',
        ),
        Typed(
            [
                *("write", "auth/kubernetes/role/myapp", "bound_service_account_names=myapp"),
                *("bound_service_account_namespaces=default", "policies=myapp", "ttl=1h"),
            ]
        ),
    ]


def of_a_grown_server(certificate: str, public_key: str) -> list[Typed]:
    """What else gathers on a server over the years."""
    return [
        Typed(["secrets", "enable", "-path=legacy/kv", "-version=1", "-description=old things", "kv"]),
        Typed(["kv", "put", "-mount=legacy/kv", "mail/smtp", "password=-"], VALUES[0]),
        Typed(["secrets", "enable", "-max-lease-ttl=87600h", "pki"]),
        Typed(["write", "pki/root/generate/internal", "common_name=Acme Root", "ttl=8760h"]),
        Typed(["write", "pki/config/urls", "issuing_certificates=https://ca.example/ca.pem"]),
        Typed(
            [
                *("write", "pki/roles/web.servers", "allowed_domains=web.example", "allow_subdomains=true"),
                *("max_ttl=72h", "key_type=ec", "key_bits=256", "ou=web"),
            ]
        ),
        Typed(["secrets", "enable", "-path=ssh-client-signer", "ssh"]),
        Typed(["write", "ssh-client-signer/config/ca", "generate_signing_key=true"]),
        Typed(
            ["write", "ssh-client-signer/roles/ops", "-"],
            '{"key_type": "ca", "allow_user_certificates": true, "allowed_users": "*", "default_user": "ubuntu",'
            ' "default_extensions": {"permit-pty": ""}, "ttl": "30m"}',
        ),
        Typed(["secrets", "enable", "transit"]),
        Typed(["write", "-f", "transit/keys/orders_key"]),
        Typed(["write", "transit/keys/signing", "type=ed25519"]),
        Typed(["write", "transit/keys/orders_key/config", "auto_rotate_period=720h", "deletion_allowed=true"]),
        Typed(["secrets", "enable", "totp"]),
        Typed(["auth", "enable", "-description=machines", "approle"]),
        Typed(["write", "auth/approle/role/Nightly_Job", "token_policies=myapp", "secret_id_ttl=10m", "token_ttl=20m"]),
        Typed(["auth", "enable", "-path=ci", "-max-lease-ttl=2h", "-default-lease-ttl=30m", "jwt"]),
        Typed(["write", "auth/ci/config", "-"], f'{{"jwt_validation_pubkeys": ["{_one_line(public_key)}"]}}'),
        Typed(
            ["write", "auth/ci/role/deploy", "-"],
            '{"role_type": "jwt", "user_claim": "sub", "bound_audiences": ["vault"], "policies": ["myapp"],'
            ' "bound_claims": {"ref": ["refs/heads/main", "refs/heads/release"], "project": "7"}}',
        ),
        Typed(["auth", "enable", "userpass"]),
        Typed(["write", "auth/userpass/users/alice", "password=-", "policies=templated"], VALUES[1]),
        Typed(["auth", "enable", "cert"]),
        Typed(["write", "auth/cert/certs/web", "certificate=-", "policies=myapp"], certificate),
        Typed(["policy", "write", "templated", "-"], TEMPLATED),
        Typed(["write", "sys/policies/password/letters", "policy=-"], LETTERS),
        Typed(["write", "auth/token/roles/cron", "allowed_policies=myapp", "orphan=true", "token_period=24h"]),
        Typed(["write", "identity/entity", "name=alice", "policies=templated", "metadata=team=shop"]),
    ]


def of_identity(accessor: str, entity: str) -> list[Typed]:
    """An alias of the entity alice and two groups; the server drew the ids that they name."""
    return [
        Typed(["write", "identity/entity-alias", "name=alice", f"canonical_id={entity}", f"mount_accessor={accessor}"]),
        Typed(["write", "identity/group", "name=shop people", "policies=myapp", f"member_entity_ids={entity}"]),
    ]


def of_people(issuer_url: str, ca_pem: str) -> list[Typed]:
    """OIDC for people, and what a group of theirs may do."""
    return [
        Typed(["auth", "enable", "oidc"]),
        Typed(
            ["write", "auth/oidc/config", "-"],
            f'{{"oidc_discovery_url": "{issuer_url}", "oidc_discovery_ca_pem": "{_one_line(ca_pem)}",'
            f' "oidc_client_id": "vault", "oidc_client_secret": "{CLIENT_SECRET}", "default_role": "people"}}',
        ),
        Typed(
            ["write", "auth/oidc/role/people", "-"],
            '{"role_type": "oidc", "user_claim": "sub", "groups_claim": "groups", "policies": ["default"],'
            ' "allowed_redirect_uris": ["https://vault.example/ui/vault/auth/oidc/oidc/callback"]}',
        ),
        Typed(["write", "identity/group", "name=staff", "type=external", "policies=myapp"]),
    ]


def of_their_group(accessor: str, group: str) -> list[Typed]:
    """What the issuer calls the group; the server drew the ids."""
    return [
        Typed(["write", "identity/group-alias", "name=staff", f"canonical_id={group}", f"mount_accessor={accessor}"])
    ]


def _one_line(pem: str) -> str:
    return pem.strip().replace("\n", "\\n")


def typed(binary: Path, variables: Mapping[str, str], commands: Sequence[Typed]) -> list[str]:
    """Runs the commands with the vendor's binary; returns what each printed. Raises AssertionError at the first that
    fails."""
    printed = []
    for command, text in commands:
        done = subprocess.run(
            [str(binary), *command],
            env={"PATH": os.defpath, "HOME": "/nonexistent", **variables},
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
        printed.append(done.stdout)
    return printed
