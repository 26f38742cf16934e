"""Roles of workloads as a component."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from strongroom.aws import provider
from strongroom.aws.iam.plan import AwsPrincipalPolicy, AwsSecretPolicy, AwsWorkloadRole
from strongroom.aws.iam.policies import (
    AwsPrincipalPolicies,
    AwsPrincipalPolicyArgs,
    AwsSecretPolicies,
    AwsSecretPolicyArgs,
    attach_to_role,
)
from strongroom.aws.kms.ids import completed
from strongroom.aws.secrets_manager.component import tags
from strongroom.plan.plan import Plan
from strongroom.stage import Stage, leaf


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
        policies = attach_to_role(self, name, role.name, args["name"], path, args.get("inline_policy"), managed)
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


def deploy(plan: Plan, stage: Stage) -> None:
    """The roles of a plan, what principals may do that were there before, and the policies of secrets."""
    for place, roles in plan.grouped(AwsWorkloadRole, lambda role: role.place):
        given = {_short(role.workload): _role_args(plan.environment, role, stage) for role in roles}
        AwsWorkloadRoles(f"{plan.environment}-workloads", {"roles": given}, provider.options(stage, place))
    for place, policies in plan.grouped(AwsPrincipalPolicy, lambda policy: policy.place):
        of_principals = {
            f"{_short(policy.workload)}-{policy.principal_arn.rpartition('/')[2]}": _principal_args(
                plan.environment, policy, stage
            )
            for policy in policies
        }
        AwsPrincipalPolicies(
            f"{plan.environment}-principals", {"policies": of_principals}, provider.options(stage, place)
        )
    for place, on_secrets in plan.grouped(AwsSecretPolicy, lambda policy: policy.place):
        of_secrets: dict[str, AwsSecretPolicyArgs] = {
            _short(policy.secret): {"secret_arn": stage.aws_secrets[policy.secret].id, "policy": policy.policy}
            for policy in on_secrets
        }
        AwsSecretPolicies(f"{plan.environment}-secrets", {"policies": of_secrets}, provider.options(stage, place))


def _short(key: str) -> str:
    return key.replace("/", ".")


def _role_args(environment: str, record: AwsWorkloadRole, stage: Stage) -> AwsWorkloadRoleArgs:
    args: AwsWorkloadRoleArgs = {
        "name": record.name,
        "path": record.path,
        "trust_policy": record.trust_policy,
        "max_session_duration_seconds": record.max_session_duration_seconds,
        "instance_profile": record.instance_profile,
        "pod_identities": [
            {
                "cluster": pod.cluster,
                "region": pod.region,
                "namespace": pod.namespace,
                "service_account": pod.service_account,
            }
            for pod in record.pod_identities
        ],
        "tags": tags(environment, *record.workload.split("/")),
    }
    if record.permissions_boundary_arn:
        args["permissions_boundary_arn"] = record.permissions_boundary_arn
    if record.inline_policy:
        args["inline_policy"] = completed(record.inline_policy, environment, stage, record.place)
    if record.managed_policies:
        args["managed_policies"] = [completed(d, environment, stage, record.place) for d in record.managed_policies]
    return args


def _principal_args(environment: str, record: AwsPrincipalPolicy, stage: Stage) -> AwsPrincipalPolicyArgs:
    args: AwsPrincipalPolicyArgs = {"principal_arn": record.principal_arn, "name": record.name, "path": record.path}
    if record.inline_policy:
        args["inline_policy"] = completed(record.inline_policy, environment, stage, record.place)
    if record.managed_policies:
        args["managed_policies"] = [completed(d, environment, stage, record.place) for d in record.managed_policies]
    return args
