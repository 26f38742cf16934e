"""What `external-secrets.io/v1` says otherwise than `v1beta1`: one small function for each difference.

Source: the CustomResourceDefinitions that External Secrets publishes, `v1beta1` of 0.12.1 and 0.16.2 beside `v1` of
2.9.0, and its release notes of 0.16.2 and 0.17.0. What only became possible in `v1` is not here, nor defaults that
moved from the definition into the operator and mean the same.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from strongroom.external_secrets.migrate.tree import Written

KINDS: Final = frozenset({"ExternalSecret", "ClusterExternalSecret", "SecretStore", "ClusterSecretStore"})


@dataclass(frozen=True, slots=True)
class Difference:
    """Something in a manifest that a person has to look at."""

    at: Written
    where: str
    message: str
    remedy: str
    blocks: bool
    """Whether `v1` refuses the manifest or drops a part of it: then it stays as it is."""


def differences(kind: str, manifest: Written) -> Iterator[Difference]:
    """All of one manifest, in the order of the rules."""
    if kind in {"SecretStore", "ClusterSecretStore"}:
        if (provider := manifest.get("spec", "provider")) is not None:
            for of_stores in _OF_STORES:
                yield from of_stores(provider)
        return
    path = ("spec", "externalSecretSpec") if kind == "ClusterExternalSecret" else ("spec",)
    if (spec := manifest.get(*path)) is not None:
        for of_secrets in _OF_SECRETS:
            yield from of_secrets(spec, ".".join(path))


def _template_engine(spec: Written, where: str) -> Iterator[Difference]:
    if spec.says("target", "template", "engineVersion") == "v1":
        yield Difference(
            spec.get("target", "template", "engineVersion") or spec,
            f"{where}.target.template.engineVersion",
            "the template engine v1 was removed",
            "write the template for engine v2 (values are text and not bytes: `toString` goes, functions have other "
            "names), and remove this line",
            True,
        )


def _rewrites(spec: Written, where: str) -> Iterator[Difference]:
    for position, source in enumerate(spec.each("dataFrom")):
        for number, rewrite in enumerate(source.each("rewrite")):
            if rewrite.fields is not None and len(rewrite.fields) != 1:
                yield Difference(
                    rewrite,
                    f"{where}.dataFrom[{position}].rewrite[{number}]",
                    f"has {len(rewrite.fields)} keys, and each item must have exactly one",
                    "make an item of each: `regexp` first, then `transform`, as they were applied",
                    True,
                )


def _generated_once(spec: Written, where: str) -> Iterator[Difference]:
    if spec.says("refreshInterval") not in {"0", "0s", "0m", "0h"}:
        return
    sources = [*spec.each("data"), *spec.each("dataFrom")]
    if any(source.has("sourceRef", "generatorRef") for source in sources):
        yield Difference(
            spec.get("refreshInterval") or spec,
            f"{where}.refreshInterval",
            "a generator that is never refreshed: operators from 0.16.2 generate its value once more when they "
            "first see it, so that the value changes",
            "plan for a new value, and say `refreshPolicy: CreatedOnce`",
            False,
        )


def _removed_providers(provider: Written) -> Iterator[Difference]:
    for name in ("alibaba", "device42"):
        if found := provider.get(name):
            yield Difference(
                found,
                f"spec.provider.{name}",
                f"the provider {name} was removed, and its part of the manifest would be dropped without a word",
                "move the secrets to a store that is supported",
                True,
            )


def _fake(provider: Written) -> Iterator[Difference]:
    for position, item in enumerate(provider.each("fake", "data")):
        if item.get("valueMap") is not None or item.get("value") is None:
            yield Difference(
                item,
                f"spec.provider.fake.data[{position}]",
                "`valueMap` was removed and `value` is needed",
                "write the map as JSON in `value`; and the provider is for tests only",
                True,
            )


def _conjur(provider: Written) -> Iterator[Difference]:
    auth = provider.get("conjur", "auth")
    if auth is not None and auth.fields is not None and len(auth.fields) != 1:
        yield Difference(auth, "spec.provider.conjur.auth", "must have exactly one key", "keep one of them", True)


def _kubernetes(provider: Written) -> Iterator[Difference]:
    for method, needed in (("cert", ("clientCert", "clientKey")), ("token", ("bearerToken",))):
        auth = provider.get("kubernetes", "auth", method)
        missing = [key for key in needed if auth is not None and auth.get(key) is None]
        if auth is not None and missing:
            where = f"spec.provider.kubernetes.auth.{method}"
            yield Difference(auth, where, f"has no {' and no '.join(missing)}", "add it: it is needed now", True)


def _secretserver(provider: Written) -> Iterator[Difference]:
    for key in ("username", "password"):
        value = provider.get("secretserver", key)
        if value is not None and (value.get("value") is not None) == (value.get("secretRef") is not None):
            where = f"spec.provider.secretserver.{key}"
            yield Difference(value, where, "must have exactly one of value and secretRef", "keep secretRef", True)


def _pulumi(provider: Written) -> Iterator[Difference]:
    if found := provider.get("pulumi", "accessToken"):
        both = provider.get("pulumi", "auth") is not None
        yield Difference(
            found,
            "spec.provider.pulumi.accessToken",
            "stands beside `auth`, which is refused" if both else "is deprecated",
            "name the token in `auth.accessToken`, and remove this",
            both,
        )


def _userpass(provider: Written) -> Iterator[Difference]:
    auth = provider.get("vault", "auth", "userPass")
    if auth is not None and auth.get("path") is None:
        yield Difference(
            auth,
            "spec.provider.vault.auth.userPass",
            "has no path, whose default was `user` in old operators (0.12) and is `userpass`",
            "name the path where the method is mounted",
            False,
        )


_OF_SECRETS: Final[tuple[Callable[[Written, str], Iterator[Difference]], ...]] = (
    _template_engine,
    _rewrites,
    _generated_once,
)
_OF_STORES: Final[tuple[Callable[[Written], Iterator[Difference]], ...]] = (
    _removed_providers,
    _fake,
    _conjur,
    _kubernetes,
    _secretserver,
    _pulumi,
    _userpass,
)
