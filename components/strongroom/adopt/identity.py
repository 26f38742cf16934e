"""Policies, identities and audit devices, from the server's answers."""

import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from strongroom.adopt.found import (
    Found,
    Kind,
    Left,
    NotExpressibleError,
    Reader,
    checked,
    listed,
    refused,
    taken,
    words,
)
from strongroom.vault.adopted import spec
from strongroom.vault.adopted.words import FoundName, Text

BUILT_IN: Final = words("default root response-wrapping")
"""Policies of the server itself. `default` can be changed by hand; it is not taken, as `up` could not make it anew."""
BY_LOGIN: Final = r"entity_[0-9a-f]{8}"
"""How the server names an entity that a login made."""
_ENTITY: Final = Kind(
    spec.AdoptedEntity,
    ignored=words(
        "aliases creation_time direct_group_ids group_ids id inherited_group_ids last_update_time "
        "merged_entity_ids name namespace_id mfa_secrets bucket_key_hash storage_bucket_key"
    ),
)
_GROUP: Final = Kind(
    spec.AdoptedGroup,
    ignored=words(
        "alias creation_time id last_update_time member_entity_ids member_group_ids modify_index name "
        "namespace_id parent_group_ids type"
    ),
)


class _Named(BaseModel):
    """What may be written of a thing that is a name and a text."""

    name: FoundName
    policy: Text


def take_policies(reader: Reader, found: Found) -> None:
    """Policies and password policies, their texts as they are. Raises ServerError if the token may not list them."""
    for name in sorted(reader.list("sys/policies/acl")):
        if name not in BUILT_IN:
            _take_text(reader, f"sys/policies/acl/{name}", name, found.policies, found.left)
    for name in listed(reader, "sys/policies/password", found.left):
        _take_text(reader, f"sys/policies/password/{name}", name, found.password_policies, found.left)


def _take_text(reader: Reader, path: str, name: str, into: dict[str, str], left: list[Left]) -> None:
    answer = refused(reader, path, left)
    if answer is None:
        return
    try:
        if strange := [key for key in ("expiration", "cas_required") if answer.get(key)]:
            raise NotExpressibleError(f"it has {', '.join(strange)}, which cannot be said here yet")
        into[name] = checked(_Named, {"name": name, "policy": answer["policy"]})["policy"]
    except NotExpressibleError as error:
        left.append(Left(path, str(error)))


def take_identity(reader: Reader, found: Found) -> None:
    """Entities and groups that somebody made, with what auth methods call them."""
    by_login, names = 0, {}
    for name in listed(reader, "identity/entity/name", found.left):
        path = f"identity/entity/name/{name}"
        if (answer := refused(reader, path, found.left)) is None:
            continue
        if re.fullmatch(BY_LOGIN, name) and not answer.get("policies") and not answer.get("metadata"):
            by_login += 1
            continue
        try:
            aliases = [_alias(alias, found) for alias in answer.get("aliases") or []]
            found.entities[name] = taken(_ENTITY, answer, aliases=aliases)
            checked(_Named, {"name": name, "policy": ""})
            names[answer["id"]] = name
        except NotExpressibleError as error:
            found.entities.pop(name, None)
            found.left.append(Left(path, str(error)))
    if by_login:
        found.notes.append(f"{by_login} identity entities that logins made, with nothing that somebody set, stay so")
    _take_groups(reader, found, names)


def _take_groups(reader: Reader, found: Found, entities: Mapping[str, str]) -> None:
    answers = {}
    for name in listed(reader, "identity/group/name", found.left):
        if (answer := refused(reader, f"identity/group/name/{name}", found.left)) is not None:
            answers[name] = answer
    ids = {answer["id"]: name for name, answer in answers.items()}
    todo = dict(answers)
    while todo:
        # Again until nothing changes: a group that stays out takes those with it that have it as a member.
        reasons = {
            name: reason for name, answer in todo.items() if (reason := _take_group(name, answer, found, entities, ids))
        }
        for name, reason in reasons.items():
            found.left.append(Left(f"identity/group/name/{name}", reason))
            ids = {uuid: other for uuid, other in ids.items() if other != name}
            todo.pop(name)
            found.groups.pop(name, None)
        if not reasons:
            return


def _take_group(
    name: str, answer: Mapping[str, Any], found: Found, entities: Mapping[str, str], groups: Mapping[str, str]
) -> str:
    """Takes a group, or says why not."""
    said: dict[str, Any] = {}
    if answer.get("type") != "external":
        for field, key, known in (
            ("members", "member_entity_ids", entities),
            ("member_groups", "member_group_ids", groups),
        ):
            ids = answer.get(key) or []
            if any(uuid not in known for uuid in ids):
                return f"a member among its {key} is not taken over"
            said[field] = sorted(known[uuid] for uuid in ids)
    elif not answer.get("alias"):
        return "it is external and has no alias"
    try:
        if answer.get("alias"):
            said["alias"] = _alias(answer["alias"], found)
        found.groups[name] = taken(_GROUP, answer, **said)
        checked(_Named, {"name": name, "policy": ""})
    except NotExpressibleError as error:
        return str(error)
    return ""


def _alias(alias: Mapping[str, Any], found: Found) -> dict[str, str]:
    mount = str(alias.get("mount_path", "")).removeprefix("auth/").rstrip("/")
    if mount not in found.auth:
        raise NotExpressibleError(f"it has an alias at auth/{mount}, which is not taken over")
    if alias.get("custom_metadata") or alias.get("local"):
        raise NotExpressibleError("an alias has custom metadata or is local, which cannot be said here yet")
    return {"name": alias["name"], "auth": mount}


def take_audit(reader: Reader, found: Found, flavour: str) -> None:
    """Audit devices. OpenBao has them in its own configuration, where no API changes them."""
    answer = refused(reader, "sys/audit", found.left) or {}
    for key, device in sorted(answer.items()):
        path = key.rstrip("/")
        if not isinstance(device, dict):
            continue
        if flavour == "openbao":
            found.left.append(
                Left(f"sys/audit/{path}", "it stands in the configuration of the server, and stays there")
            )
            continue
        try:
            found.audit[path] = taken(Kind(spec.AdoptedAudit, ignored=words("path")), device)
        except NotExpressibleError as error:
            found.left.append(Left(f"sys/audit/{path}", str(error)))
