"""Resources in a file, for vendors of whose control plane nobody has an emulator. No secret belongs in it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock

from strongroom_sandbox.files import write_secret

from .errors import StandInError

Document = dict[str, Any]
"""A resource as the vendor's API describes it."""
Resources = dict[str, Document]
"""All there are, by the vendor's id."""


class FileStore:
    """A JSON file of resources by id (0600). Each change is a transaction, whoever else has the file open."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self, identity: str) -> Document | None:
        """Return one resource, None if it is not there."""
        return self.all().get(identity)

    def all(self) -> Resources:
        """Return every resource, by id.

        Raises:
            StandInError: the file is not what `changing` wrote.
        """
        if not self._file.exists():
            return {}
        try:
            found: Resources = json.loads(self._file.read_text("utf-8"))
        except ValueError as error:
            raise StandInError(f"{self._file} is not the file of a stand-in: remove it, with all it holds") from error
        return found

    @contextmanager
    def changing(self) -> Iterator[Resources]:
        """All resources, to look at and to change; written at the end of the block, unless it raises."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        # A lock of its own for each change: one lock object would let a second thread in as its owner.
        with FileLock(f"{self._file}.lock"):
            resources = self.all()
            yield resources
            write_secret(self._file, _text(resources))


def _text(resources: Mapping[str, Document]) -> str:
    return json.dumps(resources, indent=1, sort_keys=True) + "\n"
