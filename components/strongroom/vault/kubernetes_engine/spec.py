"""What people write about the Kubernetes secrets engine: the clusters (platform team) and the tokens (product team)."""

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.spec.claims import ClaimText
from strongroom.spec.identity import KubernetesName
from strongroom.spec.lifetimes import check_ttl
from strongroom.spec.model import Model
from strongroom.spec.names import Duration, HttpsUrl, MountPath, Name, TeamName, check_characters, duration, refuse
from strongroom.spec.value_source import ValueSource
from strongroom.vault.auth.jwt.spec import Pem

SHORTEST_TTL: Final = 600
"""Seconds: Kubernetes, TokenRequest, "may not specify a duration less than 10 minutes"."""
LONGEST_TTL: Final = 86400
"""Seconds. A token of a service account that existed before lives until it ends: nothing takes it back."""

RBAC_GROUP: Final = "rbac.authorization.k8s.io"
CHANGING: Final = frozenset({"create", "update", "patch", "delete", "deletecollection"})
Verb = Literal["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"]
"""Never `*`, `escalate`, `bind` or `impersonate`, with which an account gives itself what it was not given."""


def _check_part(text: str) -> str:
    if "*" in text:
        raise refuse("'*' would give what nobody listed, now or later", "list each")
    return check_characters(text, "the name", r"^[a-z0-9]([a-z0-9./-]*[a-z0-9])?$", "a-z0-9./-", 253)


def _check_group(text: str) -> str:
    return text and _check_part(text)


class RbacRule(Model):
    """A rule of a Role: Kubernetes, "Using RBAC Authorization"."""

    api_groups: tuple[Annotated[str, AfterValidator(_check_group)], ...] = Field(default=("",), min_length=1)
    """The API groups, such as `apps`. Default: the core group, which is empty text."""
    resources: tuple[Annotated[str, AfterValidator(_check_part)], ...] = Field(min_length=1)
    """The resources, such as `deployments`, or `pods/log` for a part of one."""
    resource_names: tuple[KubernetesName, ...] = ()
    """The names of the only objects that are meant. Default: all of the namespace."""
    verbs: tuple[Verb, ...] = Field(min_length=1)
    """What may be done."""

    @model_validator(mode="after")
    def _least(self) -> Self:
        if RBAC_GROUP in self.api_groups and CHANGING & set(self.verbs):
            raise refuse("who changes roles or bindings gives itself any right", "leave that to the platform")
        if {"serviceaccounts", "serviceaccounts/token"} & set(self.resources) and "create" in self.verbs:
            raise refuse(
                "who makes tokens or service accounts is whoever it likes", "declare a `kubernetes_token` for each"
            )
        if "secrets" in self.resources and (set(self.verbs) != {"get"} or not self.resource_names):
            raise refuse("Secrets are given by name and with `get` only", "name them in `resource_names`")
        return self


class Cluster(Model):
    """A cluster that the Vault server makes tokens of."""

    mount: MountPath | None = None
    """Where it is mounted. Default: `kubernetes-<cluster>-<environment>`."""
    kubernetes_host: HttpsUrl
    """The cluster's API server, as seen from the Vault server."""
    ca_pem: Pem = ""
    """The certificate authority of the API server."""
    service_account_jwt: ValueSource | None = None
    """Where the token comes from that makes the others. Left out with `ca_pem` where the Vault server runs as a pod of
    that cluster: it then uses its pod's own, which the cluster renews."""
    namespaces: dict[TeamName, tuple[KubernetesName, ...]] = Field(default_factory=dict)
    """The namespaces that tokens of a team may be for."""

    @model_validator(mode="after")
    def _outside(self) -> Self:
        if bool(self.ca_pem) != (self.service_account_jwt is not None):
            given, missing = ("ca_pem", "service_account_jwt") if self.ca_pem else ("service_account_jwt", "ca_pem")
            raise refuse(
                f"{given} is given without {missing}",
                "outside the cluster the server needs both; as a pod of the cluster it has its own, leave both out",
            )
        return self


class KubernetesEngine(Model):
    """Tokens of service accounts, made on demand."""

    clusters: dict[Name, Cluster] = Field(min_length=1)
    """The clusters by name, each a mount of its own."""


class KubernetesToken(Model):
    """Short-lived tokens of a service account: one that exists, or one made for each token with rules of its own."""

    cluster: Name
    """The cluster, as the environment file names it."""
    namespaces: tuple[KubernetesName, ...] = Field(min_length=1)
    """The exact namespaces. A request names one."""
    service_account: KubernetesName | None = None
    """The service account that exists in those namespaces. Its tokens last until they end; nothing takes one back."""
    rules: tuple[RbacRule, ...] = ()
    """Instead: what a service account made for the one token may do in its namespace. It goes when the lease ends, and
    the token with it."""
    audiences: tuple[ClaimText, ...] = ()
    """Whom the tokens are for, unless a request names others. Default: the cluster's own API server."""
    ttl: Duration = SHORTEST_TTL
    """Lifetime of a token whose request names none. At least 10m, as Kubernetes wants it."""
    max_ttl: Duration = 3600
    """Lifetime at most. No longer than 1d."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.service_account is None) == (not self.rules):
            raise refuse(
                "name exactly one of service_account, rules",
                "service_account: one that exists; rules: one made for each token, with these rights",
            )
        check_ttl(self.ttl, self.max_ttl)
        if self.ttl < SHORTEST_TTL:
            raise refuse(
                f"ttl {duration(self.ttl)} is shorter than {duration(SHORTEST_TTL)}", "Kubernetes makes no such token"
            )
        if self.max_ttl > LONGEST_TTL:
            raise refuse(
                f"max_ttl {duration(self.max_ttl)} is longer than {duration(LONGEST_TTL)}",
                "let the workload ask for a new one",
            )
        return self
