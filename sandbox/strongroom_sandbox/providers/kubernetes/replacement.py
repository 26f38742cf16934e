"""Fields whose change makes another object, by the table of the official provider (`forceNew` of its `diff.go`)."""

from collections.abc import Mapping
from typing import Final

from ..frame.values import Properties
from .kinds import Kind
from .objects import is_secret

Path = tuple[str | int, ...]

_ALWAYS: Final = ("metadata.name", "metadata.namespace")
_SELECTOR: Final = ("spec.selector",)
_STATEFUL_SET: Final = (
    "spec.podManagementPolicy", "spec.revisionHistoryLimit", "spec.selector", "spec.serviceName",
    "spec.volumeClaimTemplates",
)  # fmt: skip
_JOB: Final = ("spec.completions", "spec.parallelism", "spec.selector", "spec.template")
_ROLE_BINDING: Final = ("roleRef",)
_CONTAINER: Final = (
    "args", "command", "env", "image", "imagePullPolicy", "lifecycle", "livenessProbe", "ports", "readinessProbe",
    "resources", "securityContext", "stdin", "stdinOnce", "terminationMessagePath", "terminationMessagePolicy", "tty",
    "volumeDevices", "volumeMounts", "workingDir",
)  # fmt: skip
_POD: Final = (
    *(
        f"spec.{name}"
        for name in (
            "affinity", "automountServiceAccountToken", "dnsConfig", "dnsPolicy", "enableServiceLinks", "hostAliases",
            "hostIPC", "hostNetwork", "hostPID", "hostname", "imagePullSecrets", "nodeName", "nodeSelector", "overhead",
            "preemptionPolicy", "priority", "priorityClassName", "readinessGates", "restartPolicy", "runtimeClassName",
            "schedulerName", "securityContext", "serviceAccount", "serviceAccountName", "shareProcessNamespace",
            "subdomain", "terminationGracePeriodSeconds", "volumes",
        )
    ),
    *(f"spec.{list_}.*.{name}" for list_ in ("containers", "initContainers") for name in _CONTAINER),
)  # fmt: skip
_VOLUME: Final = tuple(
    f"spec.{name}"
    for name in (
        "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc", "flexVolume", "flocker",
        "gcePersistentDisk", "glusterfs", "hostPath", "iscsi", "local", "nfs", "photonPersistentDisk",
        "portworxVolume", "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume",
    )
)  # fmt: skip
_OF_KIND: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("", "PersistentVolume"): _VOLUME,
    ("", "PersistentVolumeClaim"): (
        "spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName",
    ),
    ("", "Pod"): _POD,
    ("", "ResourceQuota"): ("spec.scopes",),
    ("", "Secret"): ("type",),
    ("", "Service"): ("spec.clusterIP",),
    ("apps", "DaemonSet"): _SELECTOR,
    ("apps", "Deployment"): _SELECTOR,
    ("apps", "StatefulSet"): _STATEFUL_SET,
    ("batch", "Job"): _JOB,
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): _ROLE_BINDING,
    ("rbac.authorization.k8s.io", "RoleBinding"): _ROLE_BINDING,
    ("storage.k8s.io", "StorageClass"): ("parameters", "provisioner"),
}  # fmt: skip


def replacing(kind: Kind, inputs: Properties, *, mutable_secrets: bool, mutable_config_maps: bool) -> tuple[str, ...]:
    """The fields whose change replaces an object of a kind, as dotted paths in which `*` is any item of a list.

    Args:
        inputs: The new ones: an object that is to be immutable is replaced for any change of its data.
        mutable_secrets: What `enableSecretMutable` of the provider says.
        mutable_config_maps: What `enableConfigMapMutable` says.
    """
    if kind.patch:
        return _ALWAYS
    immutable = inputs.get("immutable") is True
    if is_secret(inputs) and (immutable or not mutable_secrets):
        return (*_ALWAYS, "type", "stringData", "data")
    if (kind.group, kind.name) == ("", "ConfigMap") and (immutable or not mutable_config_maps):
        return (*_ALWAYS, "binaryData", "data")
    return (*_ALWAYS, *_OF_KIND.get((kind.group, kind.name), ()))


def replaces(path: Path, value: object, fields: tuple[str, ...]) -> bool:
    """Whether a change at `path` to `value` (None: removed) touches one of the fields, is above or below one."""
    return any(_touches(path, value, tuple(field.split("."))) for field in fields)


def _touches(path: Path, value: object, field: tuple[str, ...]) -> bool:
    for step, wanted in zip(path, field, strict=False):
        if wanted != step and not (wanted == "*" and isinstance(step, int)):
            return False
    rest = field[len(path) :]
    return not rest or _holds(value, rest)


def _holds(value: object, field: tuple[str, ...]) -> bool:
    if not field:
        return True
    if field[0] == "*":
        return isinstance(value, list) and any(_holds(item, field[1:]) for item in value)
    return isinstance(value, dict) and field[0] in value and _holds(value[field[0]], field[1:])
