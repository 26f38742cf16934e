"""What a workload may do in AWS, derived from its grants: nothing but these actions on these ARNs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from strongroom.access.aws.statement import Condition, Statement, Values
from strongroom.aws.iam.arns import parameter_arn, secret_pattern
from strongroom.aws.kms.key_ids import key_arn
from strongroom.aws.names import partition_of

Service = Literal["secretsmanager", "ssm"]

ACTIONS: Final[Mapping[Service, Mapping[str, Values]]] = {
    "secretsmanager": {
        "read": ("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"),
        # PutSecretValue moves AWSCURRENT itself; UpdateSecretVersionStage could also move it back to an old value.
        "write": ("secretsmanager:PutSecretValue", "secretsmanager:DescribeSecret"),
        "delete": ("secretsmanager:DeleteSecret",),
    },
    "ssm": {
        # Not GetParametersByPath: a path reaches whatever is put below it later. `found_below` adds it.
        "read": ("ssm:GetParameter", "ssm:GetParameters"),
        "write": ("ssm:PutParameter",),
        "delete": ("ssm:DeleteParameter", "ssm:DeleteParameters"),
    },
}
"""Service -> verb -> actions: AWS, "Service Authorization Reference"."""

RECOVERABLE: Final = (Condition("BoolIfExists", "secretsmanager:ForceDeleteWithoutRecovery", ("false",)),)
"""A secret may be deleted, not destroyed: it can be restored within its recovery window."""

_DECRYPT: Final = ("kms:Decrypt",)
_SEALING: Final[Mapping[str, Values]] = {
    # A writer decrypts nothing by itself, but Secrets Manager asks for it: "PutSecretValue", required permissions.
    "secretsmanager": ("kms:Decrypt", "kms:GenerateDataKey"),
    "standard": ("kms:Encrypt",),
    "advanced": ("kms:GenerateDataKey",),
    "intelligent-tiering": ("kms:Encrypt", "kms:GenerateDataKey"),
}
"""What writing needs of a key: AWS Secrets Manager, "Secret encryption and decryption", and AWS KMS, "How Parameter
Store uses AWS KMS", by tier."""

_CONTEXT: Final[Mapping[Service, tuple[str, str]]] = {
    "secretsmanager": ("StringLike", "kms:EncryptionContext:SecretARN"),
    "ssm": ("StringEquals", "kms:EncryptionContext:PARAMETER_ARN"),
}
"""The encryption context by which a key tells values apart, and how it is compared."""

_NOUNS: Final[Mapping[Service, str]] = {"secretsmanager": "Secrets", "ssm": "Parameters"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What one workload may do with one secret."""

    service: Service
    names: Values
    """Of Secrets Manager the secret's name; of Parameter Store the names of its parameters."""
    verbs: Values
    """Of `read`, `write`, `delete`."""
    partition: str
    account: str
    region: str
    replicas: Values = ()
    """Further regions that it can be read in; it is written in its own only."""
    key_id: str | None = None
    """The key that encrypts it, or the stand-in of its id. None: AWS's own key, which everybody in the account may use
    through the service, so that nothing has to be granted."""
    key_account: str | None = None
    """The account of the key, where it is another one."""
    tier: Literal["standard", "advanced", "intelligent-tiering"] = "standard"
    """Of a parameter."""
    found_below: str | None = None
    """Of parameters: the path below which they are searched for, where somebody does so."""

    def arns(self, region: str) -> Values:
        arn = secret_pattern if self.service == "secretsmanager" else parameter_arn
        return tuple(arn(self.partition, region, self.account, name) for name in self.names)

    def regions(self, verb: str) -> Values:
        return (self.region, *self.replicas) if verb == "read" else (self.region,)


def statements(accesses: Iterable[Access]) -> list[Statement]:
    """The statements for all that one workload may do, as few as say it, in the order of the secrets given."""
    accesses = list(accesses)
    return [*_on_values(accesses), *_on_paths(accesses), *_on_keys(accesses)]


def _on_values(accesses: list[Access]) -> Iterator[Statement]:
    for service, verbs in ACTIONS.items():
        for verb, actions in verbs.items():
            arns = [
                arn
                for access in accesses
                if access.service == service and verb in access.verbs
                for region in access.regions(verb)
                for arn in access.arns(region)
            ]
            if arns:
                yield Statement(
                    sid=f"{verb.capitalize()}{_NOUNS[service]}",
                    effect="Allow",
                    action=actions,
                    resource=tuple(arns),
                    condition=RECOVERABLE if (service, verb) == ("secretsmanager", "delete") else (),
                )


def _on_paths(accesses: list[Access]) -> Iterator[Statement]:
    """Searching below the paths of single secrets, where a delivery does."""
    found = [
        parameter_arn(access.partition, access.region, access.account, access.found_below)
        for access in accesses
        if access.found_below and "read" in access.verbs
    ]
    if found:
        yield Statement(
            sid="FindParameters", effect="Allow", action=("ssm:GetParametersByPath",), resource=tuple(found)
        )


def _on_keys(accesses: list[Access]) -> Iterator[Statement]:
    """Using a key through the service that keeps the value, for that value: never directly, and not for another one.

    Of a secret with copies, all its regions are one: AWS does not say by which region's ARN a copy is encrypted.
    """
    groups: dict[tuple[Service, Values, Values, Values], list[str]] = {}
    for access in accesses:
        if access.key_id is None:
            continue
        sealing = _SEALING[access.tier if access.service == "ssm" else access.service]
        for verb, actions in (("read", _DECRYPT), ("write", sealing)):
            if verb in access.verbs:
                regions, account = access.regions(verb), access.key_account or access.account
                keys = tuple(key_arn(access.partition, region, account, access.key_id) for region in regions)
                values = groups.setdefault((access.service, actions, regions, keys), [])
                values += [arn for region in regions for arn in access.arns(region)]
    for position, ((service, actions, regions, keys), values) in enumerate(groups.items(), start=1):
        operator, context = _CONTEXT[service]
        yield Statement(
            sid=f"{'Unseal' if actions == _DECRYPT else 'Seal'}{_NOUNS[service]}{position}",
            effect="Allow",
            action=actions,
            resource=keys,
            condition=(via(service, *regions), Condition(operator, context, tuple(values))),
        )


def via(service: Service, *regions: str) -> Condition:
    """That a key is used by a service, on behalf of the caller: AWS KMS, "kms:ViaService"."""
    return Condition(
        "StringEquals", "kms:ViaService", tuple(name for region in regions for name in _names(service, region))
    )


def _names(service: Service, region: str) -> Values:
    name = f"{service}.{region}.amazonaws.com"
    # AWS documents one form and has hosts of the other in China; both are AWS's own, so that either is as strict.
    return (name, f"{name}.cn") if partition_of(region) == "aws-cn" else (name,)
