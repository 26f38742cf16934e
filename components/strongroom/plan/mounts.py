"""Every mount of an environment: the places on a server that belong to it alone."""

from strongroom.plan.scope import Scope
from strongroom.spec.problems import Loc
from strongroom.vault.adopted import plan as adopted
from strongroom.vault.aws import plan as aws
from strongroom.vault.kubernetes_engine import plan as kubernetes_engine
from strongroom.vault.pki import plan as pki
from strongroom.vault.ssh import plan as ssh
from strongroom.vault.totp import plan as totp
from strongroom.vault.transit import plan as transit


def mounts(scope: Scope) -> list[tuple[str, Loc]]:
    """`(path, where the environment file says so)`; auth methods as `auth/<mount>`. In order of declaration."""
    environment = scope.environment
    found: list[tuple[str, Loc]] = [
        (scope.kv_mount(name), ("stores", name))
        for name, store in environment.stores.items()
        if store.vault_kv or store.vault_kv_v1
    ]
    if vault := environment.vault:
        if vault.engines.database:
            found.append((scope.database_mount, ("vault", "engines", "database")))
        if vault.engines.aws:
            found.append((aws.mount_of(scope), ("vault", "engines", "aws")))
        if vault.engines.transit:
            found.append((transit.mount_of(scope), ("vault", "engines", "transit")))
        if vault.engines.ssh:
            found.append((ssh.mount_of(scope), ("vault", "engines", "ssh")))
        if vault.engines.totp:
            found.append((totp.mount_of(scope), ("vault", "engines", "totp")))
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
