"""What a resource records about where in the code it was made."""

from pathlib import Path

from pulumi.runtime import resource as sdk

from strongroom.traces import one_frame_each


class Resource:
    """The three constructors that the SDK expects above whoever makes a resource."""

    def __init__(self) -> None:
        self.trace = sdk._get_stack_trace()


def test_one_frame_is_recorded_and_the_sdk_is_as_before_afterwards() -> None:
    original = sdk._get_stack_trace
    with one_frame_each():
        made = Resource()
    assert [Path(frame.pc.uri).name for frame in made.trace.frames] == [Path(__file__).name]
    assert sdk._get_stack_trace is original
