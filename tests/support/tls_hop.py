"""TLS before a server that has none, as stunnel does it: for clients that must verify whom they speak to."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from strongroom_sandbox.certificates import Authority

HOST = "127.0.0.1"


class TlsHop(NamedTuple):
    """Where it listens, and the authority of its certificate."""

    port: int
    ca_pem: str


@contextmanager
def tls_before(port: int, directory: Path) -> Iterator[TlsHop]:
    """Listens with TLS on loopback and passes on to `port` what comes."""
    authority = Authority(directory)
    authority.prepare()
    files = authority.issue(directory)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(lambda r, w: _pass_on(r, w, port), HOST, 0, ssl=context))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield TlsHop(server.sockets[0].getsockname()[1], authority.certificate.read_text())
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    inner_reader, inner_writer = await asyncio.open_connection(HOST, port)
    try:
        await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))
        for end in (writer, inner_writer):
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await end.wait_closed()
    finally:
        # Without effect on what is closed; of the rest nothing may be left when the loop ends.
        for end in (writer, inner_writer):
            end.transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, ssl.SSLError):  # the other end went away: so does this one
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)  # what was aborted is closed in the loop's next round
