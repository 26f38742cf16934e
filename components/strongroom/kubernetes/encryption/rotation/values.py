"""By what the values of a cluster are written: counted in etcd, or, without a way there, by reading each one once."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, Protocol

from strongroom.errors import StrongroomError
from strongroom.kubernetes.encryption.ring import KEYED, Entry, Ring
from strongroom.kubernetes.encryption.rotation.api import Api, ApiError, ExpiredError
from strongroom.kubernetes.encryption.rotation.etcd import Etcd
from strongroom.kubernetes.encryption.rotation.metrics import Told
from strongroom.kubernetes.encryption.rotation.prefixes import counted, entry_of
from strongroom.kubernetes.encryption.rotation.resources import Resource
from strongroom.kubernetes.encryption.rotation.seen import Stored
from strongroom.kubernetes.encryption.rotation.unanswered import UnansweredError

PAGE: Final = 500
GONE: Final = 404


class Values(Protocol):
    """The values of the resources that a ring encrypts. Every method raises StrongroomError."""

    @property
    def how(self) -> str:
        """How it is known, for people."""

    def count(self, ring: Ring) -> Stored:
        """By what they are written now. All API servers have loaded `ring`."""

    def others(self, entry: Entry) -> Iterator[str]:
        """The API paths of all objects that may not be written by an entry."""


class EtcdValues:
    """Looks at the first bytes of each value in etcd."""

    how: Final = "counted in etcd"

    def __init__(self, api: Api, etcd: Etcd, resources: Iterable[Resource]) -> None:
        self._api, self._etcd, self._resources = api, etcd, tuple(resources)

    def count(self, ring: Ring) -> Stored:  # noqa: ARG002  what is in etcd says it itself
        return counted(entry_of(head) for resource in self._resources for _, head in self._heads(resource))

    def others(self, entry: Entry) -> Iterator[str]:
        for resource in self._resources:
            for key, head in self._heads(resource):
                if entry_of(head) != entry:
                    namespace, _, name = key.rpartition("/")
                    yield resource.path(name, namespace)

    def _heads(self, resource: Resource) -> Iterator[tuple[str, bytes]]:
        folder = self._folder(resource)
        return self._etcd.heads(folder) if folder else iter(())

    def _folder(self, resource: Resource) -> str | None:
        """Where the objects lie: None if there are none. That it is the etcd of this cluster is proven by an object of
        the API that is there in the same version; another etcd, or prefix, would show nothing that is not rewritten."""
        for _ in range(5):  # it may be changed between the two looks
            items = self._api.page(resource.list, limit="1").items
            if not items:
                return None
            key = "/".join(filter(None, (items[0].get("namespace"), items[0]["name"])))
            for folder in resource.folders:
                if self._etcd.revision(folder, key) == items[0]["resourceVersion"]:
                    return folder
        raise StrongroomError(
            f"the API server shows {resource} {key}, and etcd has not that version of it under {self._etcd.prefix}; "
            "correct `encryption.etcd`: its endpoints, or its `prefix`"
        )


class MetricValues:
    """Has one API server read each object from etcd, and looks by which transformers it has read.

    An API server counts what it reads, whoever asks. So if meanwhile it reads nothing by an old entry, and as much by
    the new one as there are objects, then all of them are written by that. It cannot be told of what is not listed.
    """

    def __init__(self, api: Api, resources: Iterable[Resource]) -> None:
        self.how = f"read once each, by the metrics of {api.address}; etcd was not looked into"
        self._api, self._resources = api, tuple(resources)

    def count(self, ring: Ring) -> Stored:
        before, _ = self._api.told()
        asked = {resource: self._read_each(resource) for resource in self._resources}
        after, _ = self._api.told()
        if (before.started_seconds, before.loaded) != (after.started_seconds, after.loaded):
            raise UnansweredError(f"{self._api.address} was restarted or reloaded while it was asked")
        by, strange = Counter[Entry](), 0
        for resource, count in asked.items():
            found = _found(ring, _difference(before, after, resource.label))
            by += found
            if (unaccounted := count - found.total()) > 0:
                strange += unaccounted
        return Stored(by=dict(by), strange=strange)

    def others(self, entry: Entry) -> Iterator[str]:  # noqa: ARG002  each may be one
        for resource in self._resources:
            yield from self._paths(resource)

    def _read_each(self, resource: Resource) -> int:
        count = 0
        for path in self._paths(resource):
            try:
                # Without a version, a single object comes from etcd; a list may come from the server's cache.
                self._api.metadata(path)
                count += 1
            except ApiError as error:
                if error.status != GONE:
                    raise
        return count

    def _paths(self, resource: Resource) -> Iterator[str]:
        further = ""
        while True:
            try:
                page = self._api.page(resource.list, limit=str(PAGE), **({"continue": further} if further else {}))
            except ExpiredError as error:
                if not further:
                    raise
                # What came meanwhile may be missing then, and is written by the ring that is loaded everywhere.
                further = error.further
                continue
            yield from (resource.path(item["name"], str(item.get("namespace") or "")) for item in page.items)
            if not (further := page.next):
                return


def _difference(before: Told, after: Told, label: str) -> Counter[str]:
    return Counter(
        {
            prefix: count - before.read.get((resource, prefix), 0)
            for (resource, prefix), count in after.read.items()
            if resource == label
        }
    )


def _found(ring: Ring, read: Counter[str]) -> Counter[Entry]:
    """What was read by each entry. Of two keys of one name, the one that their provider says is meant, or both."""
    found = Counter[Entry]()
    for entry in ring.entries:
        if entry.kind in KEYED:
            # A provider counts once, and its key once more, by its name alone.
            found[entry] = min(read[f"k8s:enc:{entry.kind}:v1:"], read[f"{entry.name}:"])
        else:
            found[entry] = read[entry.prefix.decode() or entry.kind]  # of plain text, `identity`
    return +found
