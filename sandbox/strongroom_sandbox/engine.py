"""Drives the Pulumi CLI for one stack of one project, and brings a stack back after a kill in the middle."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from filelock import FileLock

from strongroom_sandbox.checkpoint import adopt, locks, pending_creates, pending_others
from strongroom_sandbox.files import write, write_secret
from strongroom_sandbox.toolchain import Toolchain, plugins
from strongroom_sandbox.unanswered import with_unanswered

#: How long an interrupted `pulumi` may take to finish the requests that are under way, in seconds.
INTERRUPT_SECONDS = 60.0
_TAIL_LINES = 40


@dataclass(frozen=True)
class Result:
    """How one run of `pulumi` ended."""

    command: str
    exit_code: int
    #: Operation (`create`, `update`, `delete`, `replace`, `same`, `refresh`, ...) to number of resources.
    changes: Mapping[str, int]
    #: What was printed, complete.
    console: Path
    #: The engine's event log, one JSON object a line.
    events: Path

    @property
    def changed(self) -> int:
        """How many resources were (or in a preview: would be) changed."""
        return sum(number for operation, number in self.changes.items() if operation not in ("same", "refresh"))


class EngineError(Exception):
    """`pulumi` failed, or must not run now."""

    def __init__(self, message: str, result: Result | None = None) -> None:
        super().__init__(message)
        #: The failed run; None if nothing was run.
        self.result = result


@dataclass(frozen=True)
class Engine:
    """One stack of one project, with its state in files.

    Everything that Pulumi writes goes below `work`: state, plugins, stack settings (never the tracked
    `Pulumi.STACK.yaml`), logs. Two engines with different `work` folders do not share anything.
    """

    toolchain: Toolchain
    #: Folder of `Pulumi.yaml`.
    project: Path
    stack: str
    work: Path
    #: Providers that are already running: name to port on 127.0.0.1.
    providers: Mapping[str, int] = field(default_factory=dict)
    policy_packs: Sequence[Path] = ()
    #: Which of the packs' configurations is taken, `config/NAME.json`; empty: the one with the stack's name.
    policy_configuration: str = ""
    #: Additional environment variables of `pulumi`, and so of the program and its plugins.
    variables: Mapping[str, str] = field(default_factory=dict)
    #: Gets every line that `pulumi` prints, as it is printed.
    console: Callable[[str], None] = lambda _line: None

    @property
    def backend(self) -> Path:
        """Folder of the state."""
        return self.work / "state"

    @property
    def config_file(self) -> Path:
        """The generated stack settings that are used instead of the tracked ones."""
        return self.work / "stack" / f"Pulumi.{self.stack}.yaml"

    @property
    def project_name(self) -> str:
        """The name in `Pulumi.yaml`."""
        return str(yaml.safe_load((self.project / "Pulumi.yaml").read_text())["name"])

    def environment(self) -> dict[str, str]:
        """The complete environment that `pulumi` runs in; also for a shell that wants to use the same stack."""
        environment = dict(os.environ) | self.toolchain.environment() | dict(self.variables)
        # What a user has set for another stack must not leak into this one.
        for name in ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_DEBUG_PROVIDERS", "PULUMI_STACK"):
            environment.pop(name, None)
        environment |= backend_variables(self.work) | {
            # The flag --event-log exists only with it.
            "PULUMI_DEBUG_COMMANDS": "true",
            "PULUMI_SUPPRESS_NEO_LINK": "true",
        }
        if self.providers:
            environment["PULUMI_DEBUG_PROVIDERS"] = ",".join(
                f"{name}:{port}" for name, port in sorted(self.providers.items())
            )
        return environment

    def configure(self, settings: Mapping[str, Any], tracked: Path | None = None) -> None:
        """Create the stack if it does not exist, and write its settings: those of the file `tracked`, then `settings`.

        Keys without a namespace belong to the project. Values are plain: no secrets here.
        """
        self._initialise()
        project = self.project_name
        config = dict((yaml.safe_load(tracked.read_text()) or {}).get("config") or {}) if tracked else {}
        config |= {key if ":" in key else f"{project}:{key}": value for key, value in settings.items()}
        # The salt of the passphrase is the only thing in this file that is not generated from elsewhere.
        kept = yaml.safe_load(self.config_file.read_text()) or {}
        write(self.config_file, yaml.safe_dump(kept | {"config": config}, sort_keys=True))

    def set_secret(self, key: str, value: str) -> None:
        """Add a setting that is encrypted with the stack's passphrase. The value goes through standard input."""
        name = key if ":" in key else f"{self.project_name}:{key}"
        flags = ("--secret", "--stack", self.stack, "--config-file", str(self.config_file))
        self._query("config", "set", name, *flags, input=value)

    def _initialise(self) -> None:
        self.backend.mkdir(parents=True, exist_ok=True)
        # Every engine has a Pulumi home of its own (settings, logs), with the plugins of the per-user cache.
        plugins.folder().mkdir(parents=True, exist_ok=True)
        home = self.work / "home"
        home.mkdir(exist_ok=True)
        if not (home / "plugins").is_symlink():
            (home / "plugins").symlink_to(plugins.folder())
        passphrase = self.work / "passphrase"
        if not passphrase.exists():
            write_secret(passphrase, secrets.token_urlsafe(32))
        folder = self.config_file.parent
        folder.mkdir(exist_ok=True)
        # `stack init` has no --config-file and would write the salt into the tracked settings; it is run from
        # a project of the same name, whose settings file is the generated one.
        write(folder / "Pulumi.yaml", yaml.safe_dump({"name": self.project_name, "runtime": "python"}))
        if not self.state_file.exists():
            self._query("stack", "init", self.stack, "--no-select", "--secrets-provider", "passphrase", cwd=folder)
        if not self.config_file.exists():  # killed after the stack was made and before its salt was written
            state = self.export()["deployment"]["secrets_providers"]["state"]
            write(self.config_file, yaml.safe_dump({"encryptionsalt": state["salt"]}))

    @property
    def state_file(self) -> Path:
        """The stack's checkpoint, which is absent until there is a stack."""
        return self.backend / ".pulumi" / "stacks" / self.project_name / f"{self.stack}.json"

    def up(self, *flags: str, check: bool = True) -> Result:
        """Deploy, after `recover` has been called if an earlier run may have been killed.

        Raises EngineError if it fails, unless `check` is false. So do the other commands.
        """
        return self._run("up", "--yes", "--skip-preview", *self._packs(), *flags, check=check)

    def preview(self, *flags: str, check: bool = True) -> Result:
        """Show what `up` would do."""
        return self._run("preview", *self._packs(), *flags, check=check)

    def refresh(self, *flags: str, check: bool = True) -> Result:
        """Read every resource from its server into the state."""
        return self._run("refresh", "--yes", "--skip-preview", *flags, check=check)

    def destroy(self, *flags: str, check: bool = True) -> Result:
        """Delete every resource of the stack; the stack itself stays."""
        return self._run("destroy", "--yes", "--skip-preview", *flags, check=check)

    def import_file(self, file: Path, check: bool = True) -> Result:
        """Take into the state what a server has already, as a file for `pulumi import` lists it."""
        flags = ("--yes", "--skip-preview", "--protect=false", "--generate-code=false")
        return self._run("import", "--file", str(file), *flags, check=check)

    def export(self) -> dict[str, Any]:
        """The checkpoint, secrets encrypted."""
        exported: dict[str, Any] = json.loads(self._query("stack", "export", "--stack", self.stack))
        return exported

    def import_checkpoint(self, checkpoint: Mapping[str, Any]) -> None:
        """Replace the state by `checkpoint`, as `export` returned it."""
        with tempfile.NamedTemporaryFile("w", dir=self.work, suffix=".json") as file:
            json.dump(checkpoint, file)
            file.flush()
            self._query("stack", "import", "--stack", self.stack, "--file", file.name)

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs; secret ones are masked."""
        found: dict[str, Any] = json.loads(self._query("stack", "output", "--stack", self.stack, "--json"))
        return found

    def recover(self) -> list[str]:
        """Clean up after a `pulumi` that was killed; return what was done, one line each (empty: nothing to do).

        A lock whose holder is dead is removed. Operations that were under way are settled by reading the servers
        again, and so are creations whose provider was killed. A thing that cannot be created twice (its id is then
        computed) becomes part of the stack if it is there; all others are created again by the next `up`. The stack
        must be configured, and its providers reachable. Raises EngineError if another `pulumi` is at work on the stack.

        Pulumi has `refresh --import-pending-creates` for this; 3.259 forgets the resource instead of importing it.
        """
        done = self._remove_stale_locks()
        events = self.work / "logs" / "up.events.jsonl"
        state = with_unanswered(self.export(), events.read_text().splitlines() if events.exists() else ())
        creates, others = pending_creates(state), pending_others(state)
        if not creates and not others:
            return done
        known = [create for create in creates if create.id is not None]
        if known:
            self.import_checkpoint(adopt(state, known))
        self.refresh("--clear-pending-creates")
        present = {resource["urn"] for resource in self.export()["deployment"]["resources"]}
        for create in creates:
            if create in known and create.urn in present:
                done.append(f"adopted {create.type} {create.id}, whose creation was interrupted")
            else:
                done.append(f"will create {create.urn} again, whose creation was interrupted")
        return done + [f"read {urn} again, interrupted while {operation}" for urn, operation in others]

    def _remove_stale_locks(self) -> list[str]:
        # Of two processes that come to clean up, the second must not remove the lock that the first then took.
        with FileLock(self.work / "recover.lock"):
            found = locks(self.backend, self.project_name, self.stack)
            live = [lock for lock in found if not lock.is_stale()]
            if live:
                raise EngineError(
                    f"stack {self.stack} is in use by {', '.join(map(str, live))}; wait for it to end, or stop it"
                )
            if not found:
                return []
            self._query("cancel", "--yes", "--stack", self.stack)
            return [f"removed the lock of {', '.join(map(str, found))}, which is dead"]

    def _packs(self) -> list[str]:
        return policy_flags(self.policy_packs, self.policy_configuration or self.stack)

    def _run(self, command: str, *flags: str, check: bool) -> Result:
        logs = self.work / "logs"
        logs.mkdir(exist_ok=True)
        console, events = logs / f"{command}.log", logs / f"{command}.events.jsonl"
        events.unlink(missing_ok=True)
        code = self._stream(
            [
                *(command, "--stack", self.stack, "--config-file", str(self.config_file)),
                *("--non-interactive", "--color", "never", "--event-log", str(events), *flags),
            ],
            console,
        )
        result = Result(command, code, _changes(events), console, events)
        if check and code != 0:
            tail = "\n".join(console.read_text(errors="replace").splitlines()[-_TAIL_LINES:])
            raise EngineError(
                f"pulumi {command} of stack {self.stack} failed with exit code {code} (all of it: {console}):\n{tail}",
                result,
            )
        return result

    def _stream(self, arguments: Sequence[str], log: Path) -> int:
        process = subprocess.Popen(
            [str(self.toolchain.pulumi), *arguments],
            cwd=self.project,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            process_group=0,  # ^C is forwarded below, once: a second one makes Pulumi drop requests under way
        )
        assert process.stdout is not None
        try:
            with log.open("w") as file:
                for line in process.stdout:
                    file.write(line)
                    file.flush()
                    self.console(line.rstrip("\n"))
            return process.wait()
        except BaseException:
            _interrupt(process)
            raise
        finally:
            process.stdout.close()

    def _query(self, *arguments: str, cwd: Path | None = None, input: str = "") -> str:
        done = subprocess.run(
            [str(self.toolchain.pulumi), *arguments, "--non-interactive"],
            cwd=cwd or self.project,
            env=self.environment(),
            input=input,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            raise EngineError(
                f"pulumi {' '.join(arguments)} failed with exit code {done.returncode}: {done.stderr.strip()}"
            )
        return done.stdout


def backend_variables(work: Path) -> dict[str, str]:
    """What any command about the stacks of an engine needs, `pulumi` and `strongroom`: where their state is."""
    return {
        "PULUMI_HOME": str(work / "home"),
        # Without metadata files beside the state: they are not written atomically, and one that a killed pulumi
        # left empty makes the whole state unreadable ("failed to load checkpoint: EOF").
        "PULUMI_BACKEND_URL": f"{(work / 'state').as_uri()}?metadata=skip",
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(work / "passphrase"),
    }


def policy_flags(packs: Sequence[Path], name: str) -> list[str]:
    """The flags that run policy packs, each with its configuration `config/NAME.json` if it has one."""
    flags = []
    for pack in packs:
        flags += ["--policy-pack", str(pack)]
        if (configuration := pack / "config" / f"{name}.json").is_file():
            flags += ["--policy-pack-config", str(configuration)]
    return flags


def _interrupt(process: subprocess.Popen[str]) -> None:
    """Ask Pulumi to finish what is under way and stop; kill it if it does not."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=INTERRUPT_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _changes(events: Path) -> dict[str, int]:
    """Numbers of resources by operation from the summary event; empty if the run ended without one."""
    changes: dict[str, int] = {}
    if events.exists():
        for line in events.read_text().splitlines():
            summary = json.loads(line).get("summaryEvent") if '"summaryEvent"' in line else None
            changes = dict(summary.get("resourceChanges") or {}) if summary else changes
    return changes
