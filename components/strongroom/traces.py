"""Keeps Python stacks out of the state.

For every resource the SDK records the whole stack at its construction, with the paths of the machine that ran the
program. That is a third of the state, which the file backends write anew for every step. One frame is enough to find
the place in the code.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pulumi
from pulumi.runtime import resource as sdk
from pulumi.runtime.proto import source_pb2

_SDKS = tuple(str(Path(pulumi.__file__).parent.parent / name) for name in ("pulumi", "pulumi_"))


@contextmanager
def one_frame_each() -> Iterator[None]:
    """While it lasts, a resource records the one frame outside the SDKs that made it.

    The SDK has no setting for this, so a function of its own is replaced; a test fails if a release renames it.
    """
    original = sdk._get_stack_trace
    sdk._get_stack_trace = _caller
    try:
        yield
    finally:
        sdk._get_stack_trace = original


def _caller() -> source_pb2.StackTrace:
    frame: FrameType | None = sys._getframe(1)
    while frame and frame.f_code.co_filename.startswith(_SDKS):
        frame = frame.f_back
    if frame is None:
        return source_pb2.StackTrace()
    position = source_pb2.SourcePosition(uri=Path(frame.f_code.co_filename).as_uri(), line=frame.f_lineno)
    return source_pb2.StackTrace(frames=[source_pb2.StackFrame(pc=position)])
