"""SecretStores, ExternalSecrets and annotations of service accounts, derived from deliveries."""

from collections.abc import Iterator
from dataclasses import replace

from strongroom.external_secrets.delivered import Delivered, delivered, operator_of, store_name
from strongroom.external_secrets.delivery import Rewrite, Template
from strongroom.external_secrets.generators import dynamic
from strongroom.external_secrets.providers import AwsProvider, AzureProvider, Provider
from strongroom.external_secrets.reached import keys_of, provider_of
from strongroom.external_secrets.records import (
    AZURE_TENANT,
    IRSA_ROLE,
    Entry,
    ExternalSecret,
    KeyRewrite,
    SecretStore,
    SecretTemplate,
    ServiceAccount,
    Whole,
)
from strongroom.external_secrets.sources import GENERATORS
from strongroom.kubernetes.place import place_of
from strongroom.plan.record import Record
from strongroom.plan.scope import Scope


def plan(scope: Scope) -> Iterator[Record]:
    stores: dict[str, SecretStore] = {}
    accounts: dict[str, ServiceAccount] = {}
    for found in delivered(scope):
        store = None if scope.secrets[found.secret].kind in GENERATORS else _store(scope, found)
        if store:
            stores[store.key] = store
        if account := service_account(scope, found, store.provider if store else None):
            earlier = accounts.get(account.key)
            accounts[account.key] = _united(account, earlier) if earlier else account
        yield _external_secret(scope, found, store)
    yield from stores.values()
    yield from accounts.values()


def _common(scope: Scope, found: Delivered) -> dict[str, object]:
    return {
        "slice": found.workload[0],
        "place": place_of(scope, found.cluster),
        "namespace": found.account.namespace,
        "workload": "/".join(found.workload),
    }


def _store(scope: Scope, found: Delivered) -> SecretStore:
    name = scope.store_of(scope.secrets[found.secret])[0]
    return SecretStore(
        **_common(scope, found),  # type: ignore[arg-type]
        api_version=operator_of(scope, found.cluster).api_version,
        name=store_name(scope, found),
        store=name,
        provider=provider_of(scope, found),
    )


def _external_secret(scope: Scope, found: Delivered, store: SecretStore | None) -> ExternalSecret:
    delivery = found.delivery
    return ExternalSecret(
        **_common(scope, found),  # type: ignore[arg-type]
        api_version=operator_of(scope, found.cluster).api_version,
        name=delivery.kubernetes_secret,
        secret="/".join(found.secret),
        store=store.name if store else None,
        entries=tuple(_entries(scope, found)) if store and not delivery.data_from else (),
        whole=_whole(scope, found) if store and delivery.data_from else None,
        generator=None if store else GENERATORS[scope.secrets[found.secret].kind](scope, found),
        template=template_of(delivery.template) if delivery.template else None if store else _of_answer(scope, found),
        refresh_seconds=delivery.refresh,
        refresh_policy=delivery.refresh_policy,
        creation_policy=delivery.creation_policy,
        deletion_policy=delivery.deletion_policy,
        immutable=delivery.immutable,
    )


def wanted(scope: Scope, found: Delivered) -> dict[str, str]:
    """The keys of the Kubernetes Secret before any template, and the field that each holds."""
    return found.delivery.fields or {field: field for field in scope.secrets[found.secret].fields}


def _entries(scope: Scope, found: Delivered) -> Iterator[Entry]:
    _, by_field = keys_of(scope, found.secret)
    for secret_key, field in wanted(scope, found).items():
        key, name = by_field[field]
        yield Entry(secret_key=secret_key, key=key, property=name)


def _whole(scope: Scope, found: Delivered) -> Whole:
    data_from = found.delivery.data_from
    assert data_from is not None
    key, by_field = keys_of(scope, found.secret)
    rewrite = tuple(map(_rewrite, data_from.value.rewrite))
    if data_from.extract:
        return Whole(key=key, find=None, rewrite=rewrite)
    names = "|".join(by_field[field][0].replace(".", r"\.") for field in scope.secrets[found.secret].fields)
    # What is found is called by its whole name; the Secret's keys are the fields.
    to_field = KeyRewrite(source="^.*/([^/]+)$", target="$1")
    return Whole(key=key, find=f"^({names})$", rewrite=(to_field, *rewrite))


def _rewrite(rewrite: Rewrite) -> KeyRewrite:
    if rewrite.regexp:
        return KeyRewrite(source=rewrite.regexp.source, target=rewrite.regexp.target)
    assert rewrite.transform is not None
    return KeyRewrite(source=None, target=rewrite.transform.template)


def _of_answer(scope: Scope, found: Delivered) -> SecretTemplate:
    """Of what a generator answers, what is for workloads."""
    data = tuple(dynamic.template(scope, found).items())
    return SecretTemplate(type="Opaque", data=data, merge_policy="Replace", labels=(), annotations=())


def template_of(template: Template) -> SecretTemplate:
    """What people wrote of a template."""
    return SecretTemplate(
        type=template.type,
        data=tuple(template.data.items()),
        merge_policy=template.merge_policy,
        labels=tuple(sorted(template.labels.items())),
        annotations=tuple(sorted(template.annotations.items())),
    )


def service_account(scope: Scope, found: Delivered, provider: Provider | None) -> ServiceAccount | None:
    """What of the service account that reads a store is ours; None: nothing."""
    mode = operator_of(scope, found.cluster).service_accounts
    annotations: tuple[tuple[str, str], ...] = ()
    identity = None
    if isinstance(provider, AwsProvider) and provider.service_account:
        annotations = ((IRSA_ROLE, provider.role),)
    elif isinstance(provider, AzureProvider):
        annotations, identity = ((AZURE_TENANT, provider.tenant),), "/".join(found.workload)
    if mode == "none" or (mode == "patch" and not annotations):
        return None
    return ServiceAccount(
        **_common(scope, found),  # type: ignore[arg-type]
        name=found.account.service_account,
        create=mode == "create",
        annotations=annotations,
        azure_identity=identity,
    )


def _united(account: ServiceAccount, earlier: ServiceAccount) -> ServiceAccount:
    """Of several stores of one workload: two workloads with one account are refused (`strongroom.kubernetes`)."""
    return replace(
        earlier,
        annotations=tuple(sorted({*account.annotations, *earlier.annotations})),
        azure_identity=account.azure_identity or earlier.azure_identity,
    )
