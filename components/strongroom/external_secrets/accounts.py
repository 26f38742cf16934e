"""Service accounts of workloads as a component: the annotations by which a cloud knows them."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as kubernetes

from strongroom.external_secrets.records import AZURE_CLIENT, ServiceAccount
from strongroom.kubernetes import provider
from strongroom.kubernetes.place import ClusterPlace
from strongroom.plan.plan import Plan
from strongroom.stage import Stage, leaf


class WorkloadServiceAccountArgs(TypedDict):
    """One service account."""

    namespace: str
    """Its namespace, which is there."""
    name: str
    """Its name."""
    annotations: dict[str, pulumi.Input[str]]
    """Its annotations, such as `eks.amazonaws.com/role-arn`."""
    create: NotRequired[bool]
    """Whether the account itself is made, and goes with this. Default false: only these annotations are ours, of an
    account that somebody else makes."""


class WorkloadServiceAccountsArgs(TypedDict):
    """Service accounts of one cluster."""

    accounts: list[WorkloadServiceAccountArgs]
    """The accounts."""


class WorkloadServiceAccounts(pulumi.ComponentResource):
    """Service accounts as clouds know them."""

    names: pulumi.Output[list[str]]
    """The accounts as `namespace/name`."""

    def __init__(
        self, name: str, args: WorkloadServiceAccountsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("strongroom:index:WorkloadServiceAccounts", name, None, opts)
        names = []
        for account in args["accounts"]:
            called = f"{account['namespace']}/{account['name']}"
            about = {"name": account["name"], "namespace": account["namespace"], "annotations": account["annotations"]}
            if account.get("create"):
                kubernetes.core.v1.ServiceAccount(
                    f"{name}-{called}", metadata=kubernetes.meta.v1.ObjectMetaArgs(**about), opts=leaf(self)
                )
            else:
                kubernetes.core.v1.ServiceAccountPatch(
                    f"{name}-{called}", metadata=kubernetes.meta.v1.ObjectMetaPatchArgs(**about), opts=leaf(self)
                )
            names.append(called)
        self.names = pulumi.Output.from_input(names)
        self.register_outputs({"names": self.names})


def deploy(plan: Plan, stage: Stage, place: ClusterPlace, records: Sequence[ServiceAccount]) -> pulumi.Resource:
    """The accounts of one cluster."""
    return WorkloadServiceAccounts(
        f"{plan.environment}-{place}-service-accounts",
        {"accounts": [_args(record, stage) for record in records]},
        provider.options(stage, place),
    )


def _args(record: ServiceAccount, stage: Stage) -> WorkloadServiceAccountArgs:
    annotations: dict[str, pulumi.Input[str]] = dict(record.annotations)
    if record.azure_identity:
        annotations[AZURE_CLIENT] = stage.azure_client_ids[record.azure_identity]
    return {
        "namespace": record.namespace,
        "name": record.name,
        "annotations": annotations,
        "create": record.create,
    }
