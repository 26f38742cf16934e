"""Whether a delivery fits its secret, the store that keeps it, and the cluster that it is for. Pure."""

from collections.abc import Iterator
from typing import Final

from strongroom.aws.parameter_store import plan as parameter_store
from strongroom.aws.parameter_store.plan import KIND as PARAMETER_STORE
from strongroom.external_secrets import shape
from strongroom.external_secrets.delivered import Delivered, operator_of
from strongroom.external_secrets.delivery import Delivery
from strongroom.external_secrets.generators import dynamic
from strongroom.external_secrets.reached import provider_of
from strongroom.external_secrets.stores import vault
from strongroom.external_secrets.stores.unreachable import UnreachableError
from strongroom.plan.scope import Key, Scope, remembered
from strongroom.spec.catalog import Secret
from strongroom.spec.names import duration
from strongroom.spec.problems import Loc

Flaw = tuple[str, str]
"""What is wrong, and the remedy."""
_NO_OBJECT: Final = ("in Parameter Store each field is a parameter, and there is no object to extract", "use `find`")
_NO_LIST: Final = ("a search needs a right to list, which no grant gives outside of Parameter Store", "use `extract`")


def flaws(scope: Scope, found: Delivered) -> Iterator[tuple[Loc, Flaw]]:
    """What does not fit, and where in the delivery that is said."""
    delivery, secret = found.delivery, scope.secrets[found.secret]
    store = scope.declared_store(secret)
    yield from _not_to_be_written(scope, found)
    if secret.kind in dynamic.KINDS:
        yield from dynamic.flaws(scope, found)
    if secret.kind != "fields" or store is None:
        return
    if data_from := delivery.data_from:
        if data_from.extract and store.kind == PARAMETER_STORE:
            yield ("data_from", "extract"), _NO_OBJECT
        if data_from.find and store.kind != PARAMETER_STORE:
            yield ("data_from", "find"), _NO_LIST
        elif data_from.find and (inner := _below(scope).get(parameter_store.name_of(scope, found.secret, store.value))):
            yield (
                ("data_from", "find"),
                (
                    f"a search below {delivery.secret} would find {'/'.join(inner)} too, which nobody granted with it",
                    f"name `fields`, or give {'/'.join(inner)} another path",
                ),
            )
    old = operator_of(scope, found.cluster).api_version == "v1beta1"
    if old and delivery.creation_policy == "CreateOrMerge":
        yield ("creation_policy",), (f"the operator of cluster {found.cluster} (v1beta1) does not know it", "use Merge")
    yield from shape.flaws(delivery, secret.fields)
    yield from _rotation(delivery, secret)
    try:
        provider_of(scope, found)
        if store.is_in_vault:
            yield from _secret_id(scope, found)
    except UnreachableError as error:
        yield (), (error.message, error.remedy)


@remembered
def _below(scope: Scope) -> dict[str, Key]:
    """The paths in Parameter Store below which a secret lies, and the first that does."""
    found: dict[str, Key] = {}
    for key in scope.stored.get(PARAMETER_STORE, ()):
        secret = scope.secrets[key]
        within = parameter_store.name_of(scope, key, scope.store_of(secret)[1].value)
        while within := within.rpartition("/")[0]:
            found.setdefault(within, key)
    return found


def _not_to_be_written(scope: Scope, found: Delivered) -> Iterator[tuple[Loc, Flaw]]:
    """Secrets that others rely on: an operator that owns one takes it over, whoever made it."""
    name, namespace = found.delivery.kubernetes_secret, found.account.namespace
    if vault.is_login(scope, found):
        yield ("kubernetes_secret",), (f"with {name} the operator logs in at Vault", "give it another name")
    if namespace.startswith("kube-"):
        yield (
            ("workload",),
            (
                f"{found.delivery.workload} runs in {namespace}, whose Secrets are the cluster's own",
                "let it run in another namespace, or let it read by itself and leave the delivery out",
            ),
        )


def _rotation(delivery: Delivery, secret: Secret) -> Iterator[tuple[Loc, Flaw]]:
    """A value that changes has to arrive before it changes again."""
    if delivery.refresh_policy != "Periodic" and (secret.rotate_every or secret.rotator):
        yield (
            ("refresh_policy",),
            (f"{delivery.secret} is rotated, and a new value would not arrive", "use Periodic"),
        )
    elif secret.rotate_every and secret.rotate_every < delivery.refresh:
        yield (
            ("refresh",),
            (
                f"{delivery.secret} is rotated every {duration(secret.rotate_every)}, and read every "
                f"{duration(delivery.refresh)} only",
                "shorten `refresh`",
            ),
        )


def _secret_id(scope: Scope, found: Delivered) -> Iterator[tuple[Loc, Flaw]]:
    """A secret_id ends after some uses or some time, and the Secret is not kept up to date any more."""
    if vault.login(scope, found).method != "approle" or found.delivery.refresh_policy != "Periodic":
        return
    refresh = found.delivery.refresh
    for login in scope.workloads[found.workload].logins:
        role = login.runs_as.approle
        if role and (role.secret_id_uses == 1 or role.secret_id_ttl < 2 * refresh):
            yield (
                ("refresh",),
                (
                    f"the secret_id of {'/'.join(found.workload)} is good for {role.secret_id_uses} logins in "
                    f"{duration(role.secret_id_ttl)}, and ends before the second refresh",
                    "raise `secret_id_uses` and `secret_id_ttl`, or use refresh_policy CreatedOnce",
                ),
            )
