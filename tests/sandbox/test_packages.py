"""Which providers a stack needs: those of its plan, and of what it has."""

import json
from pathlib import Path
from typing import ClassVar

import pytest

from strongroom.plan.plan import Plan
from strongroom.plan.record import Record
from strongroom_sandbox import packages


def plan_of(*kinds: str) -> Plan:
    """A plan with a record of each kind."""
    records = []
    for kind_ in kinds:

        class Any(Record):
            kind: ClassVar[str] = kind_

            @property
            def key(self) -> str:
                return self.kind

        records.append(Any(slice="platform"))
    return Plan("dev", "all", tuple(records))


@pytest.mark.parametrize(
    ("kinds", "needed"),
    [
        ((), set()),
        (("vault.kv.secret",), {"vault"}),
        (("vault.aws.role",), {"vault"}),
        (("aws.secrets_manager.secret",), {"aws"}),
        (("azure.key_vault", "gcp.secret", "aws.kms.key"), {"azure-native", "gcp", "aws"}),
    ],
)
def test_the_first_word_of_a_record_s_kind_names_the_system(kinds: tuple[str, ...], needed: set[str]) -> None:
    assert packages.of_plan(plan_of(*kinds)) == needed


def test_what_a_plan_no_longer_names_has_to_be_deleted_by_somebody(tmp_path: Path) -> None:
    checkpoint = tmp_path / "dev.json"
    assert packages.of_state(checkpoint) == frozenset()
    types = ["pulumi:pulumi:Stack", "pulumi:providers:gcp", "strongroom:index:AwsKey", "aws:kms/key:Key"]
    latest = {"resources": [{"type": type_} for type_ in types]}
    checkpoint.write_text(json.dumps({"version": 3, "checkpoint": {"latest": latest}}))
    assert packages.of_state(checkpoint) == {"aws"}
    checkpoint.write_text(json.dumps({"version": 3, "checkpoint": {"latest": None}}))
    assert packages.of_state(checkpoint) == frozenset()
