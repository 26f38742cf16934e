"""Runs a Pulumi program without an engine: what it asks goes to a monitor of ours, and nothing is made."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context

from pulumi.runtime import mocks, settings
from pulumi.runtime.stack import run_in_stack
from pulumi.runtime.sync_await import _ensure_event_loop


def run(
    program: Callable[[], object],
    provider: mocks.Mocks,
    monitor: mocks.MockMonitor,
    *,
    project: str,
    stack: str,
    preview: bool = False,
) -> None:
    """Runs a program to its end. Raises what the program raises.

    Args:
        program: Whatever it returns is dropped.
        provider: Answers for all providers.
        monitor: Gets every request exactly as the engine would.
        project: The project's name, which is in every URN.
        stack: The stack's name, likewise.
        preview: Whether the program is told that nothing is made.
    """

    def run_here() -> None:
        with _event_loop() as loop:
            mocks.set_mocks(provider, project=project, stack=stack, preview=preview, monitor=monitor)
            settings.ROOT.set(None)  # set_mocks made one, and `run_in_stack` makes its own
            loop.run_until_complete(run_in_stack(lambda: _ran(program)))

    # All of the runtime's state is in context variables, and this context ends with this function.
    copy_context().run(run_here)


def _ran(program: Callable[[], object]) -> None:
    program()  # whatever it returns is not for the runtime, which would await it


@contextmanager
def _event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    # One thread, so that requests come one after another; the mock monitor opens a loop of its own in it.
    executor = ThreadPoolExecutor(max_workers=1)
    loop.set_default_executor(executor)
    try:
        yield loop
    finally:
        executor.submit(_close_loop_of_this_thread).result()
        loop.run_until_complete(loop.shutdown_default_executor())
        asyncio.set_event_loop(None)
        loop.close()


def _close_loop_of_this_thread() -> None:
    _ensure_event_loop().close()  # type: ignore[no-untyped-call]
