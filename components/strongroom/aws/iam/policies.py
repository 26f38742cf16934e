"""Policies as components: of roles and users that were there before, and of secrets."""

from collections.abc import Sequence
from typing import Any, Final, Literal, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from strongroom.stage import leaf

PrincipalKind = Literal["role", "user"]
_INLINE: Final[dict[PrincipalKind, type[Any]]] = {"role": aws.iam.RolePolicy, "user": aws.iam.UserPolicy}
_ATTACHMENT: Final[dict[PrincipalKind, type[Any]]] = {
    "role": aws.iam.RolePolicyAttachment,
    "user": aws.iam.UserPolicyAttachment,
}


class AwsPrincipalPolicyArgs(TypedDict):
    """What one role or user may do."""

    principal_arn: str
    """The role or user, which exists."""
    name: str
    """The name of the policy; managed ones have a number behind it."""
    path: NotRequired[str]
    """The path of managed policies. Default `/`."""
    inline_policy: NotRequired[pulumi.Input[str]]
    """As JSON: of a role at most 10,240 characters, of a user 2,048, with the inline policies it has already."""
    managed_policies: NotRequired[list[pulumi.Input[str]]]
    """The same in several documents, at most 6,144 characters each."""


class AwsPrincipalPoliciesArgs(TypedDict):
    """What roles and users may do that are not Strongroom's own."""

    policies: dict[str, AwsPrincipalPolicyArgs]
    """By a short name of their own."""


class AwsPrincipalPolicies(pulumi.ComponentResource):
    """Policies of roles and users that were there before, and stay."""

    def __init__(self, name: str, args: AwsPrincipalPoliciesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:AwsPrincipalPolicies", name, None, opts)
        for short, policy in args["policies"].items():
            attach(
                self,
                f"{name}-{short}",
                "user" if ":user/" in policy["principal_arn"] else "role",
                policy["principal_arn"].rpartition("/")[2],
                policy["name"],
                policy.get("path", "/"),
                policy.get("inline_policy"),
                policy.get("managed_policies", []),
            )
        self.register_outputs({})


class AwsSecretPolicyArgs(TypedDict):
    """The policy of one secret."""

    secret_arn: pulumi.Input[str]
    """The secret."""
    policy: pulumi.Input[str]
    """Who gets at it, as JSON, at most 20,480 characters."""


class AwsSecretPoliciesArgs(TypedDict):
    """Policies that hang on secrets of Secrets Manager."""

    policies: dict[str, AwsSecretPolicyArgs]
    """By a short name of their own."""


class AwsSecretPolicies(pulumi.ComponentResource):
    """Policies that hang on secrets. AWS is told to refuse one that opens a secret to the public."""

    def __init__(self, name: str, args: AwsSecretPoliciesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("strongroom:index:AwsSecretPolicies", name, None, opts)
        for short, policy in args["policies"].items():
            aws.secretsmanager.SecretPolicy(
                f"{name}-{short}",
                secret_arn=policy["secret_arn"],
                policy=policy["policy"],
                block_public_policy=True,
                opts=leaf(self),
            )
        self.register_outputs({})


def attach(
    parent: pulumi.ComponentResource,
    name: str,
    kind: PrincipalKind,
    principal: pulumi.Input[str],
    policy_name: str,
    path: str,
    inline: pulumi.Input[str] | None,
    managed: Sequence[pulumi.Input[str]],
) -> list[pulumi.Resource]:
    """Policies of one role or user; `name` begins the names of the resources. Returns what others have to wait for."""
    found: list[pulumi.Resource] = []
    whose: dict[str, Any] = {kind: principal}
    if inline is not None:
        found.append(_INLINE[kind](f"{name}-policy", name=policy_name, policy=inline, opts=leaf(parent), **whose))
    for number, document in enumerate(managed, start=1):
        policy = aws.iam.Policy(
            f"{name}-policy-{number}",
            name=f"{policy_name}-{number}",
            path=path,
            policy=document,
            opts=leaf(parent),
        )
        attachment = f"{name}-attachment-{number}"
        found.append(_ATTACHMENT[kind](attachment, policy_arn=policy.arn, opts=leaf(parent), **whose))
    return found
