"""The policy that hangs on a secret: whatever IAM allows, nobody but these reads it."""

from dataclasses import dataclass
from typing import Final

from strongroom.access.aws.statement import EVERYONE, Condition, Statement, Values, text
from strongroom.aws.iam.limits import LimitError

LONGEST: Final = 20_480
"""Characters: AWS Secrets Manager, "Quotas"."""
READING: Final = ("secretsmanager:GetSecretValue",)
# UpdateSecret, which can write a value too, is not among them: it also sets descriptions and keys, and whoever deploys
# would be locked out.
WRITING: Final = ("secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage")


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """Who may do what with one secret, by ARNs of roles and users."""

    readers: Values = ()
    """Workloads, the role that rotates it, people for emergencies, operators: whoever else asks is refused."""
    writers: Values = ()
    """Who writes values. Empty: writing is left to policies of IAM."""
    other_accounts: Values = ()
    """Readers of other accounts, which need to be allowed here too."""
    closed: bool = True
    """Whether whoever else asks is refused. Else that is left to IAM, and only other accounts are spoken of."""
    role_pattern: str
    """All roles of the environment, as an ARN that ends in `*`: for when the readers are too many to be listed."""


def secret_policy(admitted: Admitted) -> str | None:
    """The document; None if there is nothing to say.

    It denies reading (and writing, where writers are named) to everybody else. Managing the secret and this policy
    stays with IAM, so that nobody is locked out. Where the readers are too many, those of the environment's own roles
    are admitted as a whole; they still need to be allowed by their own policies, which are exact. Raises LimitError.
    """
    if not admitted.closed and not admitted.other_accounts:
        return None
    exact = _document(admitted, admitted.readers, admitted.writers)
    if len(exact) <= LONGEST:
        return exact
    beginning = admitted.role_pattern.removesuffix("*")
    shorter = [
        tuple(dict.fromkeys(admitted.role_pattern if arn.startswith(beginning) else arn for arn in arns))
        for arns in (admitted.readers, admitted.writers)
    ]
    document = _document(admitted, *shorter)
    if len(document) > LONGEST:
        raise LimitError(
            f"the readers of one secret need a policy of {len(document)} characters, and Secrets Manager takes "
            f"{LONGEST}: let those from elsewhere assume one role, or keep a copy of the secret for them"
        )
    return document


def _document(admitted: Admitted, readers: Values, writers: Values) -> str:
    found = [_deny("OnlyReadersRead", READING, (*readers, *admitted.other_accounts))] if admitted.closed else []
    if admitted.closed and writers:
        found.append(_deny("OnlyWritersWrite", WRITING, writers))
    if admitted.other_accounts:
        found.append(
            Statement(
                sid="OtherAccountsRead",
                effect="Allow",
                principal=(("AWS", admitted.other_accounts),),
                action=("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"),
                resource=("*",),
            )
        )
    return text(found)


def _deny(sid: str, actions: Values, but: Values) -> Statement:
    """By aws:PrincipalArn, which is the role's own ARN in all its sessions; NotPrincipal would need each session's."""
    condition = (Condition("ArnNotLike", "aws:PrincipalArn", but),) if but else ()
    return Statement(sid=sid, effect="Deny", principal=EVERYONE, action=actions, resource=("*",), condition=condition)
