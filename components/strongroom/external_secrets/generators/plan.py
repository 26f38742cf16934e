"""Generators: of deliveries whose secret Vault makes on demand, and of Secrets that the environment file names."""

from collections.abc import Iterator
from typing import Any, Final

from strongroom.external_secrets.delivered import Delivered, accounts_of, delivered, operator_of
from strongroom.external_secrets.generators import dynamic, spec
from strongroom.external_secrets.generators.document import pull_secret
from strongroom.external_secrets.generators.records import (
    KINDS,
    AcrAccessToken,
    EcrAuthorizationToken,
    GcrAccessToken,
    Generator,
    Password,
    Source,
    Uuid,
)
from strongroom.external_secrets.records import ExternalSecret, SecretTemplate
from strongroom.kubernetes.place import place_of
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Key, Scope
from strongroom.spec.identity import Kubernetes

PULL: Final = "kubernetes.io/dockerconfigjson"


def plan(scope: Scope) -> Iterator[Record]:
    for found in delivered(scope):
        if scope.secrets[found.secret].kind in dynamic.KINDS:
            yield _of_delivery(scope, found)
    for cluster in sorted(scope.environment.clusters):
        for _, generated, account in generated_in(scope, cluster):
            yield from _generated(scope, cluster, generated, account)


def generated_in(scope: Scope, cluster: str) -> Iterator[tuple[str, spec.Generated, Kubernetes]]:
    """What the environment file has made in a cluster, for workloads that exist and run there as one account."""
    seen = scope.environment.clusters[cluster].external_secrets
    for name, generated in sorted(seen.generated.items()) if seen else ():
        workload = workload_of(generated)
        accounts = accounts_of(scope, cluster, workload) if workload in scope.workloads else []
        if len(accounts) == 1:
            yield name, generated, accounts[0]


def workload_of(generated: spec.Generated) -> Key:
    """For whom something is made."""
    team, _, name = generated.workload.partition("/")
    return team, name


def _of_delivery(scope: Scope, found: Delivered) -> Generator:
    return Generator(
        slice=found.workload[0],
        place=place_of(scope, found.cluster),
        namespace=found.account.namespace,
        name=found.delivery.kubernetes_secret,
        workload="/".join(found.workload),
        secret="/".join(found.secret),
        type=dynamic.reference(scope, found).kind,
        source=dynamic.source(scope, found),
    )


def _generated(scope: Scope, cluster: str, generated: spec.Generated, account: Kubernetes) -> Iterator[Record]:
    common: dict[str, Any] = {
        "slice": PLATFORM,
        "place": place_of(scope, cluster),
        "namespace": account.namespace,
        "name": generated.kubernetes_secret,
        "workload": generated.workload,
        "secret": "",
    }
    made, refresh = generated.generator, generated.refresh_seconds
    source = _source(scope, cluster, made, account)
    generator = Generator(**common, type=KINDS[type(source)], source=source)
    yield generator
    yield ExternalSecret(
        **common,
        api_version=operator_of(scope, cluster).api_version,
        store=None,
        entries=(),
        whole=None,
        generator=generator.reference,
        template=_template(made),
        refresh_seconds=refresh or 0,
        refresh_policy="Periodic" if refresh else "CreatedOnce",
        creation_policy="Owner",
        deletion_policy="Retain",
        immutable=False,
    )


def _source(scope: Scope, cluster: str, made: spec.Source, account: Kubernetes) -> Source:
    name = account.service_account
    if password := made.password:
        return Password(
            length=password.length,
            digits=password.digits,
            symbols=password.symbols,
            symbol_characters=password.symbol_characters,
            no_upper=password.no_upper,
            encoding=password.encoding,
        )
    if ecr := made.ecr_authorization_token:
        return EcrAuthorizationToken(region=ecr.region, public=ecr.public, service_account=name)
    if acr := made.acr_access_token:
        return AcrAccessToken(registry=acr.registry, tenant=acr.tenant, service_account=name)
    if gcr := made.gcr_access_token:
        gke = operator_of(scope, cluster).gke
        assert gke is not None  # `references` asks for it
        return GcrAccessToken(
            project=gcr.project,
            service_account=name,
            cluster_project=gke.project or gcr.project,
            cluster_location=gke.location,
            cluster_name=gke.name,
        )
    return Uuid()


def _template(made: spec.Source) -> SecretTemplate:
    kind, data = "Opaque", {}
    if made.password:
        data = {made.password.key: "{{ .password }}"}
    elif made.uuid:
        data = {made.uuid.key: "{{ .uuid }}"}
    else:
        registry = "{{ .proxy_endpoint | trimPrefix `https://` }}"
        if made.gcr_access_token:
            registry = made.gcr_access_token.host
        elif made.acr_access_token:
            registry = made.acr_access_token.registry
        kind, data = PULL, {".dockerconfigjson": pull_secret(registry)}
    return SecretTemplate(type=kind, data=tuple(data.items()), merge_policy="Replace", labels=(), annotations=())
