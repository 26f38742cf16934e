"""`make up` itself: the real engine, real servers, the example stack, and the proof."""

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from strongroom.project import Project
from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from strongroom_sandbox.make_up import make_up
from strongroom_sandbox.proof.run import prove
from strongroom_sandbox.proof.world import World
from support.toolchain import ROOT

pytestmark = pytest.mark.engine

Run = Callable[..., tuple[bool, str]]


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    """The folder of a sandbox that does not exist yet; whatever runs in it is stopped in the end."""
    folder = tmp_path / "sandbox of its own"
    yield folder
    Sandbox(folder).down()


@pytest.fixture
def run(directory: Path, toolchain: object) -> Run:
    """Runs `make up` and gives its outcome and all that it said. `toolchain` is made before, so that time is ours."""

    def once(flavour: Flavour | None = None) -> tuple[bool, str]:
        said: list[str] = []
        outcome = make_up(ROOT, directory, said.append, flavour=flavour)
        return outcome, "\n".join(said)

    return once


@pytest.mark.parametrize(
    ("flavour", "title"), [("openbao", "OpenBao"), ("vault", "HashiCorp Vault")], ids=["openbao", "vault"]
)
def test_it_deploys_proves_and_changes_nothing_when_repeated(
    run: Run, directory: Path, flavour: Flavour, title: str
) -> None:
    outcome, said = run(flavour)
    assert outcome, said
    assert f"The proof on {title}, as the workload" in said
    assert " 9  nothing leaked               ok" in said
    outcome, said = run()
    assert outcome, said
    assert "stack sandbox: no changes" in said
    Sandbox(directory).down()
    assert all(status.pid is None for status in Sandbox(directory).status())
    outcome, said = run()
    assert outcome, said
    assert "stack sandbox: no changes" in said


def test_a_promise_that_does_not_hold_fails_it(run: Run, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome, said = run()
    assert outcome, said
    store = Sandbox(directory).vault.root_client().secrets.kv.v2
    at = {"path": "payments/stripe", "mount_point": "kv-sandbox"}
    before = store.read_secret_version(**at, raise_on_deleted_version=False)["data"]["data"]
    assert "the token of another service account was accepted" in _proof_with_an_open_role(directory)
    now = {name: f"rotated-{name}-canary" for name in before}
    store.create_or_update_secret(**at, secret=now, cas=1)
    log = directory / "pulumi" / "logs" / "debug.log"
    log.write_text(f"key={now['api_key']}, and before it was {before['api_key']}")
    outcome, said = run()
    assert not outcome
    assert "stack sandbox: 1 update;" in said, "the role is narrowed again"
    assert "nothing leaked               FAILED" in said
    words = " ".join(said.split())
    assert "payments/stripe/api_key (plain) in" in words
    assert "payments/stripe/api_key (version 1) (plain) in" in words
    assert before["api_key"] not in said
    assert now["api_key"] not in said


@pytest.mark.parametrize("created", [0, 4, 15])
def test_it_converges_after_pulumi_was_killed(run: Run, directory: Path, created: int) -> None:
    """`created`: how many resources are there at the kill, so that it meets different steps; any moment must do."""
    killer = threading.Thread(target=_kill_pulumi, args=(directory, created))
    killer.start()
    outcome, said = run()
    killer.join()
    assert not outcome, said
    outcome, said = run()
    assert outcome, said
    outcome, said = run()
    assert outcome, said
    assert "stack sandbox: no changes" in said


@pytest.mark.parametrize("server", ["openbao", "postgres", "issuer", "kube-apiserver", "provider"])
def test_it_converges_after_a_server_was_killed_while_deploying(run: Run, directory: Path, server: str) -> None:
    killer = threading.Thread(target=_kill_server, args=(directory, server))
    killer.start()
    run()  # may fail or, where the server was not needed any more, succeed
    killer.join()
    outcome, said = run()
    assert outcome, said


@pytest.mark.parametrize("server", ["openbao", "etcd"])
def test_it_converges_when_a_server_has_lost_all_its_data(run: Run, directory: Path, server: str) -> None:
    outcome, said = run()
    assert outcome, said
    Sandbox(directory).down()
    shutil.rmtree(directory / server)
    outcome, said = run()
    assert outcome, said


def _proof_with_an_open_role(directory: Path) -> str:
    """What the proof says when the workload's role takes any service account of its namespace."""
    sandbox = Sandbox(directory)
    plan = Project.of_stack(ROOT, "sandbox", directory / "pulumi" / "stack" / "Pulumi.sandbox.yaml").plan("sandbox")
    world = World(sandbox, plan, searched=())
    role = world.role("payments/checkout")
    place, root = f"auth/{role.mount}/role/{role.name}", sandbox.vault.root_client()
    root.write_data(place, data={**root.read(place)["data"], "bound_service_account_names": ["*"]})
    said: list[str] = []
    assert not prove(world, said.append)
    assert "is not impersonated          FAILED" in said[-1]
    return " ".join(said[-1].split())


def _wait_for_deployment(directory: Path, created: int) -> None:
    """Until the engine has said of so many resources that they are there."""
    log = directory / "pulumi" / "logs" / "up.log"
    deadline = time.monotonic() + 120
    while not log.exists() or log.read_text().count(" created") < created:
        assert time.monotonic() < deadline, "the deployment does not get on"
        time.sleep(0.02)


def _kill_pulumi(directory: Path, created: int) -> None:
    _wait_for_deployment(directory, created)
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if command[1:2] == ["up"] and str(directory) in " ".join(command):
            process.kill()


def _kill_server(directory: Path, name: str) -> None:
    _wait_for_deployment(directory, created=4)
    server = Sandbox(directory).servers[name]
    if server.process:
        os.kill(server.process.pid, signal.SIGKILL)
