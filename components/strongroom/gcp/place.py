"""Where something of Google Cloud is: part of every record of a thing there."""

from dataclasses import dataclass
from typing import Final

from strongroom.plan.scope import Scope

SECRET_MANAGER: Final = "secretmanager.googleapis.com"  # noqa: S105  the name of a service
PUBSUB: Final = "pubsub.googleapis.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class GcpPlace:
    """One project."""

    project: str
    number: str
    """Google's own name of it. Credentials for another project than this are refused before anything is made."""

    @property
    def secret_manager_agent(self) -> str:
        """As whom Secret Manager uses keys and topics: "Enable CMEK", "Create rotation schedules"."""
        return f"serviceAccount:service-{self.number}@gcp-sa-secretmanager.iam.gserviceaccount.com"

    @property
    def pubsub_agent(self) -> str:
        """As whom Pub/Sub moves what could not be delivered: Pub/Sub, "Handle message failures"."""
        return f"serviceAccount:service-{self.number}@gcp-sa-pubsub.iam.gserviceaccount.com"

    def __str__(self) -> str:
        return self.project


def place_of(scope: Scope) -> GcpPlace:
    """The environment's own. It has a `gcp` section: `strongroom.plan.cloud_stores` checks that."""
    gcp = scope.environment.gcp
    assert gcp is not None
    return GcpPlace(project=gcp.project, number=gcp.project_number)
