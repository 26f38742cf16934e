"""Names, types and requiredness come from the SDK's own classes."""

import pulumi_vault
from pulumi_vault import database, identity

from strongroom_sandbox.providers.frame.inputs import args_of, inputs_of, outputs_of


def test_names_are_pulumis_and_types_are_told_apart() -> None:
    inputs = inputs_of(args_of(pulumi_vault.Mount))
    assert inputs["path"].shape.kind == "string"
    assert inputs["defaultLeaseTtlSeconds"].shape.kind == "integer"
    assert inputs["sealWrap"].shape.kind == "boolean"
    assert str(inputs["allowedManagedKeys"].shape) == "a list (a string each)"
    assert str(inputs["options"].shape) == "a map (a string each)"
    assert inputs_of(args_of(pulumi_vault.QuotaRateLimit))["rate"].shape.kind == "number"


def test_required_inputs_are_told_from_optional_ones() -> None:
    inputs = inputs_of(args_of(pulumi_vault.Mount))
    assert {name for name, wanted in inputs.items() if wanted.required} == {"path", "type"}


def test_nested_blocks_are_read_as_well() -> None:
    block = inputs_of(args_of(database.SecretBackendConnection))["postgresql"].shape
    assert block.kind == "object"
    assert block.inputs["maxOpenConnections"].shape.kind == "integer"
    assert not block.inputs["password"].required


def test_outputs_are_inputs_and_what_the_server_adds() -> None:
    assert {"path", "type", "accessor"} <= outputs_of(pulumi_vault.Mount)
    assert "accessor" not in inputs_of(args_of(pulumi_vault.Mount))
    assert outputs_of(identity.Entity) >= {"name", "policies"}
