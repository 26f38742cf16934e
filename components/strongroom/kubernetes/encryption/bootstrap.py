"""The first ring of a cluster, made in its key store; or that of a file that is there already, taken over."""

from collections.abc import Iterator

from strongroom.errors import WrongInputError
from strongroom.kubernetes.encryption.document import IDENTITY, Configuration
from strongroom.kubernetes.encryption.key_store import Kept, KeyStore
from strongroom.kubernetes.encryption.keys import Key, next_entry
from strongroom.kubernetes.encryption.parse import parse
from strongroom.kubernetes.encryption.plan import EncryptionAtRest
from strongroom.kubernetes.encryption.ring import KEYED, Entry, Ring
from strongroom.kubernetes.encryption.rules import advice


def begin(store: KeyStore, record: EncryptionAtRest, *, new_cluster: bool, file: bytes | None) -> tuple[Kept, bool]:
    """Makes the first ring of a cluster if the store has none; returns what is kept, and whether it was made now.

    With `file`, that of an API server which encrypts already, its ring and keys are kept. Raises WrongInputError if
    that does not say what is declared, or if the store has another ring and not its keys; and DocumentError if an API
    server would refuse it.
    """
    seen = store.read()
    if seen is None:
        kept = taken_over(record, file) if file is not None else first(record, new_cluster=new_cluster)
        return store.write(kept, None), True
    if file is not None and (lacking := seen.lacks(parse(file)[1])):
        raise WrongInputError(
            f"the file has keys that the store does not keep ({lacking}), and the store has the ring {seen.ring} for "
            f"{record.key} already; nothing was changed. If no API server ever had that ring, delete its secret in the "
            "store with all versions, and take the file over then. Else keep the file where you keep what is secret: "
            "what is in etcd by its keys is read by nothing else"
        )
    return seen, False


def advised(record: EncryptionAtRest) -> Iterator[str]:
    """What should be otherwise of what is declared, a sentence each."""
    return advice(record.configuration(Ring((_entry(record),))))


def first(record: EncryptionAtRest, *, new_cluster: bool) -> Kept:
    """A ring with a new key.

    What is in etcd of a running cluster is plain text, and each of its API servers learns the key at another time: so
    the key is second, and a rotation makes it the first when all of them know it. In a new cluster there is nothing to
    read, and its API servers refuse plain text from the start.
    """
    entry = _entry(record)
    keys = {entry: Key.new()} if entry.kind in KEYED else {}
    others = () if new_cluster else (IDENTITY,)
    return Kept(Ring(tuple(dict.fromkeys((*others, entry)))), keys, record.covers)


def taken_over(record: EncryptionAtRest, file: bytes) -> Kept:
    """The ring and keys of a file."""
    configuration, keys = parse(file)
    ring = configuration.groups[-1].ring
    if _unordered(configuration) != _unordered(record.configuration(ring)):
        raise WrongInputError(
            f"the file says something else than the environment file does of {record.key}: it has "
            f"{_said(configuration)}, and declared is {_said(record.configuration(ring))}. Declare what it says first, "
            "and change that afterwards"
        )
    return Kept(ring, keys, record.covers)


def _entry(record: EncryptionAtRest) -> Entry:
    if record.provider == "kms":
        return record.plugins[0].entry
    return next_entry(record.provider, ()) if record.provider in KEYED else IDENTITY


def _unordered(configuration: Configuration) -> tuple[object, ...]:
    """The order of plugins is that of the ring in a file, and one's own where they are declared: it means nothing."""
    return configuration.groups, frozenset(configuration.plugins)


def _said(configuration: Configuration) -> str:
    groups = (f"{', '.join(group.resources)} by {group.ring}" for group in configuration.groups)
    plugins = (f"{plugin.name} at {plugin.endpoint} ({plugin.timeout_ms} ms)" for plugin in configuration.plugins)
    return "; ".join((*groups, *plugins))
