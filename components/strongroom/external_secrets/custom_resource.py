"""One object of the operator as a resource, whichever version of its kind it is written in."""

from collections.abc import Mapping
from typing import Any, Final

import pulumi
import pulumi_kubernetes as kubernetes

from strongroom.external_secrets.document import GROUP
from strongroom.stage import leaf

_VERSIONS: Final = ("v1", "v1beta1")
_OURS: Final = {"pulumi.com/patchForce": "true"}
"""What somebody changed by hand is as it was declared with the next deployment, and what the API server fills in for
another version is no conflict: pulumi-kubernetes, "Server-Side Apply", handle field conflicts."""


def custom_resource(
    name: str, manifest: Mapping[str, Any], parent: pulumi.Resource, **options: object
) -> pulumi.Resource:
    """The object of a manifest.

    The type of a resource names the version, so that a newer one would be another resource, which the API server
    refuses to make, as the object is there; and whoever deletes the old one deletes it, with the Secrets that it owns.
    So each is told what it was called before.
    """
    kind = manifest["kind"]
    before = [pulumi.Alias(type_=f"kubernetes:{GROUP}/{version}:{kind}") for version in _VERSIONS]
    made: pulumi.Resource = kubernetes.apiextensions.CustomResource(
        name,
        api_version=manifest["apiVersion"],
        kind=kind,
        metadata={**manifest["metadata"], "annotations": _OURS},
        spec=manifest["spec"],
        opts=leaf(parent, aliases=before, **options),
    )
    return made
