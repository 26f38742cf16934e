"""Where a rotation leads: which entry the ring is to be when all is done."""

from collections.abc import Iterable

from strongroom.errors import WrongInputError
from strongroom.kubernetes.encryption.key_store import Kept
from strongroom.kubernetes.encryption.keys import next_entry
from strongroom.kubernetes.encryption.plan import EncryptionAtRest
from strongroom.kubernetes.encryption.ring import KEYED, Entry, Kind


def target_of(record: EncryptionAtRest, kept: Kept, *, new_key: bool) -> Entry:
    """What is declared, by what is kept: no note says what somebody began.

    - A plugin or plain text is declared: that one.
    - The ring has keys of the declared provider: the newest one, so a rotation that was begun goes on.
    - It has none, or with `new_key` it is that key alone: a new one.
    """
    if record.provider == "kms":
        return record.plugins[0].entry
    if record.provider not in KEYED:
        return Entry("identity")
    found = newest(record.provider, kept.ring.entries)
    if found is None or (new_key and len(kept.ring.entries) == 1):
        return next_entry(record.provider, kept.keys)
    return found


def newest(kind: Kind, entries: Iterable[Entry]) -> Entry | None:
    """The newest key of a provider among some: names count up. Of those that do not, as others made them, the first."""
    found = [entry for entry in entries if entry.kind == kind]
    return max(found, key=_number, default=None)  # of equals, `max` takes the first


def _number(entry: Entry) -> int:
    number = entry.name.removeprefix("key-")
    return int(number) if number.isascii() and number.isdecimal() else -1


def named(record: EncryptionAtRest, kept: Kept, text: str) -> Entry:
    """The entry that a person names, to go back to. Raises WrongInputError for one that cannot be gone to."""
    known = reachable(record, kept)
    for entry in known:
        if str(entry) == text and not (entry.kind == "identity" != record.provider):
            return entry
    names = ", ".join(sorted(str(entry) for entry in known if entry.kind != "identity"))
    raise WrongInputError(
        f"{text} is not an entry to go to: there are {names or 'none'}; plain text has to be declared (`provider: "
        "identity`, with its reason)"
    )


def reachable(record: EncryptionAtRest, kept: Kept) -> frozenset[Entry]:
    """What can come into the ring: its keys are kept, or it is declared. Plain text is never taken in because there is
    some: who can write to etcd could have put it there."""
    plugins = (plugin.entry for plugin in record.plugins)
    plain = {Entry("identity")} if record.provider == "identity" else set()
    return frozenset({*kept.keys, *plugins, *kept.ring.entries, *plain})
