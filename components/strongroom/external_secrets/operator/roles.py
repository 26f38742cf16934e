"""Roles and their bindings as resources, from their manifests."""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from strongroom.external_secrets.operator import documents
from strongroom.stage import leaf


def make_role(
    parent: pulumi.Resource,
    name: str,
    found: documents.Manifest,
    account: tuple[str, str],
    after: Sequence[pulumi.Resource] = (),
) -> list[pulumi.Resource]:
    """A role and its binding to a service account, given as name and namespace."""
    of = kubernetes.rbac.v1
    bound = documents.binding(found, *account)
    kinds: dict[str, tuple[Any, Any]] = {
        "Role": (of.Role, of.RoleBinding),
        "ClusterRole": (of.ClusterRole, of.ClusterRoleBinding),
    }
    role, binding = kinds[found["kind"]]
    made = role(name, metadata=found["metadata"], rules=found["rules"], opts=leaf(parent, depends_on=after))
    # No binding before its role: the API server asks whoever binds for the rights that the role gives.
    given = binding(
        f"{name}-binding",
        metadata=bound["metadata"],
        role_ref=bound["roleRef"],
        subjects=bound["subjects"],
        opts=leaf(parent, depends_on=[made]),
    )
    return [made, given]
