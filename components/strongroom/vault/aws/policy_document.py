"""IAM policy documents as data: AWS's own words, and no more rights than somebody wrote down.

AWS decides what a document allows. What is refused here is what reads like little and is a lot: `*`, all of a service,
and actions by which a workload could give itself, or others, rights that nobody granted.
"""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from strongroom.spec.model import Model
from strongroom.spec.names import refuse
from strongroom.spec.problems import shown
from strongroom.vault.aws.policy_reach import has_any_account, is_all_of_a_service, limits_resources, says_nothing

LONGEST: Final = 2048
"""Characters: IAM, "IAM and AWS STS quotas", of all inline policies of a user, and of a session policy."""

READING: Final = ("BatchGet", "Describe", "Get", "List")
"""How actions begin that change nothing; only of these a prefix may be allowed."""
GIVING_SERVICES: Final = ("account", "iam", "identitystore", "organizations", "sso", "sts")
"""Services whose actions hand out rights."""
_GIVING: Final = re.compile(r"(Policy|Policies|Permissions?|Acl|Grant)\*?$", re.IGNORECASE)
"""How actions of other services end that hand out rights: `PutBucketPolicy`, `AddPermission`, `CreateGrant`."""
_NO_RESOURCE: Final = frozenset(
    ["cloudwatch:putmetricdata", "ecr:getauthorizationtoken", "kms:generaterandom", "secretsmanager:getrandompassword"]
)
"""Actions that have no resource but `*`, and do no harm; so have `List` and `Describe` of most services."""

_SHARE: Final = "have the platform team make a role for it, and use assumed_role"


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


ONE_OR_SEVERAL: Final = WithJsonSchema(
    {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
)


def _check_action(text: str) -> str:
    if not re.fullmatch(r"\*|[a-z0-9-]{1,63}:[A-Za-z0-9*?]{1,127}", text):
        raise refuse(f"{shown(text)} is no action", "write it as service:Action, such as s3:GetObject")
    return text


def _check_resource(text: str) -> str:
    if not re.fullmatch(r"\*|arn:aws[a-z-]*:[a-z0-9*?-]+:[a-z0-9*?-]*:[0-9*?]*:[\x21-\x7e]+", text):
        raise refuse(f"{shown(text)} is no ARN", "write it as arn:aws:s3:::bucket/*")
    return text


Action = Annotated[str, AfterValidator(_check_action)]
Resource = Annotated[str, AfterValidator(_check_resource)]


class Statement(Model):
    """One statement. Whom it holds for follows from the secret, so it names no principal."""

    sid: Annotated[str | None, Field(alias="Sid", pattern=r"^[A-Za-z0-9]{1,64}$")] = None
    """A name, for people."""
    effect: Annotated[Literal["Allow", "Deny"], Field(alias="Effect")]
    """Whether it gives or takes."""
    action: Annotated[
        tuple[Action, ...], BeforeValidator(_as_list), ONE_OR_SEVERAL, Field(alias="Action", min_length=1)
    ]
    """What may be done, such as `s3:GetObject`. `*` only to deny, or at the end of what reads: `s3:Get*`."""
    resource: Annotated[
        tuple[Resource, ...], BeforeValidator(_as_list), ONE_OR_SEVERAL, Field(alias="Resource", min_length=1)
    ]
    """With what."""
    condition: dict[str, dict[str, Annotated[tuple[str, ...], BeforeValidator(_as_list), ONE_OR_SEVERAL]]] = Field(
        default_factory=dict, alias="Condition"
    )
    """When: operator, key, values."""

    @model_validator(mode="before")
    @classmethod
    def _no_inversions(cls, data: Any) -> Any:
        if isinstance(data, Mapping):
            for key in ("NotAction", "NotResource"):
                if key in data:
                    raise refuse(f"{key} means everything else, whatever AWS adds", f"name each {key[3:].lower()}")
            for key in ("Principal", "NotPrincipal"):
                if key in data:
                    raise refuse(f"{key} has no meaning here: a grant says who has the secret", "leave it out")
        return data

    @model_validator(mode="after")
    def _least_privilege(self) -> Self:
        if self.effect == "Allow":
            for action in self.action:
                _refuse_wide(action)
            for resource in self.resource:
                self._refuse_everywhere(resource)
            if vain := says_nothing(self.condition):
                raise refuse(f"the Condition limits nothing: {vain}", "name what must be so, or leave it out")
        return self

    def _refuse_everywhere(self, resource: str) -> None:
        if resource == "*":
            if not limits_resources(self.condition) and not all(_needs_no_resource(one) for one in self.action):
                raise refuse(
                    "the resource '*' allows this with all that there is",
                    "name ARNs, or limit it with a Condition on aws:ResourceTag/…, aws:ResourceAccount, "
                    "aws:ResourceOrgID or aws:ResourceOrgPaths; what only lists may stay in a statement of its own",
                )
        elif is_all_of_a_service(resource):
            raise refuse(
                f"{shown(resource)} is all of a service, or of a type of its resources",
                "name the resource, or its prefix: bucket/reports/*, secret:payments-*",
            )
        elif has_any_account(resource):
            raise refuse(f"{shown(resource)} is in whichever account", "name the account")

    def as_data(self) -> dict[str, Any]:
        """In AWS's order."""
        data = {"Sid": self.sid} if self.sid else {}
        condition = {operator: {key: list(v) for key, v in keys.items()} for operator, keys in self.condition.items()}
        return {
            **data,
            "Effect": self.effect,
            "Action": list(self.action),
            "Resource": list(self.resource),
            **({"Condition": condition} if condition else {}),
        }


def _refuse_wide(action: str) -> None:
    service, _, name = action.partition(":")
    if action == "*" or not name.strip("*?"):
        raise refuse(f"the action '{action}' allows all of it", "list the actions that are needed")
    reading = name.lower().startswith(tuple(prefix.lower() for prefix in READING))
    if service in GIVING_SERVICES:
        raise refuse(f"the action '{action}' hands out rights, or tells who has which", _SHARE)
    if ("*" in name[:-1]) or "?" in name or (name.endswith("*") and not reading):
        raise refuse(
            f"the action '{action}' is a pattern that also matches what changes things, or will one day",
            f"list the actions; '*' may end what begins with {', '.join(READING)}",
        )
    if _GIVING.search(name) and not reading:
        raise refuse(f"the action '{action}' hands out rights", _SHARE)


def _needs_no_resource(action: str) -> bool:
    name = action.partition(":")[2].lower()
    return action.lower() in _NO_RESOURCE or name.startswith(("list", "describe"))


class PolicyDocument(Model):
    """What may be done in AWS: IAM, "IAM JSON policy elements reference"."""

    version: Literal["2012-10-17"] = Field(default="2012-10-17", alias="Version")
    """The language. The older one reads variables as plain text."""
    statements: tuple[Statement, ...] = Field(alias="Statement", min_length=1)
    """What is allowed, and what never is."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if len(self.text) > LONGEST:
            raise refuse(
                f"the document has {len(self.text)} characters, and AWS takes {LONGEST}",
                "have the platform team make a managed policy of it, and name that in `policies`",
            )
        return self

    @property
    def text(self) -> str:
        """As JSON, the way the server gives it back (it removes blanks and keeps the order)."""
        data = {"Version": self.version, "Statement": [statement.as_data() for statement in self.statements]}
        return json.dumps(data, separators=(",", ":"))
