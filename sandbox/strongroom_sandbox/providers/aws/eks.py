"""Which service account of a cluster has which role. Moto has clusters but not this: it is kept in a file beside it."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pulumi_aws import eks

from ..frame.errors import StandInError
from ..frame.file_store import FileStore
from ..frame.row import Row, Written, words
from ..frame.values import Properties
from .api import Aws

_FILE: Final = "pod-identity-associations.json"
_KEY: Final = words("clusterName namespace serviceAccount")
_TOLD: Final = words(
    "clusterName disableSessionTags externalId namespace policy roleArn serviceAccount tags targetRoleArn"
)


@dataclass(frozen=True, kw_only=True)
class AssociationRow(Row[Aws]):
    """An association. Cluster and role are looked for on moto, so that none of what is not there is named."""

    def create(self, server: Aws, inputs: Properties) -> Written:
        """Keep it, unless the service account has one already."""
        here = server.within(inputs.get("region"))
        _require(here, inputs)
        identity = f"a-{secrets.token_hex(8)}"
        with _store().changing() as kept:
            for other, found in kept.items():
                if all(found[name] == inputs[name] for name in _KEY):
                    raise StandInError(
                        f"eks create_pod_identity_association: ResourceInUseException: {inputs['namespace']}/"
                        f"{inputs['serviceAccount']} of {inputs['clusterName']} has association {other}: import it"
                    )
            kept[identity] = _document(inputs) | {"region": here.region}
        return Written(identity)

    def read(self, server: Aws, identity: str, known: Properties) -> Properties | None:  # noqa: ARG002
        """Return what is kept. The official provider imports by `CLUSTER,ID`."""
        association = identity.rpartition(",")[2]
        found = _store().read(association)
        if found is None:
            return None
        here = server.within(found["region"])
        arn = here.arn("eks", f"podidentityassociation/{found['clusterName']}/{association}")
        told = {name: found.get(name) for name in _TOLD}
        tags = found.get("tags") or {}
        return told | {
            "associationArn": arn, "associationId": association, "region": here.region, "tags": tags, "tagsAll": tags,
        }  # fmt: skip

    def update(self, server: Aws, identity: str, state: Properties, inputs: Properties) -> None:
        """Keep it anew."""
        here = server.within(state.get("region"))
        _require(here, inputs)
        with _store().changing() as kept:
            kept[identity.rpartition(",")[2]] = _document(inputs) | {"region": here.region}

    def delete(self, server: Aws, identity: str, state: Properties) -> None:  # noqa: ARG002
        """Forget it."""
        with _store().changing() as kept:
            kept.pop(identity.rpartition(",")[2], None)


def _document(inputs: Properties) -> Properties:
    return {name: inputs[name] for name in sorted(_TOLD & inputs.keys())}


def _require(here: Aws, inputs: Properties) -> None:
    if here.find("eks", "describe_cluster", name=inputs["clusterName"]) is None:
        raise StandInError(f"there is no EKS cluster {inputs['clusterName']!r} in {here.region}: correct clusterName")
    if here.find("iam", "get_role", RoleName=str(inputs["roleArn"]).rpartition("/")[2]) is None:
        raise StandInError(f"there is no role {inputs['roleArn']!r}: correct roleArn")


def _store() -> FileStore:
    """Beside moto's credentials, in the sandbox's folder."""
    return FileStore(Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"]).with_name(_FILE))


ROWS = (
    AssociationRow(
        resource=eks.PodIdentityAssociation,
        replaces=_KEY | words("region"),
        computed=words("region"),
    ),
)
