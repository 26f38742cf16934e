"""One-time codes: what people may write, what is planned from it, and what is refused with its place and remedy."""

from pathlib import Path

import pytest

from strongroom.values.channel import declared, find, generated
from strongroom.vault.policy.plan import Policy
from strongroom.vault.totp.plan import TotpKey, TotpMount, TotpSharedKey
from support.docs import example
from support.projects import COMMON, PAYMENTS, PROD, ProjectFolder

OTP = "  otp: {totp: {issuer: Acme, account: payments@acme.example}}\n"


@pytest.fixture
def folder(folder: ProjectFolder) -> ProjectFolder:
    """The sound project with a TOTP engine, a key and grants of both verbs."""
    folder.replace(COMMON, "  policies:\n", "    totp: {}\n  policies:\n")
    folder.replace(PAYMENTS, "grants:\n", f"{OTP}grants:\n")
    folder.append(PAYMENTS, "  - {workload: checkout, secret: otp, can: [code]}\n")
    return folder.append(PAYMENTS, "  - {workload: settlement, secret: otp, can: [validate]}\n")


def test_a_mount_and_a_key_are_planned(folder: ProjectFolder) -> None:
    assert folder.problems() == []
    plan = folder.plan("prod")
    assert plan.of(TotpMount) == (TotpMount(slice="platform", mount="totp-prod", protect=True),)
    assert plan.of(TotpKey) == (
        TotpKey(
            slice="payments",
            mount="totp-prod",
            name="payments.otp",
            issuer="Acme",
            account="payments@acme.example",
            period_seconds=30,
            algorithm="SHA256",
            digits=6,
            skew_periods=1,
            protect=True,
        ),
    )


def test_a_key_that_another_service_gave_is_brought_and_not_deployed(folder: ProjectFolder) -> None:
    folder.replace(PAYMENTS, "issuer: Acme,", "origin: shared, issuer: Bank,")
    assert folder.problems() == []
    plan = folder.plan("prod")
    assert plan.of(TotpKey) == ()
    assert plan.of(TotpSharedKey) == (
        TotpSharedKey(
            slice="payments",
            team="payments",
            name="otp",
            mount="totp-prod",
            path="payments.otp",
            issuer="Bank",
            account="payments@acme.example",
            period_seconds=30,
            algorithm="SHA1",
            digits=6,
        ),
    )
    assert find(plan, "payments/otp").fields == ("key",)
    assert [secret.key for secret in declared(plan) if secret not in generated(plan)] == ["payments/otp"]


def test_who_is_given_codes_checks_none_and_who_checks_them_is_given_none(folder: ProjectFolder) -> None:
    rules = {
        policy.name: {rule.path: rule.capabilities for rule in policy.rules if rule.path.startswith("totp")}
        for policy in folder.plan("prod").of(Policy)
    }
    assert rules["prod.payments.checkout"] == {"totp-prod/code/payments.otp": ("read",)}
    assert rules["prod.payments.settlement"] == {"totp-prod/code/payments.otp": ("update",)}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("issuer: Acme", "issuer: 'Acme: Payments'", "issuer"),
        ("issuer: Acme", "issuer: Acme, period: 10s", "period 10s is not between 15s and 5m"),
        ("issuer: Acme", "issuer: Acme, period: 6m", "period 6m is not between 15s and 5m"),
        ("issuer: Acme", "issuer: Acme, digits: 7", "the server makes no codes of 7 digits; write 6 or 8"),
        ("issuer: Acme", "issuer: Acme, skew: 2", "skew 2 is not 0 or 1"),
        ("issuer: Acme", "issuer: Acme, algorithm: MD5", "MD5"),
        ("issuer: Acme", "issuer: Acme, key: GEZDGNBVGY3TQOJQ", "unknown key"),
        ("issuer: Acme", "issuer: Acme, origin: shared, skew: 0", "the skew of a shared key is always 1"),
        ("issuer: Acme, ", "", "issuer"),
        ("can: [code]", "can: [read]", "'read' is not possible for one-time codes; possible: code, validate"),
    ],
)
def test_what_a_server_cannot_serve_is_refused(folder: ProjectFolder, old: str, new: str, problem: str) -> None:
    said = folder.replace(PAYMENTS, old, new).problems()
    assert problem in said[0]
    assert said[0].startswith(PAYMENTS)


def test_one_time_codes_need_an_engine(folder: ProjectFolder) -> None:
    said = folder.append(PROD, "vault: {engines: {totp: null}}\n").problems()
    assert "secrets.otp.totp: there is no TOTP engine in prod" in said[0]


def test_the_example_of_the_documentation_is_what_the_page_says(tmp_path: Path) -> None:
    project = example("vault/totp.md", tmp_path)
    assert project.problems() == []
    assert [key.name for key in project.plan("prod").of(TotpKey)] == ["payments.approval"]
