"""Every mount of an environment: the places on a server that belong to it alone."""

from typing import Final

from strongroom.plan.scope import OneOfAKind, Scope
from strongroom.spec.problems import Loc
from strongroom.vault.adopted import plan as adopted
from strongroom.vault.kubernetes_engine import plan as kubernetes_engine
from strongroom.vault.pki import plan as pki

_WITH_ONE_MOUNT: Final[tuple[OneOfAKind, ...]] = ("database", "aws", "transit", "ssh", "totp")


def mounts(scope: Scope) -> list[tuple[str, Loc]]:
    """`(path, where the environment file says so)`; auth methods as `auth/<mount>`. In order of declaration."""
    environment = scope.environment
    found: list[tuple[str, Loc]] = [
        (scope.kv_mount(name), ("stores", name)) for name, store in environment.stores.items() if store.is_in_vault
    ]
    if vault := environment.vault:
        found += [
            (scope.engine_mount(engine), ("vault", "engines", engine))
            for engine in _WITH_ONE_MOUNT
            if getattr(vault.engines, engine)
        ]
        found += [
            (kubernetes_engine.mount_of(scope, name), ("vault", "engines", "kubernetes", "clusters", name))
            for name in kubernetes_engine.clusters_of(scope)
        ]
        found += [(mount, ("vault", "engines", "pki")) for mount in pki.mounts_of(scope)]
        found += [(f"auth/{scope.auth_mount(name)}", ("vault", "auth", name)) for name in vault.auth]
        if vault.adopted:
            found += [(path, ("vault", "adopted", *loc)) for path, loc in adopted.mounts(vault.adopted)]
    return found


def overlap(mount: str, other: str) -> bool:
    """Whether one is the other or lies within it; servers refuse both: "path is already in use"."""
    return f"{mount}/".startswith(f"{other}/") or f"{other}/".startswith(f"{mount}/")
