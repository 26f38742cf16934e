"""What people write about rotation in GCP Secret Manager."""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from strongroom.gcp.names import ServiceAccountEmail
from strongroom.spec.model import Model, StrictInt
from strongroom.spec.names import HttpsUrl, refuse


def _check_time(text: str) -> str:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", text):
        try:
            datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            pass
        else:
            return text
    raise refuse(f"'{text[:40]}' is no time in UTC", 'write it as "2027-01-04T03:00:00Z", in quotes')


class GcpPush(Model):
    """Notifications are sent to a service, such as one of Cloud Run, with a token that says who sends them."""

    endpoint: HttpsUrl
    """The service's URL."""
    invoker: ServiceAccountEmail
    """As whom Pub/Sub calls it. It needs `roles/run.invoker` on the service, and nothing else."""
    audience: HttpsUrl | None = None
    """The audience of the token. Default: the endpoint."""


class GcpTopic(Model):
    """A Pub/Sub topic on which Secret Manager says when a secret is due, and a subscriber of yours that rotates it.
    Secret Manager itself changes no value: docs/gcp/secret-manager.md."""

    starts_at: Annotated[str, AfterValidator(_check_time)]
    """When rotations are counted from, in UTC: `"2027-01-04T03:00:00Z"`. Each secret is due
    then, and every `rotate_every` from then on. It may lie in the past."""
    subscriber: ServiceAccountEmail
    """As whom the rotating code runs. It may read, and write new versions of, exactly the secrets that name this
    rotator."""
    push: GcpPush | None = None
    """Where notifications are sent. Default: the subscriber pulls them."""
    max_delivery_attempts: Annotated[StrictInt, Field(ge=5, le=100)] = 10
    """After how many attempts a notification is put aside, in a topic and subscription of its own that keep it for 31
    days."""
