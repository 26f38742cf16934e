"""A provider whose server is a folder, and which can be made to hang in the middle of an operation.

Used to kill Pulumi at the worst moment: after a thing was made or deleted, before Pulumi was told.
"""

from __future__ import annotations

import threading
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

_MOUNT = "vault:index/mount:Mount"


class SlowProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Things are files named by their input `path`. A mount that exists cannot be created again, as in Vault."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        #: Set: operations return at once. Cleared: they hang after having made or deleted the thing.
        self.go = threading.Event()
        self.go.set()
        #: Set by an operation on a mount that has done its work and hangs.
        self.hanging = threading.Event()
        self._server = grpc.server(futures.ThreadPoolExecutor(16))
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(self, self._server)
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()

    def stop(self) -> None:
        """Stop serving."""
        self.go.set()
        self._server.stop(grace=None).wait()

    def vanish(self) -> None:
        """Stop serving without answering what hangs, as a provider does that is killed."""
        self._server.stop(grace=None).wait()
        self.go.set()

    def Attach(self, _request: Any, _context: Any) -> Empty:  # noqa: N802
        return Empty()

    def Handshake(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return provider_pb2.ProviderHandshakeResponse()

    def Cancel(self, _request: Any, _context: Any) -> Empty:  # noqa: N802
        return Empty()

    def GetPluginInfo(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return plugin_pb2.PluginInfo(version="1.0.0")

    def CheckConfig(self, request: Any, _context: Any) -> Any:  # noqa: N802
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return provider_pb2.ConfigureResponse(acceptSecrets=True, acceptResources=True)

    def Check(self, request: Any, _context: Any) -> Any:  # noqa: N802
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, _context: Any) -> Any:  # noqa: N802
        kinds = provider_pb2.DiffResponse
        same = request.old_inputs == request.news
        return kinds(changes=kinds.DIFF_NONE if same else kinds.DIFF_SOME)

    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        path = request.properties["path"]
        if request.preview:
            return provider_pb2.CreateResponse(properties=request.properties)
        if (self.folder / path).exists() and request.type == _MOUNT:
            context.abort(grpc.StatusCode.ALREADY_EXISTS, f"path is already in use at {path}/")
        (self.folder / path).touch()
        self._hang(request.type)
        return provider_pb2.CreateResponse(id=path, properties=request.properties)

    def Read(self, request: Any, _context: Any) -> Any:  # noqa: N802
        if not (self.folder / request.id).exists():
            return provider_pb2.ReadResponse()
        found = {"path": request.id}
        answer = provider_pb2.ReadResponse(id=request.id)
        answer.properties.update(found)
        answer.inputs.update(found)
        return answer

    def Delete(self, request: Any, _context: Any) -> Empty:  # noqa: N802
        (self.folder / request.id).unlink()
        self._hang(request.type)
        return Empty()

    def _hang(self, kind: str) -> None:
        if not self.go.is_set():
            if kind == _MOUNT:
                self.hanging.set()
            self.go.wait()
