"""Start, print the port, serve until the engine says stop or is gone."""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent import futures
from types import FrameType

import grpc

from strongroom_sandbox.toolchain.language_host.processes import Processes
from strongroom_sandbox.toolchain.language_host.service import LanguageHost, register

#: A program, its policy packs and plugins each hold a thread while they run.
_THREADS = 64
_MAX_MESSAGE_BYTES = 400 * 1024 * 1024  # as every Pulumi plugin


def main(arguments: list[str]) -> int:
    """Serve the engine whose address is the only positional argument. Everything is quiet but the port."""
    # Flags, with or without a value of their own (`--tracing X`), come before the address.
    engine = arguments[-1] if arguments and not arguments[-1].startswith("-") else ""
    stop = threading.Event()
    received: list[int] = []

    def on_signal(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        stop.set()

    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGTERM, on_signal)
    parent = os.getppid()

    processes = Processes()
    limits = [
        ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
        ("grpc.max_send_message_length", _MAX_MESSAGE_BYTES),
    ]
    server = grpc.server(futures.ThreadPoolExecutor(_THREADS), options=limits)
    register(LanguageHost(engine, processes), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)

    # An engine that was killed (kill -9) sends no signal, but then this process gets another parent.
    while not stop.wait(timeout=0.5):
        if os.getppid() != parent:
            break
    processes.close(received[0] if received else signal.SIGTERM)
    server.stop(grace=None).wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
