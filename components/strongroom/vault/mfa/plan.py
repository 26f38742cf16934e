"""Login MFA: methods, and the auth methods at which they are demanded."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from strongroom.plan import naming
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Scope
from strongroom.spec.value_source import ValueSource
from strongroom.vault.policy.path_templates import with_methods


@dataclass(frozen=True, slots=True, kw_only=True)
class MfaMethodRecord(Record):
    """A second factor. Its secrets are references."""

    kind: ClassVar[str] = "vault.mfa.method"
    name: str
    type: str
    """`totp`, `duo`, `okta` or `pingid`."""
    settings: tuple[tuple[str, str | int | bool], ...]
    """What is no secret, in the words of the server's API; durations in seconds."""
    secrets_from: tuple[tuple[str, tuple[str, str]], ...]
    """Field -> `("pulumi_config", key)` or `("environment_variable", name)`."""

    @property
    def key(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class MfaEnforcementRecord(Record):
    """Where a second factor is demanded. Enforcements are global to a server."""

    kind: ClassVar[str] = "vault.mfa.enforcement"
    name: str
    methods: tuple[str, ...]
    mounts: tuple[str, ...]

    @property
    def key(self) -> str:
        return self.name


def plan(scope: Scope) -> Iterator[Record]:
    mfa = scope.environment.vault.mfa if scope.environment.vault else None
    if mfa is None:
        return
    for name, method in sorted(mfa.methods.items()):
        fields: dict[str, Any] = {field: getattr(method.value, field) for field in type(method.value).model_fields}
        yield MfaMethodRecord(
            slice=PLATFORM,
            name=name,
            type=method.kind,
            settings=tuple(
                (field, with_methods(value, scope.auth_mount) if isinstance(value, str) else value)
                for field, value in fields.items()
                if not isinstance(value, ValueSource) and value != ""
            ),
            secrets_from=tuple(
                (field, (value.kind, value.value)) for field, value in fields.items() if isinstance(value, ValueSource)
            ),
        )
    for name, enforcement in sorted(mfa.enforcements.items()):
        yield MfaEnforcementRecord(
            slice=PLATFORM,
            name=naming.global_name_of(scope.name, name),
            methods=tuple(sorted(set(enforcement.methods))),
            mounts=tuple(sorted({scope.auth_mount(method) for method in enforcement.auth})),
        )
