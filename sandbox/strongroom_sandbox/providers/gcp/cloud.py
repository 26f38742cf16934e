"""What stands in for Google Cloud: resources by their full names in a file, with the projects that they are in."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ..frame.errors import StandInError
from ..frame.file_store import Document, FileStore, Resources
from ..frame.values import Properties, filled_in

NOTICE: Final = "this is no Google Cloud, but a stand-in that keeps resources in a file"
POLICY: Final = "#policy"
"""What the name of a resource's IAM policy ends in."""


class CloudError(StandInError):
    """What Google would refuse. `code` is its own name for why."""

    def __init__(self, code: str, what: str, said: str) -> None:
        super().__init__(f"{what}: {said} [{code}] ({NOTICE})")
        self.code = code


@dataclass(frozen=True)
class Cloud:
    """The projects and resources of one file, as one provider of a program sees it."""

    store: FileStore
    project: str | None = None
    """The provider's project, for resources that name none."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def number(self, project: str) -> str:
        """The number of a project. Raises CloudError if there is none, or not for these credentials: Google does not
        say which."""
        found = self.store.read(f"projects/{project}")
        if found is None:
            raise CloudError(
                "PERMISSION_DENIED",
                f"project {project}",
                "there is no such project, or the caller does not have permission",
            )
        return str(found["projectNumber"])

    def agent(self, project: str, service: str) -> str:
        """The member of IAM that a service is in a project."""
        return f"serviceAccount:service-{self.number(project)}@gcp-sa-{service}.iam.gserviceaccount.com"


def with_project(inputs: Properties, server: Cloud | None) -> Properties:
    """Inputs with the provider's project, where it has one and they name none."""
    if "project" not in inputs and server and server.project:
        return filled_in(inputs, project=server.project)
    return inputs


def add_project(file: Path, project: str, number: str) -> None:
    """Makes a project, which no resource of the stand-in can: whoever runs it says which there are."""
    with FileStore(file).changing() as resources:
        resources[f"projects/{project}"] = {"projectId": project, "projectNumber": number, "state": "ACTIVE"}


def must_be_there(resources: Resources, name: str, what: str) -> Document:
    """A resource that another one names. Raises CloudError."""
    if name not in resources:
        raise CloudError("NOT_FOUND", what, f"{name} was not found")
    return resources[name]


def members(resources: Resources, name: str, role: str) -> set[str]:
    """Who has a role by a resource's own policy."""
    policy = resources.get(f"{name}{POLICY}", {})
    return {member for b in policy.get("bindings", ()) if b["role"] == role for member in b["members"]}


def etag(body: Any) -> str:
    """What changes whenever the body does."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:16]


def timestamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
