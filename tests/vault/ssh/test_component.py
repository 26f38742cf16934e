"""The SSH engine: a key that is made in the server, and roles that say who may be whom."""

import pytest

from strongroom.vault.ssh.component import VaultSshEngine, VaultSshRoleArgs, VaultSshRoles
from support.mocks import Recording, record

USERS: VaultSshRoleArgs = {
    "users": ["deploy", "audit"],
    "extensions": ["permit-pty"],
    "ttl_seconds": 1800,
    "max_ttl_seconds": 3600,
}
HOSTS: VaultSshRoleArgs = {"host_domains": ["a.example"], "ttl_seconds": 60, "max_ttl_seconds": 120}


def _engine(**settings: bool) -> Recording:
    return record(lambda: VaultSshEngine("ssh", {"mount": "ssh-prod", **settings}))  # type: ignore[typeddict-item]


def _role(args: VaultSshRoleArgs) -> Recording:
    return record(lambda: VaultSshRoles("r", {"mount": "ssh-prod", "roles": {"payments.login": args}}))


def test_the_key_is_made_in_the_server_and_none_is_sent() -> None:
    made = _engine()
    assert made.named("ssh-mount").inputs == {"path": "ssh-prod", "type": "ssh", "description": "SSH certificates"}
    assert made.named("ssh-key").inputs == {"backend": "ssh-prod", "generateSigningKey": True, "keyType": "ssh-ed25519"}
    assert made.named("ssh-key").depends_on >= {"ssh-mount"}
    assert made.named("ssh-key").deleted_with == "ssh-mount"


def test_mount_and_key_are_protected_unless_that_is_not_wanted() -> None:
    assert {leaf.name for leaf in _engine().leaves if leaf.protect} == {"ssh-mount", "ssh-key"}
    assert not [leaf for leaf in _engine(protect_data=False).leaves if leaf.protect]


def test_roles_wait_for_the_key_and_not_for_the_mount_alone() -> None:
    def program() -> None:
        engine = VaultSshEngine("ssh", {"mount": "ssh-prod"})
        VaultSshRoles("r", {"mount": engine.mount, "roles": {"payments.login": USERS}})

    assert "ssh-key" in record(program).named("r-payments.login").depends_on


def test_a_role_for_users_lists_them_and_signs_no_hosts() -> None:
    assert _role(USERS).named("r-payments.login").inputs == {
        "name": "payments.login",
        "backend": "ssh-prod",
        "keyType": "ca",
        "allowUserCertificates": True,
        "allowHostCertificates": False,
        "allowedUsers": "deploy,audit",
        "defaultUser": "deploy",
        "allowedExtensions": "permit-pty",
        "defaultExtensions": {"permit-pty": ""},
        "allowBareDomains": False,
        "allowSubdomains": False,
        "ttl": "1800",
        "maxTtl": "3600",
    }


def test_a_role_for_hosts_lists_them_and_signs_no_users() -> None:
    inputs = _role({**HOSTS, "allow_subdomains": True}).named("r-payments.login").inputs
    assert inputs == {
        "name": "payments.login",
        "backend": "ssh-prod",
        "keyType": "ca",
        "allowUserCertificates": False,
        "allowHostCertificates": True,
        "allowedDomains": "a.example",
        "allowBareDomains": True,
        "allowSubdomains": True,
        "ttl": "60",
        "maxTtl": "120",
    }


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"users": ["root"]}, "has the principal 'root'"),
        ({"users": ["*"]}, "has the principal '\\*'"),
        ({"users": ["deploy,root"]}, "has the principal 'deploy,root'"),
        ({"host_domains": ["*.example"]}, "names exactly one of users and host_domains"),
        ({"users": []}, "names exactly one of users and host_domains"),
    ],
)
def test_what_would_be_everybody_or_nobody_is_refused(wrong: VaultSshRoleArgs, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        _role({**USERS, **wrong})


def test_a_pattern_of_hosts_is_refused() -> None:
    with pytest.raises(ValueError, match=r"has the principal '\*\.example'"):
        _role({**HOSTS, "host_domains": ["*.example"]})
