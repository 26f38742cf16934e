"""A DNS server on loopback that knows a few TXT records, for challenges of ACME clients."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from dnslib import QTYPE, RCODE, RR, TXT, DNSRecord


class Zone:
    """Its records, which tests may change while it is served."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        """Name without its last dot -> texts."""

    def answer(self, data: bytes) -> bytes:
        """The answer to one question."""
        question = DNSRecord.parse(data)
        reply = question.reply()
        name = str(question.q.qname).rstrip(".").lower()
        if name not in self.texts:
            reply.header.rcode = RCODE.NXDOMAIN
        elif question.q.qtype == QTYPE.TXT:
            for text in self.texts[name]:
                reply.add_answer(RR(question.q.qname, QTYPE.TXT, rdata=TXT(text), ttl=0))
        return bytes(reply.pack())


@contextmanager
def serving(zone: Zone) -> Iterator[str]:
    """Its address, `host:port`, for as long as the block lasts."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, socket = self.request
            socket.sendto(zone.answer(data), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
