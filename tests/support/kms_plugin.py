"""A KMS plugin for tests: version 2 of the interface (k8s.io/kms, `apis/v2/api.proto`), with a key of its own.

Its messages have nothing but texts and bytes, so that they are written out here and need no compiler.
"""

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import grpc
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES: Final = 12
_SERVICE: Final = "v2.KeyManagementService"
Message = Mapping[int, bytes]
"""The fields of a message by their numbers."""


class KmsPlugin:
    """What it encrypts only itself decrypts."""

    def __init__(self) -> None:
        self._key, self._key_id = AESGCM(secrets.token_bytes(32)), secrets.token_hex(8).encode()
        self.decrypted = 0
        """How often it was asked to decrypt."""

    def status(self, request: Message) -> Message:  # noqa: ARG002
        return {1: b"v2", 2: b"ok", 3: self._key_id}

    def encrypt(self, request: Message) -> Message:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return {1: nonce + self._key.encrypt(nonce, request.get(1, b""), None), 2: self._key_id}

    def decrypt(self, request: Message) -> Message:
        self.decrypted += 1
        data = request[1]
        return {1: self._key.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], None)}


@contextmanager
def kms_plugin(socket: Path) -> Iterator[KmsPlugin]:
    """A plugin that listens on a socket for as long as the block lasts."""
    plugin = KmsPlugin()
    methods = {"Status": plugin.status, "Encrypt": plugin.encrypt, "Decrypt": plugin.decrypt}
    handlers = {
        name: grpc.unary_unary_rpc_method_handler(
            _answering(method), request_deserializer=_read, response_serializer=_written
        )
        for name, method in methods.items()
    }
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(_SERVICE, handlers),))
    server.add_insecure_port(f"unix://{socket}")
    server.start()
    os.chmod(socket, 0o600)  # noqa: PTH101
    try:
        yield plugin
    finally:
        server.stop(1).wait()


def _answering(method: Callable[[Message], Message]) -> Callable[[Message, grpc.ServicerContext], Message]:
    def answer(request: Message, context: grpc.ServicerContext) -> Message:
        return method(request)

    return answer


def _written(message: Message) -> bytes:
    return b"".join(bytes([number << 3 | 2]) + _varint(len(value)) + value for number, value in message.items())


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


def _read(data: bytes) -> Message:
    found, position = dict[int, bytes](), 0
    while position < len(data):
        number, position = data[position] >> 3, position + 1
        length = shift = 0
        while True:
            byte, position = data[position], position + 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        found[number], position = data[position : position + length], position + length
    return found
