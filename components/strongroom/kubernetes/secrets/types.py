"""The types of Kubernetes Secrets: which keys each has, and what is refused of names of keys and namespaces.

Kubernetes, "Secrets", types of Secret. Of what a type asks the API server checks that keys are there, and of
`kubernetes.io/dockerconfigjson` that it is JSON.
"""

from collections.abc import Collection, Mapping
from typing import Annotated, Final, Literal

from pydantic import AfterValidator

from strongroom.spec.names import check_characters, refuse

BroughtType = Literal[
    "Opaque",
    "kubernetes.io/tls",
    "kubernetes.io/dockerconfigjson",
    "kubernetes.io/ssh-auth",
    "kubernetes.io/basic-auth",
]
"""Types whose values somebody brings."""
SecretType = Literal[BroughtType, "kubernetes.io/service-account-token"]
OF_ACCOUNT: Final = "kubernetes.io/service-account-token"
KEYS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
}
"""The keys without which a Secret of the type is refused."""
ONE_OF: Final[Mapping[str, tuple[str, ...]]] = {"kubernetes.io/basic-auth": ("username", "password")}
"""The keys of which it needs one at least."""
ISSUED: Final = ("token", "ca.crt", "namespace")
"""What the cluster puts into a Secret of a service account."""
LONGEST: Final = 1_048_576
"""Bytes of all values of a Secret: Kubernetes, "Secrets", restrictions on Secret data size (1 MiB)."""

LABEL: Final = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"
"""One part of a name: Kubernetes, "Object Names and IDs", RFC 1123."""

_PRIVATE_KEY: Final = r"(?s)-----BEGIN ([A-Z]+ )?PRIVATE KEY-----.*-----END ([A-Z]+ )?PRIVATE KEY-----\s*"
FORMS: Final[Mapping[str, Mapping[str, str]]] = {
    "kubernetes.io/tls": {
        "tls.crt": r"(?s)-----BEGIN CERTIFICATE-----.*-----END CERTIFICATE-----\s*",
        "tls.key": _PRIVATE_KEY,
    },
    "kubernetes.io/dockerconfigjson": {".dockerconfigjson": r"(?s)\s*\{.*\}\s*"},
    "kubernetes.io/ssh-auth": {"ssh-privatekey": _PRIVATE_KEY},
}
"""What values have to be like for those who read them: else a made-up text would be a certificate."""


def flaw(type_: str, keys: Collection[str]) -> tuple[str, str] | None:
    """What a Secret of this type with these keys is not, and the remedy; None if it is sound."""
    missing = [key for key in KEYS_OF.get(type_, ()) if key not in keys]
    if missing:
        return f"a Secret of type {type_} has no {missing[0]}", f"it needs: {', '.join(KEYS_OF[type_])}"
    if (one_of := ONE_OF.get(type_)) and not set(one_of) & set(keys):
        return f"a Secret of type {type_} has neither {' nor '.join(one_of)}", "it needs one of them"
    if type_ == OF_ACCOUNT and (others := sorted(set(keys) - set(ISSUED))):
        return (
            f"the cluster puts no {others[0]} into a Secret of type {type_}",
            f"it puts there: {', '.join(ISSUED)}; keep what else you have in another secret",
        )
    return None


def check_namespace(text: str) -> str:
    """A name of a namespace (RFC 1123 label) that is not the cluster's own."""
    check_characters(text, "the namespace", rf"^{LABEL}$", "a-z0-9-", 63)
    if is_own(text):
        raise refuse(f"'{text}' is a namespace of the cluster itself", "name one of your own")
    return text


def is_own(namespace: str) -> bool:
    """Whether it is the cluster's own, or nobody's: Kubernetes, "Namespaces", keeps the prefix `kube-` for itself."""
    return namespace.startswith("kube-") or namespace == "default"


def _check_key(text: str) -> str:
    # Kubernetes, "Secrets": a key is also the name of a file.
    if text == "." or text.startswith(".."):
        raise refuse("the key would be a folder, not a file, in a volume", "choose another name")
    return check_characters(text, "the key", r"^[-._a-zA-Z0-9]+$", "-._a-zA-Z0-9", 253)


Namespace = Annotated[str, AfterValidator(check_namespace)]
SecretKey = Annotated[str, AfterValidator(_check_key)]
"""A key of a Kubernetes Secret."""
