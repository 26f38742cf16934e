"""What the platform team writes about the External Secrets Operator of a cluster."""

from typing import Literal

from strongroom.spec.model import Model


class ExternalSecrets(Model):
    """The External Secrets Operator of one cluster, which brings secrets to the namespaces of their workloads."""

    api_version: Literal["v1", "v1beta1"] = "v1"
    """Of its manifests. `v1beta1` for an operator older than 0.17, which serves no `v1`."""
