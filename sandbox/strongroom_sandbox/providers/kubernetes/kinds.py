"""Which kind of object a type token means, and what the SDK's classes say of its inputs."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from typing import Any, Final, cast

import pulumi_kubernetes as kubernetes
from pulumi.provider.experimental.provider import CheckFailure
from pulumi.runtime.rpc import get_resource_module

from ..frame.check import failures
from ..frame.errors import StandInError
from ..frame.inputs import Input, Shape, args_of, inputs_of
from ..frame.values import Properties

_TOKEN: Final = re.compile(r"kubernetes:(?P<group>[^/:]+)/(?P<version>[^/:]+):(?P<name>[A-Za-z][A-Za-z0-9]*)")
_PATCH: Final = "Patch"
_COMPONENTS: Final = frozenset({"helm.sh", "yaml", "kustomize"})
"""Groups of the SDK that no API server has."""


@dataclass(frozen=True)
class Kind:
    """A kind of object, of the server's own or of a CustomResourceDefinition."""

    token: str
    group: str
    """Empty for the core group."""
    version: str
    name: str
    """The kind as the API has it: `Secret`."""
    patch: bool
    """Whether the resource is some fields of an object that somebody else owns (`ServiceAccountPatch`)."""
    resource: type | None
    """The SDK's class; None for kinds that only a CustomResourceDefinition knows."""

    @property
    def api_version(self) -> str:
        """`v1`, or `group/version`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def known(self) -> bool:
        """Whether the SDK has a class of it."""
        return self.resource is not None

    @cached_property
    def inputs(self) -> Mapping[str, Input]:
        """Every input that the SDK's class names; of other kinds only what every object has."""
        if self.resource is not None:
            return inputs_of(args_of(self.resource))
        every = inputs_of(args_of(kubernetes.apiextensions.v1.CustomResourceDefinition))
        return {name: every[name] for name in ("apiVersion", "kind", "metadata")}

    def told(self, live: Properties) -> Iterable[str]:
        """The fields of a live object that may be inputs."""
        return self.inputs if self.known else live

    def failures(self, inputs: Properties) -> Iterator[CheckFailure]:
        """Yield what is wrong with inputs by the SDK's classes. The fields of a custom resource the server checks."""
        free = {name: Input(_ANYTHING, required=False) for name in inputs if not self.known}
        yield from failures(inputs, {**free, **self.inputs}, self.token)
        for name, right in (("apiVersion", self.api_version), ("kind", self.name)):
            if isinstance(given := inputs.get(name), str) and given != right:
                yield CheckFailure(
                    name, f"{self.token} has {name} {right!r}, not {given!r}: correct it, or leave it out"
                )


_ANYTHING: Final = Shape("anything")


@cache
def kind_of(token: str) -> Kind:
    """The kind that a type token such as `kubernetes:core/v1:Secret` means.

    Raises:
        StandInError: it means none that an API server could have.
    """
    match = _TOKEN.fullmatch(token)
    if match is None or match["group"] in _COMPONENTS:
        raise StandInError(
            f"the stand-in provider for 'kubernetes' does not serve {token!r}: it serves kinds of the API server, "
            "`kubernetes:GROUP/VERSION:KIND`, and `kubernetes:helm.sh/v3:Release`; use the official provider"
        )
    group, version, name = match["group"], match["version"], match["name"]
    resource = _class_of(token, group, version)
    if resource is not None and name.endswith("List"):
        raise StandInError(f"{token} is a list, which no server keeps: use the type of its items")
    patch = name.endswith(_PATCH) and name != _PATCH
    kind = name.removesuffix(_PATCH) if patch else name
    return Kind(token, "" if group == "core" else group, version, kind, patch, resource)


def _class_of(token: str, group: str, version: str) -> type | None:
    module = cast("Any", get_resource_module("kubernetes", f"{group}/{version}", ""))
    names: Mapping[str, str] = module.mod_info["classes"] if module else {}
    if token not in names:
        return None
    return cast("type", getattr(import_module(module.mod_info["fqn"]), names[token]))
