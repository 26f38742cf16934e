"""From one environment and the catalogs to records: pure, ordered, the same every time."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from strongroom.aws.audit import plan as aws_audit
from strongroom.aws.iam import plan as aws_iam
from strongroom.aws.kms import plan as aws_kms
from strongroom.aws.parameter_store import plan as parameter_store
from strongroom.aws.parameters import plan as aws_parameters
from strongroom.aws.rotation import plan as aws_rotation
from strongroom.aws.secrets_manager import plan as secrets_manager
from strongroom.azure.identity import plan as azure_identity
from strongroom.azure.key_vault import plan as azure_key_vault
from strongroom.azure.rotation import plan as azure_rotation
from strongroom.external_secrets import plan as external_secrets
from strongroom.external_secrets.cluster import plan as external_secrets_cluster
from strongroom.external_secrets.generators import plan as external_secrets_generators
from strongroom.external_secrets.operator import plan as external_secrets_operator
from strongroom.external_secrets.push import plan as external_secrets_push
from strongroom.gcp.audit import plan as gcp_audit
from strongroom.gcp.iam import plan as gcp_iam
from strongroom.gcp.kms import plan as gcp_kms
from strongroom.gcp.rotation import plan as gcp_rotation
from strongroom.gcp.secret_manager import plan as gcp_secret_manager
from strongroom.kubernetes.access import plan as kubernetes_access
from strongroom.kubernetes.encryption import plan as kubernetes_encryption
from strongroom.kubernetes.secrets import plan as kubernetes_secrets
from strongroom.plan.record import PLATFORM, WHOLE, Record
from strongroom.plan.scope import Scope
from strongroom.spec.catalog import Catalog
from strongroom.vault.adopted import plan as adopted
from strongroom.vault.audit import plan as audit
from strongroom.vault.auth.approle import plan as approle
from strongroom.vault.auth.aws import plan as auth_aws
from strongroom.vault.auth.cert import plan as cert
from strongroom.vault.auth.jwt import plan as jwt
from strongroom.vault.auth.kubernetes import plan as kubernetes
from strongroom.vault.auth.oidc import plan as oidc
from strongroom.vault.auth.userpass import plan as userpass
from strongroom.vault.aws import plan as aws
from strongroom.vault.database import plan as database
from strongroom.vault.database import static_roles
from strongroom.vault.identity import plan as identity
from strongroom.vault.kubernetes_engine import plan as kubernetes_engine
from strongroom.vault.kv import plan as kv
from strongroom.vault.kv_personal import plan as kv_personal
from strongroom.vault.kv_v1 import plan as kv_v1
from strongroom.vault.mfa import plan as mfa
from strongroom.vault.namespace import plan as namespace
from strongroom.vault.password_policy import plan as password_policy
from strongroom.vault.pki import plan as pki
from strongroom.vault.policy import plan as policy
from strongroom.vault.quota import plan as quota
from strongroom.vault.server_settings import plan as server_settings
from strongroom.vault.ssh import plan as ssh
from strongroom.vault.token_role import plan as token_role
from strongroom.vault.totp import plan as totp
from strongroom.vault.transit import plan as transit

R = TypeVar("R", bound=Record)
K = TypeVar("K")

PLANNERS: Final[tuple[Callable[[Scope], Iterator[Record]], ...]] = (
    namespace.plan,
    audit.plan,
    server_settings.plan,
    kv.plan,
    kv_v1.plan,
    kv_personal.plan,
    password_policy.plan,
    database.plan,
    aws.plan,
    static_roles.plan,
    kubernetes_engine.plan,
    pki.plan,
    ssh.plan,
    totp.plan,
    transit.plan,
    policy.plan,
    approle.plan,
    jwt.plan,
    kubernetes.plan,
    oidc.plan,
    userpass.plan,
    cert.plan,
    auth_aws.plan,
    identity.plan,
    mfa.plan,
    token_role.plan,
    quota.plan,
    adopted.plan,
    aws_kms.plan,
    secrets_manager.plan,
    parameter_store.plan,
    aws_iam.plan,
    aws_rotation.plan,
    aws_audit.plan,
    aws_parameters.plan,
    azure_key_vault.plan,
    azure_identity.plan,
    azure_rotation.plan,
    gcp_audit.plan,
    gcp_iam.plan,
    gcp_kms.plan,
    gcp_rotation.plan,
    gcp_secret_manager.plan,
    kubernetes_encryption.plan,
    kubernetes_secrets.plan,
    kubernetes_access.plan,
    external_secrets_operator.plan,
    external_secrets_generators.plan,
    external_secrets.plan,
    external_secrets_cluster.plan,
    external_secrets_push.plan,
)
"""One line for each capability, in the order in which a plan shows them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that one stack will be."""

    environment: str
    slice: str
    records: tuple[Record, ...]
    namespace: str = ""
    """The namespace that all of it lies in, below that of the provider; empty: in that one itself."""

    def of(self, kind: type[R]) -> tuple[R, ...]:
        """The records of one kind, in order."""
        return tuple(record for record in self.records if isinstance(record, kind))

    def grouped(self, kind: type[R], by: Callable[[R], K]) -> list[tuple[K, list[R]]]:
        """The records of one kind in groups, in order of first appearance."""
        groups: dict[K, list[R]] = {}
        for record in self.of(kind):
            groups.setdefault(by(record), []).append(record)
        return list(groups.items())

    def cut(self, slice_name: str) -> "Plan":
        """The part of a whole plan that one slice applies."""
        kept = self.records if slice_name == WHOLE else tuple(r for r in self.records if r.slice == slice_name)
        return Plan(self.environment, slice_name, kept, self.namespace)

    def as_json(self) -> str:
        """The plan as text: the same bytes for the same input, on any machine."""
        data = {
            "environment": self.environment,
            "slice": self.slice,
            **({"namespace": self.namespace} if self.namespace else {}),
            "records": [r.as_json() for r in self.records],
        }
        # ASCII, so that no terminal's encoding has a say in the bytes.
        return json.dumps(data, indent=2) + "\n"


def make_plan(scope: Scope) -> Plan:
    """The whole plan of a checked environment (see `strongroom.plan.references`)."""
    kinds = {planner: position for position, planner in enumerate(PLANNERS)}
    records = [(kinds[planner], r.kind, r.key, r) for planner in PLANNERS for r in planner(scope)]
    ordered = tuple(r for *_, r in sorted(records, key=lambda item: item[:3]))
    return Plan(scope.name, WHOLE, ordered, scope.namespace)


def slices(catalogs: Mapping[str, Catalog]) -> tuple[str, ...]:
    """All slices of an environment: together they are the whole, and no two share a record."""
    return (PLATFORM, *sorted(catalogs))
