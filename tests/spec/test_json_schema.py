"""The schemas that editors use: complete, committed, and of one opinion with the models."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from strongroom.spec.catalog import Catalog
from strongroom.spec.environment import Environment
from strongroom.spec.json_schema import schemas
from strongroom.spec.model import Model
from strongroom.spec.stack import Stack
from support.json_schema import failures, subschemas
from support.projects import FILES
from support.toolchain import ROOT

STACKS = ROOT / "stacks"
SCHEMAS: dict[str, dict[str, Any]] = {name: json.loads(text) for name, text in schemas().items()}
EXAMPLES = sorted([*STACKS.glob("catalog/*.yaml"), *STACKS.glob("environments/*.yaml")])


def _kind(path: str) -> str:
    return "catalog" if path.startswith("catalog") else "environment"


def _failures(kind: str, text: str) -> list[str]:
    return list(failures(SCHEMAS[kind], yaml.safe_load(text)))


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_committed_schema_is_what_the_models_make(name: str) -> None:
    committed = (STACKS / "schema" / f"{name}.schema.json").read_text(encoding="utf-8")
    assert committed == schemas()[name], "run `strongroom schema --write`"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_an_example_names_its_schema_and_fits_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    kind = _kind(path.parent.name)
    assert text.startswith(f"# yaml-language-server: $schema=../schema/{kind}.schema.json\n")
    assert _failures(kind, text) == []


@pytest.mark.parametrize("file", [file for file in FILES if "/" in file])
def test_a_project_that_checks_clean_fits_the_schemas(file: str) -> None:
    assert _failures(_kind(file), FILES[file]) == []


@pytest.mark.parametrize(
    ("kind", "text", "failure"),
    [
        ("catalog", "{team: a, secret: {}}", "$.secret: unknown"),
        ("catalog", "{}", "$: lacks team"),
        ("catalog", "{team: A}", "$.team: does not match"),
        ("catalog", "{team: a, secrets: {s: {fields: x}}}", "$.secrets.s.fields: is no array"),
        ("catalog", "{team: a, secrets: {s: {rotate_every: 90}}}", "$.secrets.s.rotate_every: is no string"),
        ("catalog", "{team: a, secrets: {'a*': {fields: [x]}}}", "$.secrets.a*: unknown"),
        ("catalog", "{team: a, workloads: {w: {runs_as: {}}}}", "$.workloads.w.runs_as: minProperties 1"),
        (
            "catalog",
            "{team: a, workloads: {w: {runs_as: {approle: {}, jwt: {}}}}}",
            "$.workloads.w.runs_as: maxProperties 1",
        ),
        ("catalog", "{team: a, grants: [{workload: w, secret: s, can: [look]}]}", "$.grants[0].can[0]: is none of"),
        ("catalog", "{team: a, grants: [{workload: w, secret: s, can: []}]}", "$.grants[0].can: minItems 1"),
        ("environment", "{protect: 1}", "$.protect: is no boolean"),
        (
            "environment",
            "{stores: {kv: {vault_kv: {max_versions: 0}}}}",
            "$.stores.kv.vault_kv.max_versions: minimum 1",
        ),
        ("environment", "{vault: {flavour: bao}}", "$.vault.flavour: is none of"),
    ],
)
def test_an_editor_sees_the_mistake(kind: str, text: str, failure: str) -> None:
    found = _failures(kind, text)
    assert any(line.startswith(failure) for line in found), found


@pytest.mark.parametrize(
    "text", ["{stores: {kv: null}}", "{vault: null}", "{vault: {auth: {x: {jwt: null, approle: {}}}}}"]
)
def test_an_environment_may_remove_with_null_what_it_extends(text: str) -> None:
    assert _failures("environment", text) == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_default_fits_its_own_schema(name: str) -> None:
    for at, schema in subschemas(SCHEMAS[name]):
        if "default" in schema and not at.endswith("properties"):
            assert list(failures(schema, schema["default"], SCHEMAS[name], at)) == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_property_says_what_it_is(name: str) -> None:
    undescribed = [
        f"{at}.{key}"
        for at, schema in subschemas(SCHEMAS[name])
        if at.endswith(".properties") or at == "$.properties"
        for key, inner in schema.items()
        if not inner.get("description")
    ]
    assert undescribed == []


def _models(model: type[Model], seen: set[type[Model]]) -> set[type[Model]]:
    if model not in seen:
        seen.add(model)
        for field in model.model_fields.values():
            for inner in _models_in(field.annotation):
                _models(inner, seen)
    return seen


def _models_in(annotation: Any) -> set[type[Model]]:
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return {annotation}
    return {model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)}


ALL_MODELS = sorted(
    {*_models(Catalog, set()), *_models(Environment, set()), *_models(Stack, set())}, key=lambda m: m.__name__
)


def test_the_walk_over_the_models_finds_them_all() -> None:
    def below(model: type[Model]) -> set[type[Model]]:
        return {model} | {inner for child in model.__subclasses__() for inner in below(child)}

    bases = {
        "Model",
        "OneOf",
        "Item",
        "AuthMethodBase",
        "Server",
        "OneHost",
        "NamedUsers",
        "Pooled",
        "Session",
        "PinnedJob",
        "AdoptedModel",
        "AdoptedMount",
        "AdoptedAuthMount",
        "AwsSchedule",
    }
    named = {model.__name__ for model in below(Model) if model.__module__.startswith("strongroom.")}
    assert {model.__name__ for model in ALL_MODELS} == named - bases


@pytest.mark.parametrize("model", ALL_MODELS, ids=lambda model: model.__name__)
def test_every_model_and_field_is_described_for_people(model: type[Model]) -> None:
    assert model.__doc__
    for name, field in model.model_fields.items():
        assert field.description, f"{model.__name__}.{name} has no description"
        assert field.description.rstrip().endswith("."), f"{model.__name__}.{name}: a description is sentences"


@pytest.mark.parametrize("model", ALL_MODELS, ids=lambda model: model.__name__)
def test_every_model_is_closed_frozen_and_silent_about_its_values(model: type[Model]) -> None:
    assert model.model_config["extra"] == "forbid"
    assert model.model_config["frozen"] is True
    assert model.model_config["hide_input_in_errors"] is True
