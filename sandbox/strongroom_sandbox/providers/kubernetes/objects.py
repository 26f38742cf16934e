"""Objects of Kubernetes as plain dictionaries: their names, their annotations, and what of them is an input."""

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Any, Final

from ..frame.values import UNKNOWN, Properties, is_unknown

AUTONAMED: Final = "pulumi.com/autonamed"
SKIP_AWAIT: Final = "pulumi.com/skipAwait"
WAIT_FOR: Final = "pulumi.com/waitFor"
TIMEOUT_SECONDS: Final = "pulumi.com/timeoutSeconds"
PATCH_FORCE: Final = "pulumi.com/patchForce"
FIELD_MANAGER: Final = "pulumi.com/patchFieldManager"
DELETION_POLICY: Final = "pulumi.com/deletionPropagationPolicy"
LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
"""What `kubectl apply` leaves, the values of a Secret among it."""

_OF_THE_SERVER: Final = (
    "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields",
    "resourceVersion", "uid",
)  # fmt: skip
"""Fields of the metadata that nobody but the server writes."""
_DASHED: Final[Mapping[str, str]] = {
    f"x_kubernetes_{name}": f"x-kubernetes-{name.replace('_', '-')}"
    for name in (
        "embedded_resource", "int_or_string", "list_map_keys", "list_type", "map_type", "preserve_unknown_fields",
        "validations",
    )
}  # fmt: skip
"""Pulumi's names of fields that the API writes with dashes, which no property of Pulumi may have."""
_UNDERSCORED: Final = {dashed: name for name, dashed in _DASHED.items()}


def metadata(document: Properties) -> Properties:
    """The metadata; none if it is not known yet."""
    found = document.get("metadata")
    return found if isinstance(found, dict) else {}


def name_of(document: Properties) -> Any:
    """The name; empty if there is none, UNKNOWN if it is not known yet."""
    return metadata(document).get("name") or ""


def namespace_of(document: Properties) -> Any:
    """The namespace; empty if there is none, UNKNOWN if it is not known yet."""
    return metadata(document).get("namespace") or ""


def annotation(document: Properties, key: str) -> str:
    """An annotation; empty if there is none, or it is not known yet."""
    annotations = metadata(document).get("annotations")
    found = annotations.get(key) if isinstance(annotations, dict) else None
    return found if isinstance(found, str) else ""


def is_true(document: Properties, key: str) -> bool:
    """Whether an annotation says `true`."""
    return annotation(document, key) == "true"


def with_metadata(document: Properties, **fields: Any) -> Properties:
    """The object with some fields of its metadata set; as it is if its metadata are not known yet."""
    if document.get("metadata") is UNKNOWN:
        return document
    return {**document, "metadata": {**metadata(document), **fields}}


def without_namespace(document: Properties) -> Properties:
    """The object in no namespace, as those of some kinds are."""
    if not isinstance(document.get("metadata"), dict):
        return document
    fields = {key: value for key, value in metadata(document).items() if key != "namespace"}
    return {**document, "metadata": fields}


def with_annotation(document: Properties, key: str) -> Properties:
    """The object with an annotation that says `true`; as it is if its annotations are not known yet."""
    annotations = metadata(document).get("annotations")
    if annotations is UNKNOWN:
        return document
    return with_metadata(document, annotations={**(annotations or {}), key: "true"})


def identity_of(document: Properties) -> str:
    """Pulumi's id of an object: `namespace/name`, or `name` of one that is in no namespace."""
    namespace = namespace_of(document)
    return f"{namespace}/{name_of(document)}" if namespace else str(name_of(document))


def parsed_identity(identity: str) -> tuple[str, str]:
    """Namespace and name of an id; the namespace is empty if the id has none."""
    namespace, slash, name = identity.partition("/")
    return (namespace, name) if slash else ("", identity)


def is_secret(document: Properties) -> bool:
    """Whether it is a Secret."""
    return document.get("kind") == "Secret" and document.get("apiVersion") in ("v1", None)


def is_definition(document: Properties) -> bool:
    """Whether it is a CustomResourceDefinition."""
    return document.get("kind") == "CustomResourceDefinition"


def normal(document: Properties) -> Properties:
    """Inputs as the server will say them: without what only it writes, the values of a Secret all in `data`.

    That a Secret's `stringData` is nowhere else is what makes a later comparison with the live object possible.
    """
    document = {name: value for name, value in document.items() if value is not None}
    if isinstance(found := document.get("metadata"), dict):
        document["metadata"] = {name: value for name, value in found.items() if name not in _OF_THE_SERVER}
    if is_definition(document):
        document.pop("status", None)
    return _normal_secret(document) if is_secret(document) and not is_unknown(document) else document


def to_api(value: Any) -> Any:
    """Pulumi's names of fields as the API's, at every level. What is null is left out."""
    return _renamed(value, _DASHED)


def from_api(value: Any) -> Any:
    """The opposite."""
    return _renamed(value, _UNDERSCORED)


def pruned(live: Any, like: Any) -> Any:
    """What of a live value has a counterpart in `like`: the rest is the server's, or other managers'."""
    if isinstance(live, dict) and isinstance(like, dict):
        return {name: pruned(value, like[name]) for name, value in live.items() if name in like}
    if isinstance(live, list) and isinstance(like, list):
        if not live or not like:
            return []
        if type(live[0]) is not type(like[0]):
            return live
        return [pruned(one, other) for one, other in zip(live, like, strict=False)]
    return live


def as_inputs(live: Properties, names: Iterable[str]) -> Properties:
    """The inputs that a live object comes to, for one that was never deployed by the program (an import)."""
    found = normal({name: live[name] for name in names if live.get(name) is not None and name != "status"})
    annotations = metadata(found).get("annotations")
    if annotations and LAST_APPLIED in annotations:
        rest = {key: text for key, text in annotations.items() if key != LAST_APPLIED}
        found["metadata"] = {key: value for key, value in metadata(found).items() if key != "annotations"}
        found = with_metadata(found, annotations=rest) if rest else found
    return found


def _normal_secret(document: Properties) -> Properties:
    data, text = document.get("data"), document.get("stringData")
    merged = {key: _reencoded(value) for key, value in data.items()} if isinstance(data, dict) else {}
    if isinstance(text, dict):
        merged |= {key: base64.b64encode(str(value).encode()).decode() for key, value in text.items()}
    rest = {name: value for name, value in document.items() if name not in ("data", "stringData")}
    return {**rest, "data": merged} if merged or "data" in document else rest


def _reencoded(value: Any) -> Any:
    """The server decodes and encodes again, which drops line breaks; what is no base64 it will refuse itself."""
    try:
        return base64.b64encode(base64.b64decode("".join(value.split()), validate=True)).decode()
    except (AttributeError, binascii.Error, ValueError):
        return value


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {names.get(name, name): _renamed(item, names) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    return value
