"""Which server has which feature, and what a spec that needs more is told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from strongroom.spec.catalog import Secret
from strongroom.spec.environment import Environment
from strongroom.vault.profile import FEATURES, NEWEST, Needs, Profile, parse
from support.docs import example
from support.projects import PAYMENTS, PROD, ProjectFolder
from support.toolchain import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> ProjectFolder:
    return ProjectFolder(tmp_path)


def _on(folder: ProjectFolder, server: str, more: str = "") -> list[str]:
    return folder.append(PROD, f"vault: {{{server}{more}}}\n").problems()


TOTP = ", engines: {totp: {}}"
LEASES = ", quotas: {q: {lease_count: {mount: kv-prod, max_leases: 5}}}"


# What people are told.


@pytest.mark.parametrize(
    ("server", "more", "where", "problem"),
    [
        (
            "flavour: openbao, version: 2.7.2",
            LEASES,
            "vault.quotas.q.lease_count",
            "OpenBao 2.7.2 has no lease-count quotas; in HashiCorp Vault Enterprise since 1.5",
        ),
        (
            "flavour: vault, version: 1.21.0",
            ", namespace: {path: p}",
            "vault.namespace",
            "HashiCorp Vault 1.21.0 has no namespaces; in OpenBao since 2.3, in HashiCorp Vault Enterprise since 0.11",
        ),
        (
            "flavour: openbao, version: 2.2.2",
            ", namespace: {path: p}",
            "vault.namespace",
            "OpenBao 2.2.2 has no namespaces; in OpenBao since 2.3, in HashiCorp Vault Enterprise since 0.11",
        ),
        (
            "flavour: vault",
            LEASES,
            "vault.quotas.q.lease_count",
            "HashiCorp Vault 1.21.0 has no lease-count quotas; in HashiCorp Vault Enterprise since 1.5; the "
            "version is assumed, `version` declares the real one",
        ),
    ],
)
def test_a_spec_that_needs_what_the_server_lacks_is_told_at_its_key_who_has_it(
    folder: ProjectFolder, server: str, more: str, where: str, problem: str
) -> None:
    line = (folder.root / "stacks" / PROD).read_text("utf-8").count("\n") + 1
    column = len(f"vault: {{{server}, ") + 1 if "namespace" in where else f"vault: {{{server}{more}".index("lease") + 1
    assert _on(folder, server, more) == [f"{PROD}:{line}:{column}: {where}: {problem}"]


@pytest.mark.parametrize(
    ("server", "more"),
    [
        ("flavour: openbao", ", namespace: {path: p}"),
        ("flavour: openbao, version: 2.3.1", ", namespace: {path: p}"),
        ("flavour: vault, version: 1.15.6, edition: enterprise", ", namespace: {path: p}"),
        ("flavour: vault, version: 1.15.6, edition: enterprise", LEASES),
        ("flavour: openbao, version: 2.0.0", TOTP),
        ("flavour: vault, version: 1.4.0", TOTP),
    ],
)
def test_a_spec_that_needs_what_the_server_has_is_sound(folder: ProjectFolder, server: str, more: str) -> None:
    assert _on(folder, server, more) == []


def test_what_a_catalog_needs_is_told_in_the_catalog(folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a server of a version that had no such thing yet, whatever the thing is."""
    assert Needs("transit.auto_rotation") in _metadata(Secret)
    folder.append(PAYMENTS, "").replace(PAYMENTS, "  orders-db:\n", "  wire: {encryption_key: {}}\n  orders-db:\n")
    folder.append("environments/common.yaml", "")
    (found,) = [each for each in _on(folder, "version: 1.9.10", ", engines: {transit: {}}") if "auto" in each]
    assert found.startswith("catalog/payments.yaml:")
    assert ".encryption_key.rotate_every: HashiCorp Vault 1.9.10 has no auto-rotation of transit keys; " in found


@pytest.mark.parametrize(
    ("server", "problem"),
    [
        (
            "version: 1.21",
            "vault.version: a version is text, and without quotes YAML reads a number (1.10 would be 1.1)",
        ),
        ("version: latest", "vault.version: "),
        ("version: v1.2.3", "vault.version: "),
        ("flavour: openbao, edition: enterprise", "vault: OpenBao has one edition; leave `edition` out, or write"),
        ("edition: oss", "vault.edition: "),
    ],
)
def test_what_is_no_server_is_refused(folder: ProjectFolder, server: str, problem: str) -> None:
    (found,) = _on(folder, server)
    assert problem in found


# The table itself.


@pytest.mark.parametrize("name", FEATURES)
def test_every_row_of_the_table_can_be_judged_and_said(name: str) -> None:
    row = FEATURES[name]
    for since in (row.openbao, row.vault, row.enterprise, row.openbao_until):
        assert not since or parse(since)
    assert row.offers
    assert not row.what.endswith(".")
    # What somebody has, the newest of it has too, unless it was taken away.
    profiles = [Profile("openbao", NEWEST["openbao"]), Profile("vault", NEWEST["vault"], "enterprise")]
    assert row.openbao_until or any(profile.has(name) for profile in profiles)


@pytest.mark.parametrize(
    ("version", "since", "has"),
    [
        ("2.3.1", "2.3", True),
        ("2.3", "2.3.0", True),
        ("2.10.0", "2.3", True),
        ("2.2.9", "2.3", False),
        ("1.21.0+ent", "1.21", True),
    ],
)
def test_versions_compare_as_numbers(version: str, since: str, has: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    row = FEATURES["namespaces"]
    monkeypatch.setattr("strongroom.vault.profile.FEATURES", {"x": type(row)("x", since, since)})
    assert Profile("openbao", version).has("x") is has
    assert Profile("vault", version, "enterprise").has("x") is has


def test_what_was_taken_away_is_lacked_from_then_on() -> None:
    assert Profile("openbao", "2.3.1").has("audit.api")
    assert not Profile("openbao", "2.3.2").has("audit.api")
    assert Profile("vault", "1.21.0").has("audit.api")
    lacking = Profile("openbao", "2.7.2").lacks("audit.api")
    assert lacking is not None
    assert lacking[1] == "in OpenBao from 2.0 until 2.3.2, in HashiCorp Vault since 0.1"


def _models(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[type[BaseModel]]:
    if model in seen:
        return
    seen.add(model)
    yield model
    waiting: list[Any] = [field.annotation for field in model.model_fields.values()]
    while waiting:
        each = waiting.pop()
        if isinstance(each, type) and issubclass(each, BaseModel):
            yield from _models(each, seen)
        else:
            waiting += get_args(each)


def _fields(*models: type[BaseModel]) -> Iterator[tuple[str, Any, Needs]]:
    seen: set[type[BaseModel]] = set()
    for root in models:
        for model in _models(root, seen):
            for name, field in model.model_fields.items():
                for need in field.metadata:
                    if isinstance(need, Needs):
                        yield f"{model.__name__}.{name}", field.annotation, need


def _metadata(*models: type[BaseModel]) -> list[Needs]:
    return [need for *_, need in _fields(*models)]


def test_every_need_of_a_spec_is_in_the_table() -> None:
    found = list(_fields(Environment, Secret))
    assert {"Quota.lease_count", "Vault.namespace", "Engines.totp"} <= {where for where, *_ in found}
    for where, annotation, need in found:
        names = [need.of(value) for value in get_args(annotation)] if "{}" in need.feature else [need.feature]
        assert [name for name in names if name not in FEATURES] == [], where


def test_the_example_of_the_documentation_is_sound_and_refused_elsewhere_as_the_page_says(tmp_path: Path) -> None:
    folder = example("vault/server.md", tmp_path)
    assert folder.problems() == []
    folder.replace(PROD, "  flavour: openbao  ", "  flavour: vault    ")
    folder.replace(PROD, '  version: "2.7.2"  ', '  version: "1.21.0" ')
    (found,) = folder.problems()
    page = " ".join((ROOT / "docs/vault/server.md").read_text("utf-8").split())
    assert f"stacks/{found}" in page
