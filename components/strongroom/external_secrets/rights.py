"""What a workload may do with the Secrets that are delivered to it: read each by its name. Pure."""

from collections.abc import Iterator

from strongroom.external_secrets.delivered import by_workload
from strongroom.kubernetes.access.grants import Right
from strongroom.plan.scope import Key, Scope


def rights_of(scope: Scope, workload: Key) -> Iterator[Right]:
    """The rights of one workload. Pods that mount a Secret need none; those that ask the API server for it do.

    None on a Secret that somebody else makes (`Merge`, `CreateOrMerge`): what else is in it was not granted.
    """
    for found in by_workload(scope).get(workload, ()):
        if "Merge" in found.delivery.creation_policy:
            continue
        yield Right(
            cluster=found.cluster,
            namespace=found.account.namespace,
            secret=found.delivery.kubernetes_secret,
            verbs=frozenset({"get"}),
        )
