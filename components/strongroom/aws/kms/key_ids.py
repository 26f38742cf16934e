"""Ids of KMS keys in policy documents: a key that is yet to be made stands as `<name>` where its id will be."""

import re
from collections.abc import Collection, Mapping
from typing import Final

ID_LENGTH: Final = 36
"""Characters of a key's id: a UUID, or `mrk-` and 32 of a multi-Region key: AWS KMS, "Key identifiers"."""

_STAND_IN: Final = re.compile(r"(?<=:key/)<([a-z0-9-]+)>")


def stand_in(name: str) -> str:
    """How the id of a key of `aws.keys` stands in a document until it is known; no name of AWS has `<`."""
    return f"<{name}>"


def key_arn(partition: str, region: str, account: str, key_id: str) -> str:
    """A key, by its id or the stand-in of that. A multi-Region key has the same id in each region."""
    return f"arn:{partition}:kms:{region}:{account}:key/{key_id}"


def keys_in(document: str) -> Collection[str]:
    """The names of the keys whose ids a document lacks."""
    return sorted(set(_STAND_IN.findall(document)))


def with_ids(document: str, ids: Mapping[str, str]) -> str:
    """A document with the ids of keys, by name. Raises KeyError if one is missing."""
    return _STAND_IN.sub(lambda match: ids[match[1]], document)


def length(document: str) -> int:
    """How long a document will be once it has the ids: what limits of AWS are compared with."""
    return len(_STAND_IN.sub("x" * ID_LENGTH, document))
