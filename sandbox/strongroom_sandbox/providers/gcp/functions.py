"""The functions that are served: which project it is. None tells a value."""

from collections.abc import Mapping
from typing import Final

from ..frame.errors import StandInError
from ..frame.row import Answer, Function
from ..frame.values import Properties
from .cloud import Cloud


def project(server: Cloud, arguments: Properties) -> Answer:
    """Return a project's number and its other names."""
    name = arguments.get("projectId") or server.project
    if not name:
        raise StandInError("getProject needs a projectId, or the provider a project")
    return Answer(
        {
            "id": f"projects/{name}",
            "projectId": name,
            "name": name,
            "number": server.number(name),
            "labels": {},
            "effectiveLabels": {},
            "pulumiLabels": {},
            "tags": {},
            "autoCreateNetwork": True,
            "billingAccount": "",
            "deletionPolicy": "",
            "folderId": "",
            "orgId": "",
        }
    )


FUNCTIONS: Final[Mapping[str, Function[Cloud]]] = {"gcp:organizations/getProject:getProject": project}
