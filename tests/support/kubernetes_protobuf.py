"""Kubernetes objects in protobuf, as clients written in Go send them: those that a stand-in for the API server reads.

Kubernetes, "Kubernetes API Concepts", "Protobuf encoding": four magic bytes, then an envelope with the object in it.
The numbers of the fields are those of the `generated.proto` of each API; what is not named here is passed over.
"""

from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

CONTENT_TYPE: Final = "application/vnd.kubernetes.protobuf"
MAGIC: Final = b"k8s\x00"

_LIST: Final = "[]"
_FIELDS: Final[dict[str, dict[str, tuple[int, str]]]] = {
    "Unknown": {"typeMeta": (1, "TypeMeta"), "raw": (2, "bytes")},
    "TypeMeta": {"apiVersion": (1, "string"), "kind": (2, "string")},
    "ObjectMeta": {
        "name": (1, "string"),
        "namespace": (3, "string"),
        "uid": (5, "string"),
        "ownerReferences": (13, "OwnerReference[]"),
    },
    "OwnerReference": {"kind": (1, "string"), "name": (3, "string"), "uid": (4, "string")},
    "DeleteOptions": {},
    "TokenRequest": {"metadata": (1, "ObjectMeta"), "spec": (2, "TokenRequestSpec")},
    "TokenRequestSpec": {"audiences": (1, "string[]"), "expirationSeconds": (4, "int32")},
    "ServiceAccount": {"metadata": (1, "ObjectMeta")},
    "Role": {"metadata": (1, "ObjectMeta"), "rules": (2, "PolicyRule[]")},
    "PolicyRule": {
        "verbs": (1, "string[]"),
        "apiGroups": (2, "string[]"),
        "resources": (3, "string[]"),
        "resourceNames": (4, "string[]"),
    },
    "RoleBinding": {"metadata": (1, "ObjectMeta"), "subjects": (2, "Subject[]"), "roleRef": (3, "RoleRef")},
    "Subject": {"kind": (1, "string"), "name": (3, "string"), "namespace": (4, "string")},
    "RoleRef": {"apiGroup": (1, "string"), "kind": (2, "string"), "name": (3, "string")},
    "TokenReview": {"metadata": (1, "ObjectMeta"), "spec": (2, "TokenReviewSpec")},
    "TokenReviewSpec": {"token": (1, "string"), "audiences": (2, "string[]")},
}
"""Message -> field -> its number and type. (A 64-bit number would become text in JSON.)"""


def _messages() -> dict[str, Any]:
    kind = descriptor_pb2.FieldDescriptorProto
    scalars = {"string": kind.TYPE_STRING, "bytes": kind.TYPE_BYTES, "int32": kind.TYPE_INT32}
    file = descriptor_pb2.FileDescriptorProto(name="objects.proto", package="objects", syntax="proto2")
    for name, fields in _FIELDS.items():
        message = file.message_type.add(name=name)
        for field, (number, written) in fields.items():
            of = written.removesuffix(_LIST)
            added = message.field.add(name=field, json_name=field, number=number)
            added.label = kind.LABEL_REPEATED if written.endswith(_LIST) else kind.LABEL_OPTIONAL
            added.type = scalars.get(of, kind.TYPE_MESSAGE)
            if of not in scalars:
                added.type_name = f".objects.{of}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"objects.{name}")) for name in _FIELDS}


_MESSAGES: Final = _messages()


def decoded(data: bytes) -> dict[str, Any]:
    """An object as its JSON would be."""
    assert data.startswith(MAGIC), "no object of Kubernetes"
    envelope = _MESSAGES["Unknown"].FromString(data.removeprefix(MAGIC))
    known = json_format.MessageToDict(_MESSAGES[envelope.typeMeta.kind].FromString(envelope.raw))
    return {"apiVersion": envelope.typeMeta.apiVersion, "kind": envelope.typeMeta.kind, **known}
