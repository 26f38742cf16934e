"""Secrets that Vault or OpenBao makes on demand, delivered: which path, by which verb, and how often. Pure."""

from collections.abc import Iterator
from typing import Final

from strongroom.external_secrets import shape
from strongroom.external_secrets.delivered import Delivered, operator_of
from strongroom.external_secrets.generators.records import VaultDynamicSecret
from strongroom.external_secrets.generators.reference import VERBS, GeneratorRef
from strongroom.external_secrets.providers import VaultProvider
from strongroom.external_secrets.stores import vault
from strongroom.external_secrets.stores.unreachable import UnreachableError
from strongroom.plan.kinds import kind_of
from strongroom.plan.scope import Scope
from strongroom.spec.catalog import Secret
from strongroom.spec.names import duration
from strongroom.spec.problems import Loc, did_you_mean

Flaw = tuple[str, str]
KINDS: Final = ("database", "database_static_role", "adopted_role", "aws", "certificate")
"""Kinds of secret that are delivered so. Others make sense to whoever asks only: signatures, codes, folders."""
_LOGIN: Final = ("username", "password")
_AWS_KEY: Final = ("access_key", "secret_key")
_CERTIFICATE: Final = ("certificate", "private_key", "issuing_ca", "ca_chain", "serial_number")
_SAID_OF_IT: Final = {"certificate": ("expiration", "private_key_type")}
"""What else is answered, does not change by being read, and may stand in a template."""
STALE_PARTS: Final = (2, 3)
"""New credentials are made before two thirds of the lifetime of those before them: so that a Secret that arrives late,
and a pod that reads it later still, has some that work."""


def fields_of(secret: Secret) -> tuple[str, ...]:
    """What the server answers, as far as it is for workloads: its API documentation of each engine."""
    if secret.certificate:
        return _CERTIFICATE
    if secret.aws:
        lasting = secret.aws.kind in {"iam_user", "static_role"}
        return _AWS_KEY if lasting else (*_AWS_KEY, "security_token")
    return _LOGIN


def lifetime_seconds(secret: Secret) -> int | None:
    """How long what is made is good for; None: until the server changes it, or nobody can tell."""
    if secret.database:
        return secret.database.default_ttl
    if secret.certificate:
        return secret.certificate.ttl
    value = secret.aws.value if secret.aws else None
    found: int | None = getattr(value, "default_sts_ttl", None)
    return found


def reference(scope: Scope, found: Delivered) -> GeneratorRef:  # noqa: ARG001  what all of SOURCES take
    """The generator of a delivery, which is called like the Secret."""
    return GeneratorRef(kind="VaultDynamicSecret", name=found.delivery.kubernetes_secret)


def source(scope: Scope, found: Delivered) -> VaultDynamicSecret:
    """What the generator asks, and as whom: the workload, as its grant says. Raises UnreachableError."""
    secret = scope.secrets[found.secret]
    verb = VERBS.get(secret.kind, "read")
    (path, _), *_ = kind_of(secret).rules(scope, found.secret, verb)
    seen = operator_of(scope, found.cluster).vault
    parameters: tuple[tuple[str, str], ...] = ()
    if secret.certificate:
        first, *further = secret.certificate.allowed_domains
        parameters = (("common_name", first), *((("alt_names", ",".join(further)),) if further else ()))
    return VaultDynamicSecret(
        path=f"/{path}",
        method="GET" if verb == "read" else "POST",
        parameters=parameters,
        provider=VaultProvider(
            server=seen.server,
            namespace=scope.namespace,
            ca_pem=seen.ca_pem,
            ca_config_map=seen.ca_provider.config_map if seen.ca_provider else None,
            ca_key=seen.ca_provider.key if seen.ca_provider else None,
            mount="",
            version="v2",
            login=vault.login(scope, found),
        ),
    )


def template(scope: Scope, found: Delivered) -> dict[str, str]:
    """The keys of the Kubernetes Secret and their texts, where the delivery has no template: what is for workloads, and
    not what the server says of it too, such as the time that is left, which changes with each reading."""
    fields = found.delivery.fields or {field: field for field in fields_of(scope.secrets[found.secret])}
    return {key: f"{{{{ .{field} }}}}" for key, field in fields.items()}


def flaws(scope: Scope, found: Delivered) -> Iterator[tuple[Loc, Flaw]]:
    """What of a delivery does not fit a secret of this kind, and where that is said."""
    delivery, secret = found.delivery, scope.secrets[found.secret]
    has = fields_of(secret)
    for field in sorted(set(delivery.fields.values()) - set(has)):
        yield ("fields",), (f"{delivery.secret} has no field '{field}'", did_you_mean(field, has, ", ".join(has)))
    if delivery.fields and delivery.template:
        yield (
            ("template",),
            (
                "a template of credentials names what the server answers, and `fields` do not matter",
                "leave out `fields`",
            ),
        )
    else:
        yield from shape.flaws(delivery, (*has, *_SAID_OF_IT.get(secret.kind, ())))
    if delivery.data_from:
        yield ("data_from",), (f"{delivery.secret} is in no store, and made as a whole", "leave it out")
    if delivery.secret_store:
        yield ("secret_store",), (f"{delivery.secret} is in no store", "leave it out")
    yield from _in_time(delivery.secret, found, lifetime_seconds(secret))
    try:
        source(scope, found)
    except UnreachableError as error:
        yield (), (error.message, error.remedy)


def _in_time(name: str, found: Delivered, lifetime: int | None) -> Iterator[tuple[Loc, Flaw]]:
    delivery = found.delivery
    if delivery.refresh_policy != "Periodic":
        yield (
            ("refresh_policy",),
            (f"{name} ends or changes, and what follows would not arrive", "use Periodic"),
        )
    elif lifetime and delivery.refresh * STALE_PARTS[1] > lifetime * STALE_PARTS[0]:
        longest = lifetime * STALE_PARTS[0] // STALE_PARTS[1]
        yield (
            ("refresh",),
            (
                f"{name} is good for {duration(lifetime)}, and made anew every {duration(delivery.refresh)} only",
                f"write `refresh: {duration(max(longest - longest % 60, 1))}` or shorter",
            ),
        )
