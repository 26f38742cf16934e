"""From a SecretStore in Google Cloud to the value: the service account's role in the secret's own policy."""

from collections.abc import Iterator

from strongroom.external_secrets.providers import GcpProvider
from strongroom.external_secrets.reachability.records import Missing, Records
from strongroom.external_secrets.records import ExternalSecret
from strongroom.gcp.iam.grants import READER
from strongroom.gcp.secret_manager.plan import GcpSecret
from strongroom.plan.stored import StoredSecret


def follow(
    records: Records,  # noqa: ARG001  the secret's policy is part of its record
    provider: GcpProvider,
    secret: ExternalSecret,
    stored: StoredSecret,
) -> Iterator[Missing]:
    """What is missing."""
    if not isinstance(stored, GcpSecret) or stored.place.project != provider.project:
        yield f"{secret.secret} is not kept in project {provider.project}", "deliver it from its own store"
        return
    if not provider.principal.endswith(f"/subject/ns/{secret.namespace}/sa/{provider.service_account}"):
        yield (
            f"{provider.principal} is not service account {secret.namespace}/{provider.service_account}",
            "let the workload run as that account",
        )
    if not any(binding.role == READER and provider.principal in binding.members for binding in stored.access):
        yield f"{provider.principal} has no role that reads {secret.secret}", "grant `read` on the secret"
    for key in sorted(set(secret.keys) - {stored.path}):
        yield f"{key} is not where {secret.secret} is kept, which is {stored.path}", "deliver it from its own store"
