"""Assets and archives of a state: the engine keeps their hashes and not their contents, which the SDK cannot read."""

from typing import Any, Final

from google.protobuf.struct_pb2 import Struct, Value
from pulumi.runtime import rpc

_CONTENT: Final = {
    rpc._special_asset_sig: ("path", "text", "uri"),
    rpc._special_archive_sig: ("path", "assets", "uri"),
}


def make_readable(request: Any) -> None:
    """Give every asset and archive of a request that has no content an empty one: its row knows it by its hash."""
    for field, value in request.ListFields():
        if field.message_type is not None and field.message_type.full_name == Struct.DESCRIPTOR.full_name:
            _mend(value)


def _mend(struct: Struct) -> None:
    kind = struct.fields[rpc._special_sig_key].string_value if rpc._special_sig_key in struct.fields else ""
    if kind in _CONTENT and not any(name in struct.fields for name in _CONTENT[kind]):
        empty = Value(string_value="") if kind == rpc._special_asset_sig else Value(struct_value=Struct())
        struct.fields["text" if kind == rpc._special_asset_sig else "assets"].CopyFrom(empty)
    for value in struct.fields.values():
        _mend_value(value)


def _mend_value(value: Value) -> None:
    if value.HasField("struct_value"):
        _mend(value.struct_value)
    elif value.HasField("list_value"):
        for item in value.list_value.values:
            _mend_value(item)
