"""Where servers come from that no wheel ships: PATH, an envtest folder, else a build."""

import subprocess
import sys
from pathlib import Path

import pytest

from strongroom_sandbox import Sandbox, SandboxError
from strongroom_sandbox.toolchain import NoWayError, gotools
from strongroom_sandbox.toolchain.gotools import KUBE_APISERVER, VAULT
from strongroom_sandbox.toolchain.versions import Version
from support.machine import Machine
from support.toolchain import ROOT

PINNED = str(VAULT.version(ROOT))
PRINTS = "Vault v{version}, built 2025-11-24T11:29:35Z"


def on_path(machine: Machine, says: str) -> Path:
    return machine.program(machine.path / "vault", f"echo '{says}'")


@pytest.mark.parametrize("says", [f"Vault v{PINNED}", "Vault v1.99.0 (8f2ec0bd), built 2027-01-01T00:00:00Z"])
def test_a_vault_on_path_that_fits_is_used(machine: Machine, says: str) -> None:
    found = on_path(machine, says)
    assert gotools.obtain(VAULT, machine.clone(), machine.report) == found
    assert not (machine.cache / "vault").exists()


@pytest.mark.parametrize(
    ("says", "why"),
    [
        ("Vault v1.20.4", rf"is version 1\.20\.4; needed is {PINNED} or newer, of major version 1"),
        ("Vault v2.0.0", r"is version 2\.0\.0; needed"),
        ("OpenBao v2.7.2 (9e0a0d3c)", r"is another program: it says 'OpenBao v2\.7\.2 \(9e0a0d3c\)'"),
        ("Vault v1.21.0+ent (8f2ec0bd)", r"is another program: it says 'Vault v1\.21\.0\+ent"),
        ("Vault v1.21.0+ent.hsm", r"is another program: it says 'Vault v1\.21\.0\+ent"),
        ("", r"does not run or prints no version"),
    ],
)
def test_another_vault_on_path_is_passed_over_and_a_failure_names_both_ways(
    machine: Machine, says: str, why: str
) -> None:
    found = on_path(machine, says)
    with pytest.raises(NoWayError, match=f"PATH: {found} {why}") as failure:
        gotools.obtain(VAULT, machine.clone(), machine.report)
    ways = dict(failure.value.failures)
    assert list(ways) == ["PATH", "go build"]
    assert "no go on PATH" in ways["go build"]
    assert str(failure.value).startswith(f"vault {PINNED} could not be found")


def test_without_one_on_path_it_is_built_once(machine: Machine) -> None:
    machine.go(builds=PINNED, prints=PRINTS)
    built = gotools.obtain(VAULT, machine.clone("first"), machine.report)
    assert built == machine.cache / "vault" / PINNED / "bin" / "vault"
    assert gotools.obtain(VAULT, machine.clone("second"), machine.report) == built
    assert machine.builds == 1
    assert VAULT.version_of(built) == Version.parse(PINNED)


def test_a_build_that_yields_openbao_is_refused(machine: Machine) -> None:
    machine.go(builds=PINNED, prints="OpenBao v{version}")
    with pytest.raises(NoWayError, match=f"says it is version None, expected {PINNED}"):
        gotools.obtain(VAULT, machine.clone(), machine.report)


def test_the_command_prints_where_it_is(machine: Machine) -> None:
    found = on_path(machine, f"Vault v{PINNED}")
    command = [sys.executable, "-m", "strongroom_sandbox.toolchain", "vault"]
    done = subprocess.run(command, cwd=machine.clone(), capture_output=True, text=True, check=True)
    assert done.stdout == f"{found}\n"


def test_a_sandbox_whose_vault_cannot_be_had_says_of_both_ways_why(machine: Machine) -> None:
    with pytest.raises(SandboxError) as failure:
        Sandbox(machine.folder / "sandbox", "vault").up(print, ["vault"])
    text = str(failure.value)
    assert text.startswith(f"vault cannot be started: vault {PINNED} could not be found")
    assert "1. PATH: no vault there" in text
    assert "2. go build: no go on PATH" in text


def test_the_clone_that_this_package_is_part_of_pins_it() -> None:
    assert gotools.CLONE == ROOT


def test_a_server_of_kubernetes_in_an_envtest_folder_is_used(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    assets = machine.folder / "envtest"
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(assets))
    found = machine.program(assets / "kube-apiserver", "echo Kubernetes v1.99.0")
    assert gotools.obtain(KUBE_APISERVER, machine.clone(), machine.report) == found
