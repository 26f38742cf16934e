"""Rows for the IAM policy of a resource: all of it, or who has one role."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from ..frame.errors import StandInError
from ..frame.file_store import Document, Resources
from ..frame.row import Row, Written
from ..frame.values import Properties
from .cloud import POLICY, Cloud, CloudError, etag, must_be_there, with_project
from .discovery import api

PRINCIPALS_MAX: Final = 1500
MEMBER: Final = re.compile(
    r"(user|group|serviceAccount):[^@\s]+@[^@\s]+\.[^@\s]+"
    r"|principal://iam\.googleapis\.com/(projects/[0-9]+/)?locations/global/[A-Za-z]+Pools/[a-z0-9.-]+/subject/\S{1,127}"
)
"""IAM, "Principal identifiers", without those that are everybody: no deployment of ours names any."""
ROLE: Final = re.compile(r"roles/[A-Za-z0-9.]+|projects/[^/]+/roles/[A-Za-z0-9_.]{3,64}")


@dataclass(frozen=True, kw_only=True)
class PolicyRow(Row[Cloud]):
    """A policy, or a part of it."""

    api: str
    target: str
    """The full name of the resource whose policy it is, with inputs in braces; or the input that is that name."""

    def name(self, server: Cloud, inputs: Properties) -> str:
        """The resource's full name."""
        project = inputs.get("project") or server.project
        given = {key: _last(value) for key, value in inputs.items() if isinstance(value, str)}
        if self.target.startswith("{") and self.target.count("{") == 1:
            return str(inputs[self.target.strip("{}")])
        return self.target.format_map({**given, "project": project})

    def completed(self, inputs: Properties, server: Cloud | None) -> Properties:
        """Fill in the provider's project, as the official provider does."""
        return with_project(inputs, server) if "project" in self.inputs else inputs

    def write(self, server: Cloud, name: str, change: Callable[[Document], None]) -> None:
        """Change a policy, and check what comes of it."""
        with server.store.changing() as resources:
            must_be_there(resources, name, f"the policy of {name}")
            policy = resources.get(f"{name}{POLICY}", {"bindings": []})
            policy.pop("etag", None)
            change(policy)
            if found := api(self.api).flaws("SetIamPolicyRequest", {"policy": policy}):
                raise CloudError("INVALID_ARGUMENT", f"the policy of {name}", "; ".join(found))
            _check(resources, name, policy)
            resources[f"{name}{POLICY}"] = policy | {"etag": etag(policy)}

    def policy(self, server: Cloud, name: str) -> Document | None:
        """A policy; None if its resource is gone."""
        everything = server.store.all()
        return everything.get(f"{name}{POLICY}", {"bindings": []}) if name in everything else None


@dataclass(frozen=True, kw_only=True)
class WholePolicyRow(PolicyRow):
    """A whole policy, as its text."""

    def create(self, server: Cloud, inputs: Properties) -> Written:
        """Write it, whatever was there."""
        name = self.name(server, inputs)
        self._replace(server, name, inputs["policyData"])
        return Written(name)

    def read(self, server: Cloud, identity: str, known: Properties) -> Properties | None:
        """Return it, in the form in which the provider tells it."""
        policy = self.policy(server, identity)
        if policy is None:
            return None
        told = {key: value for key, value in policy.items() if key != "etag"}
        text = json.dumps({"bindings": _ordered(told.get("bindings", []))}, separators=(",", ":"))
        return {
            "policyData": text,
            "etag": policy.get("etag", ""),
            "project": identity.split("/")[1],
            "secretId": known.get("secretId") or _last(identity),
        }

    def update(self, server: Cloud, identity: str, state: Properties, inputs: Properties) -> Properties | None:
        """Write it again."""
        del state
        self._replace(server, identity, inputs["policyData"])
        return None

    def delete(self, server: Cloud, identity: str, state: Properties) -> None:
        """Write an empty one."""
        del state
        if self.policy(server, identity) is not None:
            self._replace(server, identity, '{"bindings":[]}')

    def _replace(self, server: Cloud, name: str, text: str) -> None:
        try:
            wanted = json.loads(text)
        except ValueError:
            raise StandInError(f"policyData of {name} is no JSON: correct it") from None

        def change(policy: Document) -> None:
            policy.clear()
            policy.update(wanted)

        self.write(server, name, change)


@dataclass(frozen=True, kw_only=True)
class BindingRow(PolicyRow):
    """All who have one role by a policy; other roles are left alone."""

    of: str
    """The input that names the resource."""

    def create(self, server: Cloud, inputs: Properties) -> Written:
        """Write who has the role."""
        name = self.name(server, inputs)
        self._bind(server, name, inputs["role"], inputs["members"])
        return Written(f"{name}/{inputs['role']}")

    def read(self, server: Cloud, identity: str, known: Properties) -> Properties | None:
        """Return who has the role; None if nobody has."""
        name, role = _split(identity)
        policy = self.policy(server, name)
        found = [b for b in (policy or {}).get("bindings", ()) if b["role"] == role]
        if policy is None or not found:
            return None
        state = {"role": role, "members": sorted(found[0]["members"]), "etag": policy.get("etag", "")}
        if "project" in self.outputs:
            state["project"] = name.split("/")[1]
        return state | {self.of: known.get(self.of) or name, "condition": None}

    def update(self, server: Cloud, identity: str, state: Properties, inputs: Properties) -> Properties | None:
        """Write who has the role."""
        del state
        name, role = _split(identity)
        self._bind(server, name, role, inputs["members"])
        return None

    def delete(self, server: Cloud, identity: str, state: Properties) -> None:
        """Take the role from everybody."""
        del state
        name, role = _split(identity)
        if self.policy(server, name) is not None:
            self._bind(server, name, role, [])

    def _bind(self, server: Cloud, name: str, role: str, who: list[str]) -> None:
        def change(policy: Document) -> None:
            others = [b for b in policy.get("bindings", ()) if b["role"] != role]
            policy["bindings"] = [*others, *([{"role": role, "members": sorted(who)}] if who else [])]

        self.write(server, name, change)


def same_policy(old: Any, new: Any) -> bool:
    """Whether two texts are the same policy: neither the order of bindings nor that of members means anything."""
    try:
        return _sets(json.loads(old)) == _sets(json.loads(new))
    except (TypeError, ValueError):
        return bool(old == new)


def _sets(policy: Any) -> dict[str, set[str]]:
    return {b["role"]: set(b.get("members", ())) for b in policy.get("bindings", ()) if b.get("members")}


def _check(resources: Resources, name: str, policy: Document) -> None:
    bindings = policy.get("bindings", [])
    count = sum(len(binding.get("members", ())) for binding in bindings)
    if count > PRINCIPALS_MAX:
        raise CloudError("INVALID_ARGUMENT", f"the policy of {name}", f"{count} principals, and {PRINCIPALS_MAX} fit")
    for binding in bindings:
        role = binding.get("role", "")
        if not ROLE.fullmatch(role):
            raise CloudError("INVALID_ARGUMENT", f"the policy of {name}", f"{role!r} is no role")
        if role.startswith("projects/"):
            must_be_there(resources, role, f"the policy of {name}")
        for member in binding.get("members", ()):
            if not MEMBER.fullmatch(member):
                raise CloudError("INVALID_ARGUMENT", f"the policy of {name}", f"{member!r} is no principal")


def _ordered(bindings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(
        ({"members": sorted(b["members"]), "role": b["role"]} for b in bindings if b.get("members")),
        key=lambda b: str(b["role"]),
    )


def _last(name: str) -> str:
    """The short name of what may be a full one."""
    return name.rpartition("/")[2]


def _split(identity: str) -> tuple[str, str]:
    """The resource and the role of a binding's id."""
    name, found, role = identity.rpartition("/roles/")
    if not found:
        raise StandInError(f"{identity!r} is no id of a binding: its form is <resource>/<role>")
    return name, f"roles/{role}"
