"""A cluster as it is seen: what each API server has loaded, and by what its values are written."""

import hashlib
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Final

from strongroom.kubernetes.encryption import file
from strongroom.kubernetes.encryption.current import current_file
from strongroom.kubernetes.encryption.document import DocumentError
from strongroom.kubernetes.encryption.key_store import Kept
from strongroom.kubernetes.encryption.plan import EncryptionAtRest
from strongroom.kubernetes.encryption.render import render, sha256
from strongroom.kubernetes.encryption.ring import Ring
from strongroom.kubernetes.encryption.rotation.api import Api, ApiError
from strongroom.kubernetes.encryption.rotation.etcd import Etcd
from strongroom.kubernetes.encryption.rotation.metrics import Told
from strongroom.kubernetes.encryption.rotation.resources import resolved
from strongroom.kubernetes.encryption.rotation.rewrite import Rewriting
from strongroom.kubernetes.encryption.rotation.seen import Seen, ServerSeen
from strongroom.kubernetes.encryption.rotation.target import reachable
from strongroom.kubernetes.encryption.rotation.values import EtcdValues, MetricValues, Values
from strongroom.kubernetes.kubeconfig import client_of

CLOCK_SECONDS: Final = 1
"""How exact the time is that a server says: the header `Date` has whole seconds."""
WITHOUT_HASH: Final = (
    "it says no hash of a loaded file: it runs without `--encryption-provider-config`, or is older than Kubernetes 1.34"
)


class LiveCluster:
    """The API servers of one cluster, each by itself, and its etcd. Use it in a `with` statement."""

    def __init__(self, record: EncryptionAtRest) -> None:
        """Raises StrongroomError if the caller's context leads elsewhere."""
        self.record = record
        self._client = client_of(record.encrypted)
        addresses = record.reach.api_servers or (record.encrypted.server,)
        self.apis = tuple(Api(self._client, address) for address in addresses)
        self.etcd = Etcd(record.reach.etcd) if record.reach.etcd else None

    def __enter__(self) -> "LiveCluster":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        if self.etcd:
            self.etcd.close()

    @property
    def covers(self) -> str:
        """What is read and written by the ring."""
        return self.record.covers

    def publish(self, kept: Kept) -> tuple[str, ...]:
        """Writes the files that are on this machine; returns those that were not as they have to be."""
        if not self.record.reach.files:
            return ()
        data = current_file(self.record, kept)
        changed = [path for path in self.record.reach.files if file.differs(Path(path), data)]
        for path in changed:
            file.write(Path(path), data)
        return tuple(changed)

    def look(self, kept: Kept) -> Seen:
        """What the API servers have loaded; the values are not counted."""
        told = {api: _asked(api) for api in self.apis}
        expected = sha256(current_file(self.record, kept))
        servers = tuple(self._server(api, found, kept, expected) for api, found in told.items())
        return Seen(
            ring=kept.ring,
            servers=servers,
            unnamed=self._unnamed([found for found in told.values() if not isinstance(found, ApiError)]),
            kept=reachable(self.record, kept),
        )

    def values(self) -> Values:
        """Who knows by what the values are written."""
        api = self.apis[0]
        resources = resolved(api, self.record.resources, self.record.plaintext)
        return EtcdValues(api, self.etcd, resources) if self.etcd else MetricValues(api, resources)

    def rewriting(self, rate_per_second: float) -> Rewriting:
        """Who writes values anew."""
        return Rewriting(self.apis, rate_per_second)

    def _server(self, api: Api, found: "tuple[Told, float] | ApiError", kept: Kept, expected: str) -> ServerSeen:
        if isinstance(found, ApiError):
            return ServerSeen(name=api.address, current=False, said=str(found))
        told, now = found
        if told.loaded == expected:
            wanted = self.record.reach.request_timeout_seconds + CLOCK_SECONDS
            return ServerSeen(name=api.address, current=True, drained=now - told.since_seconds >= wanted)
        failures = f"; it could not load a file {told.failures} times since it was started" if told.failures else ""
        return ServerSeen(name=api.address, current=False, said=self._loaded(told.loaded, kept) + failures)

    def _loaded(self, loaded: str, kept: Kept) -> str:
        if not loaded:
            return WITHOUT_HASH
        for ring in _near(kept):
            try:
                if sha256(self._file(kept, ring)) == loaded:
                    return f"it has loaded the ring {ring}"
            except DocumentError:  # a plugin of it is not declared any more
                continue
        return f"it has loaded a file that is none of ours ({loaded}); render it there"

    def _unnamed(self, told: "list[tuple[Told, float]]") -> tuple[str, ...]:
        """The API servers that hold a lease and were not looked at. While one that was named does not answer, nobody
        can say which lease is its own."""
        if len(told) < len(self.apis):
            return ()
        known = {found.identity for found, _ in told}
        return tuple(name for name in self.apis[0].identities() if _identity(name) not in known)

    def _file(self, kept: Kept, ring: Ring) -> bytes:
        return render(self.record.configuration(ring), kept.keys)


def _asked(api: Api) -> "tuple[Told, float] | ApiError":
    try:
        return api.told()
    except ApiError as error:
        return error


def _identity(lease: str) -> str:
    """As metrics have the name of an API server."""
    return f"sha256:{hashlib.sha256(lease.encode()).hexdigest()}"


def _near(kept: Kept) -> Iterator[Ring]:
    """Rings that a server which lags may have."""
    others = sorted((entry for entry in kept.keys if not kept.ring.reads(entry)), key=str)
    entries = (*kept.ring.entries, *others[-2:])
    for size in (1, 2, 3):
        yield from map(Ring, permutations(entries, size))
