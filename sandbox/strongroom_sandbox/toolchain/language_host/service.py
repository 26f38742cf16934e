"""The gRPC service `LanguageRuntime` (pulumi/proto `language.proto`), as far as Strongroom needs it."""

from __future__ import annotations

import importlib.util
import json
import os
import queue
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import IO, TYPE_CHECKING, Any

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict

from strongroom_sandbox.toolchain.language_host.interpreter import Interpreter, OptionError, choose
from strongroom_sandbox.toolchain.language_host.processes import Processes


def _pulumi_protocol() -> None:
    """Make `pulumi.runtime.proto` importable without the SDK around it.

    The messages ship inside the SDK, whose `__init__` costs another 0.3 s, every time a person waits for
    `pulumi`. This process runs no program and needs nothing else of it.
    """
    spec = importlib.util.find_spec("pulumi")
    assert spec is not None, "the pulumi SDK is a dependency of this package"
    assert spec.origin is not None
    folder = Path(spec.origin).parent
    for name, path in (
        ("pulumi", folder),
        ("pulumi.runtime", folder / "runtime"),
        ("pulumi.runtime.proto", folder / "runtime" / "proto"),
    ):
        module = ModuleType(name)
        module.__path__ = [str(path)]
        sys.modules.setdefault(name, module)


if not TYPE_CHECKING:
    _pulumi_protocol()
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2  # noqa: E402

register = language_pb2_grpc.add_LanguageRuntimeServicer_to_server
_PROGRAM = str(Path(__file__).with_name("program.py"))
_EXIT_REPORTED = 32


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """One engine's language host. Methods that are not here answer UNIMPLEMENTED, which the engine understands."""

    def __init__(self, engine: str, processes: Processes) -> None:
        self._engine = engine
        self._processes = processes

    def Handshake(self, request: Any, _context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Learn the engine's address, where it was not given on the command line."""
        self._engine = request.engine_address or self._engine
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, _request: Any, _context: grpc.ServicerContext) -> Any:  # noqa: N802
        """No version: this host belongs to the clone that it lies in."""
        return plugin_pb2.PluginInfo()

    def GetRequiredPackages(self, _request: Any, _context: grpc.ServicerContext) -> Any:  # noqa: N802
        """None up front.

        The official host names the provider of every installed SDK, so that the engine downloads them all
        before the program starts: for a workspace with the vault, aws, azure, gcp and kubernetes SDKs that is
        a gigabyte of plugins, most of which a given stack never uses, and none of which an air-gapped machine
        can get. Every resource carries the version (and address) of its provider, so the engine finds or
        downloads exactly the used ones at their first resource, and takes attached ones
        (PULUMI_DEBUG_PROVIDERS) as they are.
        """
        return language_pb2.GetRequiredPackagesResponse()

    def InstallDependencies(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:  # noqa: N802
        """Nothing to install: dependencies are pinned and installed by `make`. Fails if the interpreter is missing."""
        self._interpreter(request.info, context)
        yield language_pb2.InstallDependenciesResponse()

    def About(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """The interpreter that would run the program."""
        python = str(self._interpreter(request.info, context).python)
        version = _output(python, "import platform; print(platform.python_version())").strip()
        return language_pb2.AboutResponse(executable=python, version=version, metadata={"language host": "strongroom"})

    def GetProgramDependencies(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """The distributions installed in the program's interpreter."""
        code = (
            "from importlib.metadata import distributions as d; import json; "
            "print(json.dumps(sorted({(x.metadata['Name'], x.version) for x in d()})))"
        )
        found = json.loads(_output(str(self._interpreter(request.info, context).python), code))
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[language_pb2.DependencyInfo(name=name, version=version) for name, version in found]
        )

    def Run(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        """Run a program to its end. What it prints goes to this process's own output, which the engine shows."""
        info = request.info
        interpreter = self._interpreter(info, context)
        job = {
            "program": os.path.normpath(Path(info.program_directory, info.entry_point or ".")),
            "directory": request.pwd or info.program_directory,
            "arguments": list(request.args),
            "settings": {
                "monitor": request.monitor_address,
                "engine": self._engine,
                "project": request.project,
                "stack": request.stack,
                "organization": request.organization,
                "root_directory": info.root_directory,
                "parallel": request.parallel,
                "dry_run": request.dryRun,
            },
        }
        environment = interpreter.environment(os.environ) | {
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        }
        argv = [str(interpreter.python), "-u", _PROGRAM, json.dumps(job)]
        process = self._start(argv, info.program_directory, environment, context, captured=False)
        code = self._processes.finish(process)
        if code == 0:
            return language_pb2.RunResponse()
        if code is None or code == _EXIT_REPORTED:
            return language_pb2.RunResponse(bail=True)
        return language_pb2.RunResponse(error=_describe_exit(code))

    def RunPlugin(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:  # noqa: N802
        """Run a policy pack, component package or other plugin written in Python, and stream what it prints."""
        info = request.info
        interpreter = self._interpreter(info, context)
        environment = dict(pair.partition("=")[::2] for pair in request.env) or dict(os.environ)
        argv = [str(interpreter.python), "-u", *_plugin_arguments(request)]
        process = self._start(
            argv,
            request.pwd or info.program_directory,
            interpreter.environment(environment),
            context,
            captured=True,
        )
        chunks: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()

        def pump(name: str, stream: IO[bytes]) -> None:
            while chunk := os.read(stream.fileno(), 65536):
                chunks.put((name, chunk))
            chunks.put((name, b""))

        assert process.stdout is not None
        assert process.stderr is not None
        open_streams = {"stdout": process.stdout, "stderr": process.stderr}
        for name, stream in open_streams.items():
            threading.Thread(target=pump, args=(name, stream), daemon=True).start()
        try:
            while open_streams:
                name, chunk = chunks.get()
                if not chunk:
                    open_streams.pop(name).close()
                elif name == "stdout":
                    yield language_pb2.RunPluginResponse(stdout=chunk)
                else:
                    yield language_pb2.RunPluginResponse(stderr=chunk)
        finally:  # also when the engine ends the call
            code = self._processes.finish(process)
        yield language_pb2.RunPluginResponse(exitcode=code or 0)

    def Cancel(self, _request: Any, _context: grpc.ServicerContext) -> Empty:  # noqa: N802
        """Stop what runs: the user pressed ^C or the engine gives up."""
        self._processes.stop_all()
        return Empty()

    def _start(
        self,
        argv: list[str],
        directory: str,
        environment: dict[str, str],
        context: grpc.ServicerContext,
        *,
        captured: bool,
    ) -> subprocess.Popen[bytes]:
        try:
            process = self._processes.start(argv, directory, environment, captured=captured)
        except (OSError, RuntimeError) as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"{argv[0]} cannot be started: {error}")
        # The engine ends a call by cancelling it. The callback also runs after an ordinary end, and then does nothing.
        if not context.add_callback(lambda: self._processes.stop(process)):
            self._processes.stop(process)
        return process

    @staticmethod
    def _interpreter(info: Any, context: grpc.ServicerContext) -> Interpreter:
        try:
            return choose(MessageToDict(info.options), Path(info.root_directory), Path(info.program_directory))
        except OptionError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
            raise  # not reached: abort raises


def _plugin_arguments(request: Any) -> list[str]:
    """How the official host starts a plugin in the folder `request.info.program_directory`."""
    folder = Path(request.info.program_directory)
    if request.kind == "analyzer":
        return ["-m", "pulumi.policy", *request.args, str(folder)]
    if (folder / "__main__.py").exists():
        return [str(folder), *request.args]
    # A package with a build system is run by its name: its components are found, or its own `__main__` is run.
    manifest = folder / "pyproject.toml"
    settings = tomllib.loads(manifest.read_text()) if manifest.exists() else {}
    name = settings.get("project", {}).get("name")
    if "build-system" in settings and name:
        return ["-m", "pulumi.run.plugin", name, *request.args]
    return [str(folder), *request.args]


def _output(python: str, code: str) -> str:
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout


def _describe_exit(code: int) -> str:
    return f"Program was killed by signal {-code}" if code < 0 else f"Program exited with non-zero exit code: {code}"
