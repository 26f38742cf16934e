"""Serves a provider to the engine until the process is asked to stop."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.provider.experimental.provider import Provider
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from .assets import make_readable
from .caller import CALLER
from .errors import MadeButUnreadError, StandInError

_THREADS = 32
"""Requests to the real server at once: more than the engine's usual parallelism (4 per core)."""
_GRACE_SECONDS = 5


class AttachableServicer(ProviderServicer):
    """The SDK's servicer, and `Attach`, which an engine calls on a provider that it did not start itself."""

    async def Attach(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: ARG002, N802  the protocol's names
        """Accept the engine; the stand-in needs nothing from it."""
        return empty_pb2.Empty()


class ErrorsAsStatus(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    """Turns exceptions into gRPC errors whose text the engine shows to the user, without tracebacks on stderr."""

    async def intercept_service(self, continuation: Callable[[Any], Awaitable[Any]], handler_call_details: Any) -> Any:
        """Wrap every unary method."""
        handler = await continuation(handler_call_details)
        if handler is None or handler.unary_unary is None:
            return handler

        async def guarded(request: Any, context: Any) -> Any:
            CALLER.set(context.peer())
            make_readable(request)
            try:
                return await handler.unary_unary(request, context)
            except MadeButUnreadError as error:
                await context.abort(grpc.StatusCode.UNKNOWN, str(error), (_initialisation_failed(error),))
            except StandInError as error:
                await context.abort(grpc.StatusCode.UNKNOWN, str(error))
            except NotImplementedError as error:
                await context.abort(grpc.StatusCode.UNIMPLEMENTED, str(error))
            except Exception as error:  # a bug; its text could hold a value, so only its kind and place are told
                place = _place(error)
                await context.abort(grpc.StatusCode.INTERNAL, f"bug in the stand-in: {type(error).__name__} at {place}")

        return grpc.unary_unary_rpc_method_handler(
            guarded,
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )


def serve(package: str, version: str, provider: Provider) -> None:
    """Serve on a free port of 127.0.0.1, print `package:PORT`, and return after SIGTERM or SIGINT."""
    asyncio.run(_serve(package, version, provider))


async def _serve(package: str, version: str, provider: Provider) -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(_THREADS, thread_name_prefix="server-request"))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS, interceptors=[ErrorsAsStatus()])
    servicer = AttachableServicer([], version, provider, engine_address="")
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"{package}:{port}", flush=True)
    await stop.wait()
    await server.stop(_GRACE_SECONDS)


def _initialisation_failed(error: MadeButUnreadError) -> tuple[str, bytes]:
    """Return the detail that makes the engine keep a resource in its state although creating it failed.

    Otherwise the next run would create it once more, and the server would refuse.
    """
    detail = provider_pb2.ErrorResourceInitFailed(id=error.identity, properties=error.properties, reasons=[str(error)])
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
    status.details.add().Pack(detail)
    return "grpc-status-details-bin", status.SerializeToString()


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else "an unknown place"
