"""The table's facts against the official provider's, and against our own copy of them where that is not at hand."""

import json
from pathlib import Path

import pytest

from strongroom_sandbox.providers.vault.path_row import PathRow
from strongroom_sandbox.providers.vault.table import ROWS
from support.stand_in import Json

OWN_COPY = Path(__file__).parents[1] / "data" / "facts.json"
"""Replaced, required and secret inputs of the served types, taken from the file below."""
OFFICIAL = Path(__file__).parents[5] / "shared" / "reference" / "pulumi-vault-resources.json"
"""Every resource of the official provider; handed out beside the repository, not part of it."""

NEWER = {"jksPassword", "jksPrivateKeyAlias", "parameterSet", "pkcs12Encoder", "pkcs12Password", "certificateWo"}
"""Inputs of certificates and cert roles that the installed SDK has and the version that the facts are about has not."""

CHANGED = {"vault:index/certAuthBackendRole:CertAuthBackendRole": {"certificate"}}
"""Inputs that the installed version, as its SDK says, neither requires nor replaces on any more."""

DECIDED_LATER = {"vault:config/uiHeader:UiHeader": {"name"}}
"""Inputs that the official provider replaces on by what it decides when it compares; its schema, and so the facts, are
silent about those."""

FACTS: Json = json.loads(OWN_COPY.read_text())
BY_TOKEN = {row.token: row for row in ROWS}


def test_our_copy_of_the_facts_is_of_the_served_types_and_says_what_the_official_file_says() -> None:
    assert FACTS.keys() == BY_TOKEN.keys()
    if not OFFICIAL.exists():
        print("shared/reference is absent: our own copy of the facts stands alone")
        return
    official = json.loads(OFFICIAL.read_text())["resources"]
    for token, facts in FACTS.items():
        inputs = official[token]["inputs"]
        assert facts == {
            kind: sorted(name for name, fact in inputs.items() if fact.get(kind))
            for kind in ("replaces", "required", "secret")
        }, token


def test_the_installed_sdk_has_every_input_and_type_that_the_official_file_names() -> None:
    if not OFFICIAL.exists():
        print("shared/reference is absent: nothing to compare the SDK's types with")
        return
    official = json.loads(OFFICIAL.read_text())["resources"]
    scalars = {"string", "boolean", "integer", "number"}
    for token, row in BY_TOKEN.items():
        for name, fact in official[token]["inputs"].items():
            shape = row.inputs[name].shape
            if fact["type"] in scalars:
                assert shape.kind == fact["type"], f"{token} {name}"
            elif fact["type"].startswith("["):
                assert shape.kind == "list", f"{token} {name}"
            elif fact["type"].startswith("{"):
                assert shape.kind == "map", f"{token} {name}"
            else:
                assert shape.kind == "object", f"{token} {name}"


@pytest.mark.parametrize("token", sorted(FACTS))
def test_a_row_replaces_hides_and_requires_what_the_official_provider_does(token: str) -> None:
    row, facts = BY_TOKEN[token], FACTS[token]
    changed = CHANGED.get(token, set())
    later = DECIDED_LATER.get(token, set())
    assert sorted((row.replaces | changed) - NEWER - later) == facts["replaces"]
    assert sorted(name for name in row.secret - NEWER if name in row.inputs) == facts["secret"]
    assert sorted({name for name, wanted in row.inputs.items() if wanted.required} | changed) == facts["required"]


@pytest.mark.parametrize("token", sorted(FACTS))
def test_a_row_names_only_properties_that_the_sdk_has(token: str) -> None:
    row = BY_TOKEN[token]
    named = {
        *row.replaces, *row.secret, *row.defaults, *row.computed, *row.unordered, *row.same, *row.ephemeral,
        *row.replaces_if, *row.replaces_if.values(), *row.steady,
    }  # fmt: skip
    if isinstance(row, PathRow):
        named |= {*row.keys, *row.convert, *row.write_only, *row.flags, *row.unsaid, *row.zeroed}
    for name in named:
        block, _, nested = name.partition(".")
        assert block in row.outputs, f"{name} of {token}"
        assert not nested or nested in row.inputs[block].shape.inputs, f"{name} of {token}"


def test_no_type_is_served_twice() -> None:
    assert len(BY_TOKEN) == len(ROWS)
