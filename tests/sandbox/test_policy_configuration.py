"""Which configuration a policy pack gets: that of the environment, also where the stack is one slice of it."""

from pathlib import Path

import pytest

from strongroom_sandbox.engine import Engine
from strongroom_sandbox.toolchain import Toolchain


@pytest.mark.parametrize(("environment", "taken"), [("", "prod-payments.json"), ("prod", "prod.json")])
def test_a_slice_takes_the_configuration_of_its_environment(tmp_path: Path, environment: str, taken: str) -> None:
    recorder, said = tmp_path / "pulumi", tmp_path / "said"
    recorder.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > "$SAID"\n')
    recorder.chmod(0o755)
    pack = tmp_path / "pack"
    (pack / "config").mkdir(parents=True)
    for name in ("prod", "prod-payments"):
        (pack / "config" / f"{name}.json").write_text("{}")
    (tmp_path / "work").mkdir()
    engine = Engine(
        Toolchain(recorder, "own"),
        tmp_path,
        "prod-payments",
        tmp_path / "work",
        policy_packs=[pack],
        policy_configuration=environment,
        variables={"SAID": str(said)},
    )
    engine.preview()
    arguments = said.read_text().splitlines()
    assert arguments[arguments.index("--policy-pack") + 1] == str(pack)
    assert arguments[arguments.index("--policy-pack-config") + 1] == str(pack / "config" / taken)
