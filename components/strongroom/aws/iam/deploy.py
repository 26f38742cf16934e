"""What a plan says of IAM, made real by components."""

from strongroom.aws import provider
from strongroom.aws.iam.component import AwsWorkloadRoleArgs, AwsWorkloadRoles
from strongroom.aws.iam.plan import AwsPrincipalPolicy, AwsSecretPolicy, AwsWorkloadRole
from strongroom.aws.iam.policies import (
    AwsPrincipalPolicies,
    AwsPrincipalPolicyArgs,
    AwsSecretPolicies,
    AwsSecretPolicyArgs,
)
from strongroom.aws.kms.ids import completed
from strongroom.aws.secrets_manager.component import tags
from strongroom.plan.plan import Plan
from strongroom.stage import Stage


def deploy(plan: Plan, stage: Stage) -> None:
    """The roles of a plan, what principals may do that were there before, and the policies of secrets."""
    for place, roles in plan.grouped(AwsWorkloadRole, lambda role: role.place):
        given = {_short(role.workload): _role_args(plan.environment, role, stage) for role in roles}
        roles_made = AwsWorkloadRoles(f"{plan.environment}-workloads", {"roles": given}, provider.options(stage, place))
        stage.rights.append(roles_made)
    for place, policies in plan.grouped(AwsPrincipalPolicy, lambda policy: policy.place):
        of_principals = {
            # With its kind and path: a user may be called as a role is.
            f"{_short(policy.workload)}-{_short(policy.principal_arn.split(':')[5])}": _principal_args(
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
