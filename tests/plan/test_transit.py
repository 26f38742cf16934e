"""Encryption keys: what may be written, what is planned, and what each verb gives."""

from pathlib import Path

import pytest

from strongroom.vault.policy.plan import Policy
from strongroom.vault.transit.plan import VERBS, TransitKey, TransitMount
from strongroom.vault.transit.spec import TYPES
from support.docs import example
from support.projects import COMMON, PAYMENTS, PROD, ProjectFolder
from support.toolchain import ROOT

SECRETS = "secrets:\n  stripe:"
GRANT = "  - {workload: checkout, secret: stripe, can: [read]}\n"


def _with_key(folder: ProjectFolder, key: str = "{}", can: str = "encrypt", engine: str = "{}") -> ProjectFolder:
    """A key `card` of team payments, that workload checkout may do something with."""
    folder.replace(COMMON, "  engines:\n", f"  engines:\n    transit: {engine}\n")
    folder.replace(PAYMENTS, SECRETS, f"secrets:\n  card:\n    encryption_key: {key}\n  stripe:")
    return folder.replace(PAYMENTS, GRANT, f"{GRANT}  - {{workload: checkout, secret: card, can: [{can}]}}\n")


def _key(folder: ProjectFolder, stack: str = "prod") -> TransitKey:
    (found,) = folder.plan(stack).of(TransitKey)
    return found


def _rules(folder: ProjectFolder, stack: str = "prod") -> dict[str, tuple[str, ...]]:
    """What the policy of checkout says about the engine."""
    (policy,) = [p for p in folder.plan(stack).of(Policy) if p.name == f"{stack}.payments.checkout"]
    return {rule.path: rule.capabilities for rule in policy.rules if rule.path.startswith("transit")}


def test_a_key_without_settings_is_safe(folder: ProjectFolder) -> None:
    assert _with_key(folder).problems() == []
    assert _key(folder) == TransitKey(
        slice="payments",
        mount="transit-prod",
        name="payments.card",
        type="aes256-gcm96",
        rotate_every_seconds=90 * 86400,
        min_decryption_version=1,
        derived=False,
        convergent_encryption=False,
        protect=True,
    )
    assert folder.plan("prod").of(TransitMount) == (TransitMount(slice="platform", mount="transit-prod", protect=True),)
    assert not _key(folder, "dev").protect


def test_a_key_has_all_settings_that_were_written(folder: ProjectFolder) -> None:
    _with_key(folder, "{type: chacha20-poly1305, rotate_every: 1h, derived: true, convergent_encryption: true}")
    key = _key(folder)
    assert (key.type, key.rotate_every_seconds, key.derived, key.convergent_encryption) == (
        "chacha20-poly1305",
        3600,
        True,
        True,
    )


def test_a_key_may_say_that_it_is_never_rotated(folder: ProjectFolder) -> None:
    assert _key(_with_key(folder, "{rotate_every: never}")).rotate_every_seconds == 0


def test_versions_are_forbidden_environment_by_environment(folder: ProjectFolder) -> None:
    _with_key(folder, "{min_decryption_versions: {prod: 3}}")
    assert {stack: _key(folder, stack).min_decryption_version for stack in ("dev", "prod")} == {"dev": 1, "prod": 3}


def test_the_mount_can_be_chosen(folder: ProjectFolder) -> None:
    folder.append(PROD, "vault: {engines: {transit: {mount: crypto-of-prod}}}\n")
    assert _key(_with_key(folder)).mount == "crypto-of-prod"
    assert _key(folder, "dev").mount == "transit-dev"


def test_two_environments_on_one_mount_are_refused(folder: ProjectFolder) -> None:
    folder.append(PROD, "vault: {engines: {transit: {mount: transit-dev}}}\n")
    found = _with_key(folder).problems()
    assert len(found) == 2
    assert "vault.engines.transit: is mounted at 'transit-dev', which belongs to environment dev" in found[1]


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_a_verb_gives_update_on_its_own_path_of_that_key_alone(folder: ProjectFolder, verb: str) -> None:
    """`create` would let an encryption make a key that does not exist."""
    _with_key(folder, "{type: rsa-3072}", verb)
    parts = ["datakey/plaintext", "datakey/wrapped"] if verb == "datakey" else [verb]
    assert _rules(folder) == {f"transit-prod/{part}/payments.card": ("update",) for part in parts}


def test_a_grant_of_several_verbs_gives_the_path_of_each(folder: ProjectFolder) -> None:
    assert list(_rules(_with_key(folder, can="encrypt, decrypt"), "dev")) == [
        "transit-dev/decrypt/payments.card",
        "transit-dev/encrypt/payments.card",
    ]


def test_using_a_key_gives_no_lease_and_so_no_right_to_extend_one(folder: ProjectFolder) -> None:
    (policy,) = [p for p in _with_key(folder).plan("prod").of(Policy) if p.name == "prod.payments.checkout"]
    assert not [rule.path for rule in policy.rules if "leases" in rule.path]


@pytest.mark.parametrize(("key_type", "verb"), [(t, v) for t in TYPES for v in VERBS])
def test_a_verb_that_the_type_does_not_have_is_refused_with_those_it_has(
    folder: ProjectFolder, key_type: str, verb: str
) -> None:
    found = _with_key(folder, f"{{type: {key_type}}}", verb).problems()
    refusal = (
        f"catalog/payments.yaml:17:46: grants[1].can[0]: '{verb}' is not possible for keys of type {key_type}; "
        f"possible: {', '.join(TYPES[key_type])}"
    )
    assert found == ([] if verb in TYPES[key_type] else [refusal])


def test_a_key_is_not_read_or_written(folder: ProjectFolder) -> None:
    assert _with_key(folder, can="read").problems() == [
        "catalog/payments.yaml:17:46: grants[1].can[0]: 'read' is not possible for encryption keys; "
        f"possible: {', '.join(VERBS)}"
    ]


def test_stored_values_and_credentials_have_no_cryptographic_verbs(folder: ProjectFolder) -> None:
    folder.replace(PAYMENTS, "secret: stripe, can: [read]", "secret: stripe, can: [decrypt]")
    assert folder.problems() == [
        "catalog/payments.yaml:14:48: grants[0].can[0]: 'decrypt' is not possible for stored values; "
        "possible: read, write, delete"
    ]


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("{type: rsa-1024}", ".type: "),
        ("{exportable: true}", ".exportable: unknown key"),
        ("{allow_plaintext_backup: true}", ".allow_plaintext_backup: unknown key"),
        ("{deletion_allowed: true}", ".deletion_allowed: unknown key"),
        ("{rotate_every: 59m}", ".rotate_every: the server rotates every 1h at most, and 59m is shorter; "
         "write a longer duration, or never"),
        ("{rotate_every: null}", ".rotate_every: "),
        ("{rotate_every: 0s}", ".rotate_every: the duration is 0"),
        ("{min_decryption_versions: {prod: 0}}", ".min_decryption_versions.prod: "),
        ("{min_decryption_versions: {prod: '2'}}", ".min_decryption_versions.prod: "),
        ("{min_decryption_versions: {prd: 2}}",
         ".min_decryption_versions.prd: there is no environment 'prd'; did you mean 'prod'?"),
        ("{convergent_encryption: true}",
         ": convergent_encryption needs a derived key; set `derived: true`, or leave it out"),
        ("{type: ed25519, derived: true, convergent_encryption: true}",
         ": keys of type ed25519 do not encrypt; leave convergent_encryption out"),
        ("{type: rsa-2048, derived: true}",
         ": keys of type rsa-2048 cannot be derived; types that can be: aes256-gcm96, chacha20-poly1305, ed25519"),
        ("{}\n    store: kv", ": store has no meaning beside encryption_key; leave it out"),
    ],
)  # fmt: skip
def test_what_cannot_work_or_is_not_safe_is_refused(folder: ProjectFolder, key: str, problem: str) -> None:
    (found,) = _with_key(folder, key, can="verify").problems()
    assert f"secrets.card{'' if 'store' in problem else '.encryption_key'}{problem}" in found


def test_a_key_in_an_environment_without_the_engine_is_refused(folder: ProjectFolder) -> None:
    folder.replace(PAYMENTS, SECRETS, "secrets:\n  card:\n    encryption_key: {}\n  stripe:")
    assert folder.problems() == [
        f"catalog/payments.yaml:9:21: secrets.card.encryption_key: there is no transit engine in {name}; "
        "add `vault: {engines: {transit: {}}}` to the environment file, or limit `environments`"
        for name in ("dev", "prod")
    ]
    folder.replace(PAYMENTS, "encryption_key: {}", "encryption_key: {}\n    environments: [prod]")
    folder.append(PROD, "vault: {engines: {transit: {}}}\n")
    assert folder.problems() == []
    assert [len(folder.plan(stack).of(TransitMount)) for stack in ("dev", "prod")] == [0, 1]


def test_another_team_is_given_a_key_by_the_team_that_owns_it(folder: ProjectFolder) -> None:
    _with_key(folder)
    folder.append(PAYMENTS, "  - {workload: identity/login, secret: card, can: [decrypt]}\n")
    (policy,) = [p for p in folder.plan("prod").of(Policy) if p.name == "prod.identity.login"]
    assert [rule.path for rule in policy.rules if "transit" in rule.path] == ["transit-prod/decrypt/payments.card"]


def test_the_example_of_the_documentation_is_sound_and_gives_what_the_page_says(tmp_path: Path) -> None:
    example_of_page = example("vault/transit.md", tmp_path)
    assert example_of_page.problems() == []
    plan = example_of_page.plan("prod")
    assert [f"{key.mount}/keys/{key.name}" for key in plan.of(TransitKey)] == [
        "transit-prod/keys/shop.card",
        "transit-prod/keys/shop.email",
        "transit-prod/keys/shop.invoices",
    ]
    page = (ROOT / "docs/vault/transit.md").read_text("utf-8")
    for key_type, verbs in TYPES.items():
        (row,) = [line for line in page.splitlines() if line.startswith("|") and f"`{key_type}`" in line.split("|")[1]]
        assert row.split("|")[2].split() == [f"`{verb}`" for verb in verbs]


def test_a_broken_engine_is_one_mistake_and_not_one_of_every_key(folder: ProjectFolder) -> None:
    (found,) = _with_key(folder, engine="{mont: crypto}").problems()
    assert "vault.engines.transit.mont: unknown key; did you mean 'mount'?" in found
