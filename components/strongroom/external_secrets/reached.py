"""What the operator reads of a secret: behind which store, as whom, and by which names. Pure.

A store is always read as the workload itself: its policy is derived from its grants, so that a SecretStore reaches what
the workload may read, and nothing more.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from strongroom.aws.iam.arns import role_arn, role_path
from strongroom.aws.iam.grants import iam_of
from strongroom.aws.iam.names import role_name
from strongroom.aws.parameter_store import plan as parameter_store
from strongroom.aws.place import place_of as aws_place
from strongroom.aws.secrets_manager import plan as secrets_manager
from strongroom.azure.identity.grants import identity_name
from strongroom.azure.key_vault import plan as key_vault
from strongroom.external_secrets.delivered import Delivered
from strongroom.external_secrets.providers import (
    AwsProvider,
    AzureProvider,
    GcpProvider,
    Provider,
    VaultLogin,
    VaultMethod,
    VaultProvider,
)
from strongroom.external_secrets.spec import ExternalSecrets
from strongroom.gcp.iam.members import principal_of
from strongroom.gcp.iam.spec import GkeProject
from strongroom.gcp.place import place_of as gcp_place
from strongroom.gcp.secret_manager import plan as secret_manager
from strongroom.plan import naming
from strongroom.plan.scope import Key, Scope

_LOGINS: Final[Mapping[str, tuple[str, str]]] = {
    "service_account": ("kubernetes", "a Kubernetes service account"),
    "approle": ("approle", "approle"),
    "certificate": ("certificate", "a certificate"),
}
"""How a cluster's operator logs in at Vault -> the kind of identity, and in words."""

_METHODS: Final[Mapping[str, VaultMethod]] = {
    "kubernetes": "kubernetes", "jwt": "jwt", "approle": "approle", "cert": "cert",
}  # fmt: skip
"""Kind of auth method -> what the operator calls it."""


class UnreachableError(Exception):
    """The operator cannot read a secret as the workload: what is missing, and the remedy."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message, self.remedy = message, remedy


def operator_of(scope: Scope, cluster: str) -> ExternalSecrets:
    """What the environment file says of the operator of a cluster that has one."""
    found = scope.environment.clusters[cluster].external_secrets
    assert found is not None
    return found


def provider_of(scope: Scope, delivered: Delivered) -> Provider:
    """What the SecretStore of a delivery says. Raises UnreachableError."""
    name, store = scope.store_of(scope.secrets[delivered.secret])
    return _PROVIDERS[store.kind](scope, delivered, name, store.value)


def keys_of(scope: Scope, secret: Key) -> tuple[str, dict[str, tuple[str, str | None]]]:
    """The key of the whole secret as the operator names it, and for each field its key and property."""
    name, store = scope.store_of(scope.secrets[secret])
    fields = scope.secrets[secret].fields
    match store.kind:
        case "vault_kv" | "vault_kv_v1":
            key = in_mount(scope.kv_mount(name), scope.secret_path(secret), v2=store.kind == "vault_kv")
        case parameter_store.KIND:
            path = parameter_store.name_of(scope, secret, store.value)
            return path, {field: (f"{path}/{field}", None) for field in fields}
        case secrets_manager.KIND:
            key = secrets_manager.name_of(scope, secret, store.value)
        case key_vault.KIND:
            key = key_vault.in_vault(key_vault.name_of(scope, secret, store.value))
        case secret_manager.KIND:
            key = secret_manager.secret_id(secret_manager.name_of(scope, secret, store.value))
        case other:
            raise UnreachableError(f"a store of the kind {other} is not read by the operator", "name another `store`")
    return key, {field: (key, field) for field in fields}


def in_mount(mount: str, path: str, *, v2: bool) -> str:
    """The key of a secret in a KV mount.

    The operator takes a mount's own name, and `data/` after it, off the beginning of a key: a path that begins with
    that name is written with both, so that what is left is the path.
    """
    if not path.startswith(f"{mount}/"):
        return path
    return f"{mount}/data/{path}" if v2 else f"{mount}/{path}"


def _vault(version: Literal["v1", "v2"]) -> Callable[[Scope, Delivered, str, Any], Provider]:
    def provider(scope: Scope, delivered: Delivered, store_name: str, _: Any) -> Provider:
        seen = operator_of(scope, delivered.cluster).vault
        return VaultProvider(
            server=seen.server,
            namespace=scope.namespace,
            ca_pem=seen.ca_pem,
            ca_config_map=seen.ca_provider.config_map if seen.ca_provider else None,
            ca_key=seen.ca_provider.key if seen.ca_provider else None,
            mount=scope.kv_mount(store_name),
            version=version,
            login=vault_login(scope, delivered),
        )

    return provider


def vault_login(scope: Scope, delivered: Delivered) -> VaultLogin:
    """How the operator of a cluster logs in at Vault as a workload. Raises UnreachableError."""
    cluster, workload = delivered.cluster, delivered.workload
    kind, words = _LOGINS[operator_of(scope, cluster).vault.login]
    wanted = scope.environment.clusters[cluster].vault_auth if kind == "kubernetes" else None
    logins = [login for login in scope.workloads[workload].logins if login.runs_as.kind == kind]
    methods = sorted({name for login in logins for name in scope.auth_of(login) if wanted in (None, name)})
    if not methods:
        at = f" at auth method '{wanted}' of cluster {cluster}" if wanted else ""
        raise UnreachableError(
            f"{'/'.join(workload)} does not log in at Vault as {words}{at}",
            f"add such a login with `also`, or an auth method that accepts {kind}",
        )
    if len(methods) > 1:
        raise UnreachableError(
            f"{'/'.join(workload)} logs in at several auth methods as {words}: {', '.join(methods)}",
            f"say which of them knows cluster {cluster}: `clusters.{cluster}.vault_auth`",
        )
    assert scope.environment.vault is not None
    method = scope.environment.vault.auth[methods[0]]
    common = {"mount": scope.auth_mount(methods[0]), "role": naming.role_of(*workload)}
    if kind != "kubernetes":
        return VaultLogin(method=_METHODS[method.kind], secret=f"{workload[1]}-vault-login", **common)
    # One audience is enough, and a token that is for others too would be theirs to use.
    audience = method.value.audience if method.kind == "kubernetes" else method.value.audiences[0]
    return VaultLogin(
        method=_METHODS[method.kind], service_account=delivered.account.service_account, audience=audience, **common
    )


def _aws(service: Literal["SecretsManager", "ParameterStore"]) -> Callable[[Scope, Delivered, str, Any], Provider]:
    def provider(scope: Scope, delivered: Delivered, _: str, __: Any) -> Provider:
        cluster, place = delivered.cluster, aws_place(scope)
        known = iam_of(scope).clusters.get(cluster)
        if known is None:
            raise UnreachableError(
                f"AWS does not know the service accounts of cluster {cluster}",
                f"declare `aws.iam.clusters.{cluster}` in the environment file",
            )
        operator = operator_of(scope, cluster).aws_role_arn
        if known.pod_identity and operator is None:
            raise UnreachableError(
                f"cluster {cluster} has EKS Pod Identity, which gives the operator its own role and no workload's",
                f"name that role in `clusters.{cluster}.external_secrets.aws_role_arn`, or use irsa",
            )
        if known.pod_identity and operator_of(scope, cluster).api_version == "v1beta1":
            raise UnreachableError(
                f"the operator of cluster {cluster} (v1beta1) does not tell AWS for which namespace it asks",
                "use irsa, or a newer operator",
            )
        name = role_name(scope.name, *delivered.workload)
        return AwsProvider(
            service=service,
            region=place.region,
            role=role_arn(place.partition, place.account, role_path(scope.name), name),
            service_account=delivered.account.service_account if known.irsa else None,
            operator=operator if known.pod_identity else None,
        )

    return provider


def _azure(scope: Scope, delivered: Delivered, _: str, store: Any) -> Provider:
    azure = scope.environment.azure
    assert azure is not None
    if delivered.cluster not in azure.identities.clusters:
        raise UnreachableError(
            f"Azure does not know the service accounts of cluster {delivered.cluster}",
            f"declare `azure.identities.clusters.{delivered.cluster}` in the environment file",
        )
    place = key_vault.vault_place(scope, store)
    return AzureProvider(
        vault_url=key_vault.vault_url(place, store.vault),
        tenant=azure.tenant,
        cloud=place.cloud,
        identity=identity_name(scope.name, *delivered.workload),
        service_account=delivered.account.service_account,
    )


def _gcp(scope: Scope, delivered: Delivered, _: str, __: Any) -> Provider:
    seen = operator_of(scope, delivered.cluster).gke
    gke = _gke_of(scope, delivered.cluster, seen.identities if seen else None)
    return GcpProvider(
        project=gcp_place(scope).project,
        service_account=delivered.account.service_account,
        principal=principal_of(gke, delivered.account),
        cluster_project=(seen.project or gke.project) if seen else None,
        cluster_location=seen.location if seen else None,
        cluster_name=seen.name if seen else None,
    )


def _gke_of(scope: Scope, cluster: str, named: str | None) -> GkeProject:
    """The project whose pool of identities a cluster has."""
    gke = scope.environment.gcp.identities.gke if scope.environment.gcp else {}
    name = named or (cluster if cluster in gke else None) or (next(iter(gke)) if len(gke) == 1 else None)
    if name is None or name not in gke:
        raise UnreachableError(
            f"it is not known in which of Google's projects cluster {cluster} is ({', '.join(sorted(gke)) or 'none'})",
            f"name one of `gcp.identities.gke` in `clusters.{cluster}.external_secrets.gke.identities`",
        )
    return gke[name]


_PROVIDERS: Final[Mapping[str, Callable[[Scope, Delivered, str, Any], Provider]]] = {
    "vault_kv": _vault("v2"),
    "vault_kv_v1": _vault("v1"),
    secrets_manager.KIND: _aws("SecretsManager"),
    parameter_store.KIND: _aws("ParameterStore"),
    key_vault.KIND: _azure,
    secret_manager.KIND: _gcp,
}
"""Kind of store -> what a SecretStore says of it."""
