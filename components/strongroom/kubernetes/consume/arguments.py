"""The same as typed arguments of `pulumi_kubernetes`, for pods that a Pulumi program writes out."""

from collections.abc import Mapping

import pulumi
from pulumi_kubernetes.core import v1

from strongroom.kubernetes.consume.parts import OWNER_READS, Keys, env_from_secret, secret_mount, secret_volume


def env(secret: pulumi.Input[str], variables: Mapping[str, str]) -> list[v1.EnvVarArgs]:
    """Environment variables: `strongroom.kubernetes.consume.env_from_secret`."""
    return [
        v1.EnvVarArgs(
            name=part["name"],
            value_from=v1.EnvVarSourceArgs(
                secret_key_ref=v1.SecretKeySelectorArgs(name=secret, key=part["valueFrom"]["secretKeyRef"]["key"])
            ),
        )
        for part in env_from_secret(secret, variables)
    ]


def volume(secret: pulumi.Input[str], keys: Keys, *, name: str, mode: int | None = OWNER_READS) -> v1.VolumeArgs:
    """A volume: `strongroom.kubernetes.consume.secret_volume`."""
    source = secret_volume(secret, keys, name=name, mode=mode)["secret"]
    items = source.get("items")
    return v1.VolumeArgs(
        name=name,
        secret=v1.SecretVolumeSourceArgs(
            secret_name=secret,
            items=items and [v1.KeyToPathArgs(key=item["key"], path=item["path"]) for item in items],
            default_mode=mode,
        ),
    )


def mount(path: str, *, volume: str) -> v1.VolumeMountArgs:
    """Where a container sees it: `strongroom.kubernetes.consume.secret_mount`."""
    part = secret_mount(path, volume=volume)
    return v1.VolumeMountArgs(name=part["name"], mount_path=part["mountPath"], read_only=part["readOnly"])
