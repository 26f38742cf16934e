"""Gives pods what they need of a Secret: to a Pod, or to whatever makes pods."""

from collections.abc import Mapping
from typing import Any, Final

from strongroom.errors import WrongInputError
from strongroom.kubernetes.consume.parts import (
    OWNER_READS,
    Keys,
    Part,
    env_from_secret,
    secret_mount,
    secret_volume,
)

_TEMPLATE: Final = ("spec", "template", "spec")
_WHERE: Final[Mapping[str, tuple[str, ...]]] = {
    "Pod": ("spec",),
    "Deployment": _TEMPLATE,
    "StatefulSet": _TEMPLATE,
    "DaemonSet": _TEMPLATE,
    "ReplicaSet": _TEMPLATE,
    "Job": _TEMPLATE,
    "CronJob": ("spec", "jobTemplate", *_TEMPLATE),
}
"""Kind -> where the spec of its pods is."""


def with_files(
    manifest: Mapping[str, Any],
    secret: Any,
    path: str,
    keys: Keys,
    *,
    container: str | None = None,
    volume: str | None = None,
    mode: int | None = OWNER_READS,
) -> Part:
    """The same manifest with keys of a Secret as files that one container can read; the one given is left as it was.

    Args:
        manifest: A Pod, Deployment, StatefulSet, DaemonSet, ReplicaSet, Job or CronJob, or the `spec` of a pod; in the
            words of the Kubernetes API (`volumeMounts`).
        secret: The name of the Secret, in the pod's namespace; in a Pulumi program also an output.
        path: The folder, such as `/etc/secrets`.
        keys: Which of its keys: a list, a map of keys and file names, or `ALL`.
        container: The container, or init container. Default: the only one.
        volume: The volume's name. Default: like the Secret.
        mode: Who may read the files. Default 0400; None: everybody in the container. See `secret_volume`.

    Raises WrongInputError if something else is there already, or the container could not read the files.
    """
    made: Part = _copied(manifest)
    spec = _pod_spec(made)
    chosen = _container(spec, container)
    name = volume or _volume_name(secret)
    _check_readable(spec, chosen, mode)
    _add(spec.setdefault("volumes", []), secret_volume(secret, keys, name=name, mode=mode), "name", "volume")
    mounts = chosen.setdefault("volumeMounts", [])
    _add(mounts, secret_mount(path, volume=name), "mountPath", f"mount of container '{chosen['name']}'")
    return made


def with_env(
    manifest: Mapping[str, Any], secret: Any, variables: Mapping[str, str], *, container: str | None = None
) -> Part:
    """The same manifest with keys of a Secret as environment variables of one container. Prefer `with_files`: see
    `env_from_secret` for what is known of variables. The arguments are those of both.

    Raises WrongInputError if something else is there already.
    """
    made: Part = _copied(manifest)
    chosen = _container(_pod_spec(made), container)
    for variable in env_from_secret(secret, variables):
        _add(chosen.setdefault("env", []), variable, "name", f"variable of container '{chosen['name']}'")
    return made


def _copied(value: Any) -> Any:
    """A copy of maps and lists; what they hold may be outputs of Pulumi, and stays what it is."""
    if isinstance(value, Mapping):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _pod_spec(manifest: Part) -> Part:
    spec: Any = manifest
    if "containers" not in manifest:
        kind = str(manifest.get("kind", ""))
        if kind not in _WHERE:
            raise WrongInputError(f"{kind or 'this'} makes no pods; there are: {', '.join(_WHERE)}, or a pod's `spec`")
        for part in _WHERE[kind]:
            spec = spec.get(part) if isinstance(spec, dict) else None
    if not isinstance(spec, dict) or not isinstance(spec.get("containers"), list):
        raise WrongInputError("the manifest has no containers, or they are no plain map and list")
    return spec


def _container(spec: Part, name: str | None) -> Part:
    containers: list[Part] = [*spec["containers"], *(spec.get("initContainers") or ())]
    names = [str(container.get("name")) for container in containers]
    if name is None and len(spec["containers"]) != 1:
        raise WrongInputError(f"there are several containers; name one of: {', '.join(names)}")
    if name is not None and name not in names:
        raise WrongInputError(f"there is no container '{name}'; there are: {', '.join(names)}")
    found = containers[names.index(name)] if name is not None else containers[0]
    if {"volume_mounts", "security_context"} & {*found, *spec}:
        raise WrongInputError("the manifest is not in the API's own words: write volumeMounts, not volume_mounts")
    return found


def _check_readable(spec: Part, container: Part, mode: int | None) -> None:
    """Files of a Secret belong to root: whoever else runs there needs the pod's group, or a wider mode."""
    of_pod, own = spec.get("securityContext") or {}, container.get("securityContext") or {}
    user = own.get("runAsUser", of_pod.get("runAsUser"))
    not_root = own.get("runAsNonRoot", of_pod.get("runAsNonRoot")) or user not in (None, 0)
    if not_root and of_pod.get("fsGroup") is None and mode is not None and not mode & 0o004:
        raise WrongInputError(
            f"container '{container['name']}' does not run as root, and could not read files of mode {mode:04o}, which "
            "belong to root: set the pod's securityContext.fsGroup to a group of its own, or `mode=0o444`"
        )


def _volume_name(secret: Any) -> str:
    if not isinstance(secret, str):
        raise WrongInputError("the Secret's name is not known yet: name the `volume`")
    return secret.replace(".", "-")[:63].rstrip("-")


def _add(existing: list[Part], new: Part, identity: str, what: str) -> None:
    """Adds an item, unless it is there. Raises WrongInputError if another one has its place."""
    same = [item for item in existing if item.get(identity) == new[identity]]
    if same and same != [new]:
        raise WrongInputError(f"there is another {what} '{new[identity]}' already; choose another name or path")
    if not same:
        existing.append(new)
