"""The parts of a pod that refer to a Secret: volumes, mounts and variables."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

from pydantic import TypeAdapter, ValidationError

from strongroom.errors import WrongInputError
from strongroom.kubernetes.secrets.types import SecretKey

ALL: Final[Literal["all"]] = "all"
"""All keys of a Secret, also those that are added later."""
Keys = Iterable[str] | Mapping[str, str] | Literal["all"]
"""The keys that are wanted; as a map, each with the name of its file. Or `ALL`."""
OWNER_READS: Final = 0o400
Part = dict[str, Any]

_KEY: Final[TypeAdapter[str]] = TypeAdapter(SecretKey)
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_VOLUME: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_PATH: Final = re.compile(r"/[^:]*")


def env_from_secret(secret: Any, variables: Mapping[str, str]) -> list[Part]:
    """Environment variables with values of a Secret, in order; for programs that read nothing else.

    Whoever sees the process's environment sees them: its children, crash reports, debug pages, `kubectl exec … env`.
    And they stay as they were when the container started, whatever becomes of the Secret. Files are better in both.

    Args:
        secret: The name of the Secret, in the pod's namespace; in a Pulumi program also an output.
        variables: The variable's name -> the key.

    Raises WrongInputError for names that cannot be.
    """
    for variable in variables:
        # Kubernetes allows more; shells do not.
        if not _VARIABLE.fullmatch(variable):
            raise WrongInputError(f"'{variable}' cannot be an environment variable: it must match {_VARIABLE.pattern}")
    return [
        {"name": variable, "valueFrom": {"secretKeyRef": {"name": secret, "key": _key(key)}}}
        for variable, key in variables.items()
    ]


def secret_volume(secret: Any, keys: Keys, *, name: str, mode: int | None = OWNER_READS) -> Part:
    """A volume whose files are keys of a Secret. It is in memory, on no disk (Kubernetes, "Secrets"), and follows the
    Secret within about a minute or two, unless the Secret is immutable.

    Args:
        secret: The name of the Secret, in the pod's namespace; in a Pulumi program also an output.
        keys: Which of its keys. A key that is missing keeps the pod from starting.
        name: The volume's name.
        mode: Who may read the files. Default 0400: the owner, which is root, and with `fsGroup` that group.
            None: Kubernetes' own default, 0644, everybody in the container.

    Raises WrongInputError for names and modes that cannot be.
    """
    if not _VOLUME.fullmatch(name):
        raise WrongInputError(f"'{name}' cannot be a volume: it must match {_VOLUME.pattern}")
    if mode is not None and (not 0 <= mode <= 0o777 or mode & 0o333):
        raise WrongInputError(f"mode {mode:04o} is no mode of files that are only read; write 0o400, 0o440 or 0o444")
    source: Part = {"secretName": secret}
    if keys != ALL:
        wanted = keys if isinstance(keys, Mapping) else {key: key for key in keys}
        if isinstance(keys, str) or not wanted:
            raise WrongInputError('name the keys as a list, or "all" of them')
        if len(set(wanted.values())) < len(wanted):
            raise WrongInputError("two keys would be one file, and only one of them be seen; name a file for each")
        source["items"] = [{"key": _key(key), "path": _key(path)} for key, path in wanted.items()]
    if mode is not None:
        source["defaultMode"] = mode
    return {"name": name, "secret": source}


def secret_mount(path: str, *, volume: str) -> Part:
    """Where a container sees a volume; it can only read there.

    Whole, and not by `subPath`: what is mounted so never follows the Secret. Raises WrongInputError for a path that
    cannot be.
    """
    if not _PATH.fullmatch(path) or path == "/":
        raise WrongInputError(f"'{path}' cannot be mounted at: write an absolute path without a colon, /etc/secrets")
    return {"name": volume, "mountPath": path, "readOnly": True}


def _key(text: str) -> str:
    try:
        return _KEY.validate_python(text)
    except ValidationError as error:
        raise WrongInputError(f"'{text}' is no key of a Secret: {error.errors()[0]['msg']}") from None
