"""What the role of our rotation function may do: rotate its secrets, and no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from strongroom.access.aws.statement import Condition, Statement, text
from strongroom.aws.iam.arns import secret_pattern
from strongroom.aws.iam.document import via
from strongroom.aws.iam.limits import ATTACHED, INLINE_OF_ROLE, MANAGED, Documents, LimitError
from strongroom.aws.kms.key_ids import key_arn, length
from strongroom.aws.place import AwsPlace

ROTATING: Final = (
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
)
"""AWS Secrets Manager, "Lambda rotation function execution role permissions"."""
IN_A_VPC: Final = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
"""What Lambda does in a VPC with the function's role: AWS Lambda, "Giving Lambda functions access to resources in an
Amazon VPC"."""
_CONTEXT: Final = "kms:EncryptionContext:SecretARN"


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationRights:
    """What a function needs."""

    place: AwsPlace
    function_name: str
    secrets: tuple[tuple[str, str | None], ...]
    """Full names of the secrets, each with its key's id or the stand-in of it; None: AWS's own key."""
    master_secret_arn: str | None = None
    master_kms_key_arn: str | None = None
    passwords: bool = True
    """Whether it has Secrets Manager make passwords."""
    in_a_vpc: bool = False


def log_group(function_name: str) -> str:
    """Where a function of Lambda logs."""
    return f"/aws/lambda/{function_name}"


def function_arn(place: AwsPlace, function_name: str) -> str:
    """A function of the environment's own account."""
    return f"arn:{place.partition}:lambda:{place.region}:{place.account}:function:{function_name}"


def trust_policy() -> str:
    """Lambda assumes the role, nobody else."""
    service = (("Service", ("lambda.amazonaws.com",)),)
    return text([Statement(effect="Allow", principal=service, action=("sts:AssumeRole",))])


def documents(rights: RotationRights) -> Documents:
    """All of it inline if it fits; else managed policies, each with some of the secrets. Raises LimitError."""
    common = _common(rights)
    whole = text([*_on_secrets(rights, rights.secrets), *common])
    if length(whole) <= INLINE_OF_ROLE:
        return Documents(inline=whole)
    found, rest = [text(common)], list(rights.secrets)
    while rest:
        count = len(rest)
        while length(document := text(_on_secrets(rights, rest[:count]))) > MANAGED:
            count = count * 3 // 4
        found.append(document)
        rest = rest[count:]
    if len(found) > ATTACHED:
        raise LimitError(
            f"{len(rights.secrets)} secrets of one rotator need {len(found)} managed policies, and IAM attaches "
            f"{ATTACHED} at most: declare a second rotator of the same kind, and give it some of them"
        )
    return Documents(managed=tuple(found))


def _on_secrets(rights: RotationRights, secrets: Sequence[tuple[str, str | None]]) -> list[Statement]:
    place = rights.place
    arns = {name: secret_pattern(place.partition, place.region, place.account, name) for name, _ in secrets}
    found = [Statement(sid="Rotate", effect="Allow", action=ROTATING, resource=tuple(arns.values()))]
    by_key: dict[str, list[str]] = {}
    for name, key in secrets:
        if key is not None:
            by_key.setdefault(key, []).append(arns[name])
    for position, (key, of_key) in enumerate(sorted(by_key.items()), start=1):
        found.append(
            Statement(
                sid=f"UseKey{position}",
                effect="Allow",
                action=("kms:Decrypt", "kms:GenerateDataKey"),
                resource=(key_arn(place.partition, place.region, place.account, key),),
                condition=(via("secretsmanager", place.region), Condition("StringLike", _CONTEXT, tuple(of_key))),
            )
        )
    return found


def _common(rights: RotationRights) -> list[Statement]:
    place = rights.place
    group = f"arn:{place.partition}:logs:{place.region}:{place.account}:log-group:{log_group(rights.function_name)}:*"
    found = [
        Statement(sid="Log", effect="Allow", action=("logs:CreateLogStream", "logs:PutLogEvents"), resource=(group,))
    ]
    if rights.passwords:
        make = ("secretsmanager:GetRandomPassword",)  # which has no resources
        found.append(Statement(sid="MakePasswords", effect="Allow", action=make, resource=("*",)))
    if (master := rights.master_secret_arn) is not None:
        read = ("secretsmanager:GetSecretValue",)
        found.append(Statement(sid="ReadMaster", effect="Allow", action=read, resource=(master,)))
        if rights.master_kms_key_arn is not None:
            found.append(
                Statement(
                    sid="UseKeyOfMaster",
                    effect="Allow",
                    action=("kms:Decrypt",),
                    resource=(rights.master_kms_key_arn,),
                    condition=(
                        via("secretsmanager", place.region),
                        Condition("StringEquals", _CONTEXT, (master,)),
                    ),
                )
            )
    if rights.in_a_vpc:
        found.append(Statement(sid="BeInTheVpc", effect="Allow", action=IN_A_VPC, resource=("*",)))
        # Lambda itself makes the interfaces, with this role; the function's own code must not: AWS Lambda, as above.
        itself = Condition("ArnEquals", "lambda:SourceFunctionArn", (function_arn(place, rights.function_name),))
        found.append(
            Statement(sid="NotByItsCode", effect="Deny", action=IN_A_VPC, resource=("*",), condition=(itself,))
        )
    return found
