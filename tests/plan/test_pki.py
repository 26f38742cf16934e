"""TLS certificates: what people may write, what is planned from it, and what is refused with its place and remedy."""

from pathlib import Path

import pytest

from strongroom.vault.pki.plan import PkiAcme, PkiAuthority, PkiRole
from strongroom.vault.policy.plan import Policy
from support.docs import example
from support.projects import COMMON, IDENTITY, PAYMENTS, PROD, ProjectFolder

ENGINE = """\
    pki:
      root: {common_name: Root, ttl: 3650d}
      intermediate: {common_name: Issuing, ttl: 1825d}
      domains: {payments: [payments.example], identity: [identity.example]}
      crl: {expiry: 72h}
"""
WEB = "  web: {certificate: {allowed_domains: [web.payments.example]}}\n"


@pytest.fixture
def folder(folder: ProjectFolder) -> ProjectFolder:
    """The sound project with a PKI engine, certificates and a grant of them."""
    folder.replace(COMMON, "  policies:\n", f"{ENGINE}  policies:\n")
    folder.replace(PAYMENTS, "grants:\n", f"{WEB}grants:\n")
    return folder.append(PAYMENTS, "  - {workload: checkout, secret: web, can: [issue, revoke]}\n")


def test_a_root_an_issuing_authority_and_a_role_are_planned(folder: ProjectFolder) -> None:
    assert folder.problems() == []
    plan = folder.plan("prod")
    assert [(a.mount, a.signed_by, a.common_name, a.key_bits, a.protect) for a in plan.of(PkiAuthority)] == [
        ("pki-prod", "pki-prod-root", "Issuing", 384, True),
        ("pki-prod-root", "", "Root", 384, True),
    ]
    assert plan.of(PkiRole) == (
        PkiRole(
            slice="payments",
            mount="pki-prod",
            name="payments.web",
            allowed_domains=("web.payments.example",),
            allow_subdomains=False,
            usages=("server",),
            key_type="ec",
            key_bits=256,
            ttl_seconds=86400,
            max_ttl_seconds=2592000,
        ),
    )


def test_a_grant_gives_the_paths_of_its_verbs_and_nothing_more(folder: ProjectFolder) -> None:
    (policy,) = (policy for policy in folder.plan("prod").of(Policy) if policy.name == "prod.payments.checkout")
    assert {rule.path: rule.capabilities for rule in policy.rules if rule.path.startswith("pki")} == {
        "pki-prod/issue/payments.web": ("update",),
        "pki-prod/revoke-with-key": ("update",),
    }


def test_an_authority_has_one_issuer_which_issues_unless_more_are_named(folder: ProjectFolder) -> None:
    def issuers() -> tuple[tuple[int, ...], int, str]:
        (authority,) = (a for a in folder.plan("prod").of(PkiAuthority) if a.signed_by)
        return authority.generations, authority.issuing_generation, authority.leaf_not_after_behavior

    assert issuers() == ((1,), 1, "err")
    folder.replace(COMMON, "ttl: 1825d}", "ttl: 1825d, generations: [1, 2], leaf_not_after_behavior: truncate}")
    assert issuers() == ((1, 2), 2, "truncate")
    folder.replace(COMMON, "[1, 2],", "[1, 2], issuing_generation: 1,")
    assert issuers() == ((1, 2), 1, "truncate")
    (root,) = (a for a in folder.plan("prod").of(PkiAuthority) if not a.signed_by)
    assert (root.generations, root.leaf_not_after_behavior) == ((1,), "err")


@pytest.fixture
def acme(folder: ProjectFolder) -> ProjectFolder:
    """The project with ACME, for one of two certificates."""
    folder.replace(COMMON, "      crl:", "      base_url: https://vault.example:8200/\n      acme: {}\n      crl:")
    folder.replace(PAYMENTS, "grants:\n", f"{WEB.replace('web', 'api')}grants:\n")
    folder.replace(PAYMENTS, "[web.payments.example]}", "[web.payments.example], acme: true}")
    return folder.append(PAYMENTS, "  - {workload: settlement, secret: web, can: [acme]}\n")


def test_acme_is_for_the_certificates_that_say_so(acme: ProjectFolder) -> None:
    assert acme.problems() == []
    plan = acme.plan("prod")
    assert plan.of(PkiAcme) == (
        PkiAcme(
            slice="platform",
            mount="pki-prod",
            enabled=True,
            api_url="https://vault.example:8200/v1",
            eab_policy="always-required",
            allowed_roles=("payments.web",),
            allowed_issuers=("generation-1",),
            default_role="",
            dns_resolver="",
            max_ttl_seconds=0,
        ),
    )
    assert {role.name: role.slice for role in plan.of(PkiRole)} == {
        "payments.api": "payments",
        "payments.web": "platform",
    }
    assert {authority.mount: authority.acme for authority in plan.of(PkiAuthority)} == {
        "pki-prod": True,
        "pki-prod-root": False,
    }


def test_acme_that_nobody_asks_for_is_off_and_says_so(folder: ProjectFolder) -> None:
    (off,) = folder.plan("prod").of(PkiAcme)
    assert (off.enabled, off.allowed_roles, off.allowed_issuers) == (False, (), ())


def test_the_default_directory_is_that_of_one_named_secret(acme: ProjectFolder) -> None:
    acme.replace(COMMON, "acme: {}", "acme: {default_directory: payments/web, eab_policy: not-required}")
    assert acme.problems() == []
    (record,) = acme.plan("prod").of(PkiAcme)
    assert (record.default_role, record.eab_policy) == ("payments.web", "not-required")


def test_whoever_vouches_for_accounts_may_do_that_and_no_more(acme: ProjectFolder) -> None:
    (policy,) = (policy for policy in acme.plan("prod").of(Policy) if policy.name == "prod.payments.settlement")
    assert {rule.path: rule.capabilities for rule in policy.rules if rule.path.startswith("pki")} == {
        "pki-prod/roles/payments.web/acme/new-eab": ("update",)
    }


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (COMMON, "acme: {}", "acme: {eab_policy: never}", "eab_policy"),
        (COMMON, "acme: {}", "acme: {dns_resolver: 127.0.0.1}", "dns_resolver"),
        (COMMON, "acme: {}", "acme: {allowed_roles: ['*']}", "unknown key"),
        (COMMON, "      base_url: https://vault.example:8200/\n", "", "acme needs base_url"),
        (COMMON, "acme: {}", "acme: {default_directory: payments/api}", "there is no secret 'payments/api' in dev"),
        (COMMON, "acme: {}", "acme: {default_directory: payments/wev}", "did you mean 'payments/web'?"),
        (COMMON, "      acme: {}\n", "", "certificates are not given by ACME in dev"),
        (PAYMENTS, ", acme: true", "", "the certificates of 'web' are not given by ACME"),
    ],
)
def test_acme_without_what_it_needs_is_refused(
    acme: ProjectFolder, file: str, old: str, new: str, problem: str
) -> None:
    assert any(problem in said for said in acme.replace(file, old, new).problems())


def test_a_limit_of_acme_that_the_server_does_not_have_is_refused(acme: ProjectFolder) -> None:
    acme.replace(COMMON, "acme: {}", "acme: {max_ttl: 30d}")
    assert acme.problems() == []
    assert [record.max_ttl_seconds for record in acme.plan("prod").of(PkiAcme)] == [30 * 86400]
    said = acme.replace(COMMON, "\nvault:\n", "\nvault:\n  flavour: openbao\n").problems()
    assert any("has no `max_ttl` of ACME in PKI" in problem for problem in said)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("generations: []", "needs at least 1"),
        ("generations: [2, 1]", "the generations [2, 1] are not in order"),
        ("generations: [1, 1]", "the generations [1, 1] are not in order"),
        ("generations: [0]", "must be at least 1"),
        ("generations: [1, 2], issuing_generation: 3", "issuing_generation 3 is none of [1, 2]"),
        ("leaf_not_after_behavior: permit", "permit"),
    ],
)
def test_issuers_that_cannot_be_are_refused(folder: ProjectFolder, written: str, problem: str) -> None:
    said = folder.replace(COMMON, "ttl: 1825d}", f"ttl: 1825d, {written}}}").problems()
    assert problem in said[0]
    assert said[0].startswith(COMMON)


def test_a_root_has_no_generations(folder: ProjectFolder) -> None:
    said = folder.replace(COMMON, "ttl: 3650d}", "ttl: 3650d, generations: [1, 2]}").problems()
    assert "unknown key" in said[0]


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (PAYMENTS, "[web.payments.example]", "['*.payments.example']", "a domain with '*' would stand for names"),
        (PAYMENTS, "[web.payments.example]", "['*']", "a domain with '*' would stand for names"),
        (PAYMENTS, "[web.payments.example]", "[example]", "'example' is a single label"),
        (PAYMENTS, "[web.payments.example]", "[]", "needs at least 1"),
        (PAYMENTS, "[web.payments.example]}", "[web.payments.example], allow_any_name: true}", "unknown key"),
        (PAYMENTS, "[web.payments.example]}", "[web.payments.example], ttl: 31d}", "ttl 31d is longer than max_ttl"),
        (PAYMENTS, "[web.payments.example]}", "[web.payments.example], key_bits: 1024}", "do not have 1024 bits"),
        (PAYMENTS, "can: [issue, revoke]", "can: [read]", "'read' is not possible for TLS certificates"),
        (COMMON, "ttl: 1825d", "ttl: 3650d", "an authority cannot outlive the one that signed it"),
        (COMMON, "crl: {expiry: 72h}", "crl: {expiry: 12h}", "rebuild_before 12h is not shorter than expiry 12h"),
    ],
)
def test_what_would_give_too_much_or_cannot_work_is_refused(
    folder: ProjectFolder, file: str, old: str, new: str, problem: str
) -> None:
    said = folder.replace(file, old, new).problems()
    assert problem in said[0]
    assert said[0].startswith(file)


def test_a_domain_that_the_platform_gave_to_another_team_is_refused(folder: ProjectFolder) -> None:
    said = folder.replace(IDENTITY, "grants:\n", f"{WEB}grants:\n").problems()
    assert "team identity may have no certificate for 'web.payments.example' in dev" in said[0]
    assert said[0].endswith("gives it: identity.example")


def test_a_certificate_cannot_outlive_its_authority(folder: ProjectFolder) -> None:
    said = folder.replace(COMMON, "ttl: 1825d", "ttl: 29d").problems()
    assert "max_ttl 30d is longer than the authority itself lives in dev, 29d; lower max_ttl" in said[0]


def test_certificates_need_an_engine(folder: ProjectFolder) -> None:
    said = folder.append(PROD, "vault: {engines: {pki: null}}\n").problems()
    assert "there is no PKI engine in prod" in said[0]


def test_the_example_of_the_documentation_is_what_the_page_says(tmp_path: Path) -> None:
    project = example("vault/pki.md", tmp_path)
    assert project.problems() == []
    assert [role.name for role in project.plan("prod").of(PkiRole)] == [
        "payments.checkout-tls",
        "payments.ingress-tls",
    ]
