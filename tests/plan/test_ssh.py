"""SSH certificates: what people may write, what is planned from it, and what is refused with its place and remedy."""

from pathlib import Path

import pytest

from strongroom.vault.policy.plan import Policy
from strongroom.vault.ssh.plan import SshMount, SshRole
from support.docs import example
from support.projects import COMMON, IDENTITY, PAYMENTS, PROD, ProjectFolder

ENGINE = """\
    ssh:
      principals: {payments: [deploy, audit], identity: [audit]}
      host_domains: {payments: [payments.acme.example]}
"""
LOGIN = "  deploy-login: {ssh_certificate: {user: {principals: [deploy]}}}\n"
HOST = "  web-host: {ssh_certificate: {host: {domains: [www.payments.acme.example]}}}\n"


@pytest.fixture
def folder(folder: ProjectFolder) -> ProjectFolder:
    """The sound project with an SSH engine, a user's and a host's certificates, and a grant of the first."""
    folder.replace(COMMON, "  policies:\n", f"{ENGINE}  policies:\n")
    folder.replace(PAYMENTS, "grants:\n", f"{LOGIN}{HOST}grants:\n")
    return folder.append(PAYMENTS, "  - {workload: checkout, secret: deploy-login, can: [sign]}\n")


def test_the_project_is_sound(folder: ProjectFolder) -> None:
    assert folder.problems() == []


def test_an_engine_and_a_role_for_each_secret_are_planned(folder: ProjectFolder) -> None:
    plan = folder.plan("prod")
    assert plan.of(SshMount) == (SshMount(slice="platform", mount="ssh-prod", key_type="ssh-ed25519", protect=True),)
    assert plan.of(SshRole) == (
        SshRole(
            slice="payments",
            mount="ssh-prod",
            name="payments.deploy-login",
            users=("deploy",),
            extensions=("permit-pty",),
            host_domains=(),
            allow_subdomains=False,
            ttl_seconds=1800,
            max_ttl_seconds=3600,
        ),
        SshRole(
            slice="payments",
            mount="ssh-prod",
            name="payments.web-host",
            users=(),
            extensions=(),
            host_domains=("www.payments.acme.example",),
            allow_subdomains=False,
            ttl_seconds=604800,
            max_ttl_seconds=2592000,
        ),
    )


def test_a_grant_gives_the_signing_path_of_its_own_role_and_nothing_more(folder: ProjectFolder) -> None:
    policies = {policy.name: policy for policy in folder.plan("prod").of(Policy)}
    rules = {rule.path: rule.capabilities for rule in policies["prod.payments.checkout"].rules}
    assert {path: what for path, what in rules.items() if path.startswith("ssh")} == {
        "ssh-prod/sign/payments.deploy-login": ("update",)
    }
    # Nothing leases a certificate, so there is nothing to renew.
    assert "sys/leases/renew" not in rules


def test_a_mount_of_its_own_is_used_everywhere(folder: ProjectFolder) -> None:
    folder.replace(COMMON, "    ssh:\n", '    ssh:\n      mount: "ssh/{{ environment }}/ca"\n')
    plan = folder.plan("dev")
    assert {record.mount for record in (*plan.of(SshMount), *plan.of(SshRole))} == {"ssh/dev/ca"}
    assert any(rule.path.startswith("ssh/dev/ca/sign/") for policy in plan.of(Policy) for rule in policy.rules)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("[deploy]}}", "[root]}}", "the principal 'root' would give every host away; let an ordinary user call sudo"),
        (
            "[deploy]}}",
            "['*']}}",
            "the principal '*' would let a certificate log in as everybody; list each user name",
        ),
        ("[deploy]}}", "['a,root']}}", "the principal has ',' at character 2"),
        ("[deploy]}}", "[]}}", "needs at least 1"),
        ("[deploy]}}", "[deploy], ttl: 2h}}", "ttl 2h is longer than max_ttl 1h; lower ttl or raise max_ttl"),
        (
            "[deploy]}}",
            "[deploy], max_ttl: 25h}}",
            "max_ttl 25h is longer than 1d; a certificate cannot be taken back; let the workload ask for a new one",
        ),
        ("[deploy]}}", "[deploy], extensions: [permit-everything]}}", "permit-pty"),
        ("[www.payments.acme.example]", "['*.acme.example']", "a domain with '*' would stand for names that nobody"),
        ("[www.payments.acme.example]", "[example]", "'example' is a single label"),
        ("[www.payments.acme.example]", "[10.0.0.1]", "'10.0.0.1' is an address and not a domain"),
        ("[www.payments.acme.example]", "[WWW.acme.example]", "the domain has 'W' at character 1"),
        ("{user: {principals: [deploy]}}", "{}", "name exactly one of: user, host"),
        (
            "{user: {principals: [deploy]}}",
            "{user: {principals: [deploy]}, host: {domains: [a.example]}}",
            "kind of SSH certificate is given as user and host at once",
        ),
    ],
)
def test_what_would_give_too_much_is_refused(folder: ProjectFolder, old: str, new: str, problem: str) -> None:
    (said,) = folder.replace(PAYMENTS, old, new).problems()
    assert problem in said
    assert said.startswith(f"{PAYMENTS}:1")


def test_a_platform_cannot_hand_out_root_either(folder: ProjectFolder) -> None:
    (said,) = folder.replace(COMMON, "identity: [audit]", "identity: [root]").problems()
    assert said.startswith(f"{COMMON}:23:58: vault.engines.ssh.principals.identity[0]: the principal 'root'")


def test_a_principal_that_the_platform_gave_to_another_team_is_refused(folder: ProjectFolder) -> None:
    folder.replace(IDENTITY, "grants:\n", f"{LOGIN}grants:\n")
    said = folder.problems()
    assert [line.partition(": secrets")[2] for line in said] == [
        ".deploy-login.ssh_certificate.user.principals[0]: team identity may not log in as 'deploy' in "
        f"{environment}; vault.engines.ssh.principals of the environment file gives it: audit"
        for environment in ("dev", "prod")
    ]


def test_a_host_outside_the_domains_of_its_team_is_refused(folder: ProjectFolder) -> None:
    folder.replace(PAYMENTS, "www.payments.acme.example", "notpayments.acme.example")
    said = folder.problems()
    assert len(said) == 2
    assert "team payments may have no host 'notpayments.acme.example' in dev; " in said[0]
    assert said[0].endswith("gives it: payments.acme.example")


def test_certificates_need_an_engine(folder: ProjectFolder) -> None:
    folder.append(PROD, "vault: {engines: {ssh: null}}\n")
    said = folder.problems()
    assert [line.partition("ssh_certificate: ")[2] for line in said] == [
        "there is no SSH engine in prod; "
        "add `vault: {engines: {ssh: {}}}` to the environment file, or limit `environments`"
    ] * 2


def test_a_mistake_in_the_engine_is_one_complaint_and_not_one_of_each_secret(folder: ProjectFolder) -> None:
    (said,) = folder.replace(COMMON, "    ssh:\n", "    ssh:\n      key_type: dsa\n").problems()
    assert "vault.engines.ssh.key_type" in said


def test_verbs_of_other_kinds_of_secret_are_refused(folder: ProjectFolder) -> None:
    said = folder.replace(PAYMENTS, "can: [sign]", "can: [sign, read]").problems()
    assert "'read' is not possible for SSH certificates; possible: sign" in said[0]


def test_two_engines_cannot_share_a_mount(folder: ProjectFolder) -> None:
    folder.replace(COMMON, "    ssh:\n", '    ssh:\n      mount: "database-{{ environment }}"\n')
    assert any("is mounted at 'database-dev', as is vault.engines.database" in line for line in folder.problems())


def test_the_example_of_the_documentation_is_what_the_page_says(tmp_path: Path) -> None:
    project = example("vault/ssh.md", tmp_path)
    assert project.problems() == []
    plan = project.plan("prod")
    assert [role.name for role in plan.of(SshRole)] == ["payments.bastion-host", "payments.deploy-login"]
    (release,) = (policy for policy in plan.of(Policy) if policy.name == "prod.payments.release")
    assert ("ssh-prod/sign/payments.deploy-login", ("update",)) in {(r.path, r.capabilities) for r in release.rules}
