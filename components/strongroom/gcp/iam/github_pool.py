"""A pool of identities for GitHub Actions as a component."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_gcp as gcp

from strongroom.stage import leaf


class GcpGithubPoolArgs(TypedDict):
    """A pool of identities for jobs of GitHub Actions."""

    project: pulumi.Input[str]
    """The project's id."""
    pool_id: str
    """Its id, 4 to 32 characters. It cannot be used again for 30 days after a deletion."""
    condition: pulumi.Input[str]
    """Which tokens are admitted, as an expression of CEL over `assertion`, at most 4,096 characters."""
    issuer: NotRequired[pulumi.Input[str]]
    """The issuer. Default: that of github.com."""


class GcpGithubPool(pulumi.ComponentResource):
    """Workload Identity Federation with GitHub Actions. A policy names one job by its `sub` claim."""

    pool: pulumi.Output[str]
    """The pool's full name, with the project's number."""
    provider_name: pulumi.Output[str]
    """The provider's full name: what a job's login names."""

    def __init__(self, name: str, args: GcpGithubPoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:GcpGithubPool", name, None, opts)
        made = gcp.iam.WorkloadIdentityPool(
            f"{name}-pool",
            project=args["project"],
            workload_identity_pool_id=args["pool_id"],
            display_name="GitHub Actions",
            opts=leaf(self),
        )
        # Whoever may set up jobs in an admitted repository can choose its audience; the default one is this provider's
        # own name, so a token that was made for another service is no use here.
        admits = gcp.iam.WorkloadIdentityPoolProvider(
            f"{name}-provider",
            project=args["project"],
            workload_identity_pool_id=made.workload_identity_pool_id,
            workload_identity_pool_provider_id="github-actions",
            display_name="GitHub Actions",
            attribute_mapping={"google.subject": "assertion.sub", "attribute.repository": "assertion.repository"},
            attribute_condition=args["condition"],
            oidc={"issuer_uri": args.get("issuer", "https://token.actions.githubusercontent.com")},
            opts=leaf(self),
        )
        self.pool, self.provider_name = made.name, admits.name
        self.register_outputs({"pool": self.pool, "provider_name": self.provider_name})
        self.resources = (made, admits)
