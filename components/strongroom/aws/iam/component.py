"""Roles of workloads as a component."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from strongroom.aws.iam.policies import attach
from strongroom.stage import leaf


class AwsPodIdentityArgs(TypedDict):
    """An association of EKS Pod Identity."""

    cluster: pulumi.Input[str]
    """The cluster's name."""
    region: str
    """Its region."""
    namespace: pulumi.Input[str]
    """The namespace of the pods."""
    service_account: pulumi.Input[str]
    """Their service account."""


class AwsWorkloadRoleArgs(TypedDict):
    """A role."""

    name: str
    """Its name, such as `prod.payments.checkout`, at most 64 characters."""
    trust_policy: pulumi.Input[str]
    """Who may assume it, as JSON."""
    path: NotRequired[str]
    """Its path. Default `/`."""
    inline_policy: NotRequired[pulumi.Input[str]]
    """What it may do, as JSON, at most 10,240 characters."""
    managed_policies: NotRequired[list[pulumi.Input[str]]]
    """The same in several documents, at most 6,144 characters each, and at most 10."""
    max_session_duration_seconds: NotRequired[pulumi.Input[int]]
    """The longest session, 3600 to 43200. Default 3600."""
    permissions_boundary_arn: NotRequired[pulumi.Input[str]]
    """The most it may do, whatever its policies say. Default: none."""
    instance_profile: NotRequired[bool]
    """Whether EC2 instances get it, by a profile of the same name. Default false."""
    pod_identities: NotRequired[list[AwsPodIdentityArgs]]
    """The service accounts that get it by EKS Pod Identity. Default: none."""
    tags: NotRequired[dict[str, str]]
    """Tags. Default: none."""


class AwsWorkloadRolesArgs(TypedDict):
    """Roles of one account."""

    roles: dict[str, AwsWorkloadRoleArgs]
    """The roles by a short name of their own, such as `payments.checkout`."""


class AwsWorkloadRoles(pulumi.ComponentResource):
    """A role for each workload. Nobody gets one before it may do what it is for."""

    arns: pulumi.Output[dict[str, str]]
    """The ARN of each role, by its short name."""

    def __init__(self, name: str, args: AwsWorkloadRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:AwsWorkloadRoles", name, None, opts)
        arns = {short: self._role(f"{name}-{short}", role).arn for short, role in args["roles"].items()}
        self.arns = pulumi.Output.all(**arns)
        self.register_outputs({"arns": self.arns})

    def _role(self, name: str, args: AwsWorkloadRoleArgs) -> aws.iam.Role:
        path, tags = args.get("path", "/"), args.get("tags")
        role = aws.iam.Role(
            f"{name}-role",
            name=args["name"],
            path=path,
            assume_role_policy=args["trust_policy"],
            max_session_duration=args.get("max_session_duration_seconds", 3600),
            permissions_boundary=args.get("permissions_boundary_arn"),
            tags=tags,
            opts=leaf(self),
        )
        managed = args.get("managed_policies", [])
        policies = attach(self, name, "role", role.name, args["name"], path, args.get("inline_policy"), managed)
        if args.get("instance_profile", False):
            aws.iam.InstanceProfile(
                f"{name}-profile",
                name=args["name"],
                path=path,
                role=role.name,
                tags=tags,
                opts=leaf(self, depends_on=policies),
            )
        for pod in args.get("pod_identities", []):
            aws.eks.PodIdentityAssociation(
                f"{name}-{pod['region']}-{pod['cluster']}-{pod['namespace']}-{pod['service_account']}",
                cluster_name=pod["cluster"],
                region=pod["region"],
                namespace=pod["namespace"],
                service_account=pod["service_account"],
                role_arn=role.arn,
                tags=tags,
                opts=leaf(self, depends_on=policies),
            )
        return role
