"""IAM: roles and what they may do. It is the same in every region."""

import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from pulumi_aws import iam

from ..frame.row import Written, words
from ..frame.values import Properties
from .api import Aws
from .operation_row import Call, OperationRow, calls
from .policies import policy, same_policy

_NOT_SERVED: Final = words("inlinePolicies managedPolicyArns")


@dataclass(frozen=True, kw_only=True)
class DocumentRow(OperationRow):
    """IAM tells documents URL-quoted, or parsed, as botocore has it."""

    def settled(self, server: Aws, state: Properties, known: Properties) -> Properties:
        """Return documents as text."""
        state = super().settled(server, state, known)
        texts = {name: unquote(state[name]) for name in ("policy", "assumeRolePolicy") if state.get(name)}
        return state | texts


@dataclass(frozen=True, kw_only=True)
class RoleRow(DocumentRow):
    """A role. Its policies are resources of their own."""

    def update(self, server: Aws, identity: str, state: Properties, inputs: Properties) -> None:
        """Change it; a boundary that is no longer named is taken off."""
        super().update(server, identity, state, inputs)
        if state.get("permissionsBoundary") and not inputs.get("permissionsBoundary"):
            server.call("iam", "delete_role_permissions_boundary", RoleName=identity)

    def understood(self, answer: Any) -> Properties:
        """A boundary is told with its kind."""
        found = super().understood(answer)
        boundary = answer.get("PermissionsBoundary")
        return found | (
            {"permissionsBoundary": boundary["PermissionsBoundaryArn"]} if isinstance(boundary, dict) else {}
        )

    def delete(self, server: Aws, identity: str, state: Properties) -> None:
        """Delete it; what is attached goes first only if that is asked for, as AWS refuses otherwise."""
        if state.get("forceDetachPolicies") and server.find("iam", "get_role", RoleName=identity):
            for attached in server.pages("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=identity):
                server.call("iam", "detach_role_policy", RoleName=identity, PolicyArn=attached["PolicyArn"])
            for name in server.pages("iam", "list_role_policies", "PolicyNames", RoleName=identity):
                server.call("iam", "delete_role_policy", RoleName=identity, PolicyName=name)
        super().delete(server, identity, state)


@dataclass(frozen=True, kw_only=True)
class ManagedPolicyRow(DocumentRow):
    """A policy with versions, of which AWS keeps five: the oldest goes when there is no room for a new one."""

    def read(self, server: Aws, identity: str, known: Properties) -> Properties | None:
        """Read it, and the document of its default version."""
        state = super().read(server, identity, known)
        if state is None:
            return None
        version = server.call("iam", "get_policy", PolicyArn=identity)["Policy"]["DefaultVersionId"]
        document = server.call("iam", "get_policy_version", PolicyArn=identity, VersionId=version)
        return state | {"policy": _text(document["PolicyVersion"]["Document"])}

    def update(self, server: Aws, identity: str, state: Properties, inputs: Properties) -> None:
        """Make a new version the default."""
        if not same_policy(state.get("policy"), inputs.get("policy")):
            versions = server.pages("iam", "list_policy_versions", "Versions", PolicyArn=identity)
            self._make_room(server, identity, versions)
            server.call(
                "iam", "create_policy_version", PolicyArn=identity, PolicyDocument=inputs["policy"], SetAsDefault=True
            )
        self.retag(server, state, inputs)

    def delete(self, server: Aws, identity: str, state: Properties) -> None:
        """Delete the versions that are not the default, then the rest."""
        if server.find("iam", "get_policy", PolicyArn=identity) is None:
            return
        for version in server.pages("iam", "list_policy_versions", "Versions", PolicyArn=identity):
            if not version["IsDefaultVersion"]:
                server.call("iam", "delete_policy_version", PolicyArn=identity, VersionId=version["VersionId"])
        super().delete(server, identity, state)

    def _make_room(self, server: Aws, identity: str, versions: list[dict[str, Any]]) -> None:
        if len(versions) >= 5:
            oldest = min((v for v in versions if not v["IsDefaultVersion"]), key=lambda v: v["CreateDate"])
            server.call("iam", "delete_policy_version", PolicyArn=identity, VersionId=oldest["VersionId"])


@dataclass(frozen=True, kw_only=True)
class AttachmentRow(OperationRow):
    """That a role has a managed policy."""

    def read(self, server: Aws, identity: str, known: Properties) -> Properties | None:  # noqa: ARG002  the id says all
        """Look for it among what the role has."""
        placed = self.parsed(identity)
        role = placed["role"]
        if server.find("iam", "get_role", RoleName=role) is None:
            return None
        attached = server.pages("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=role)
        return placed if any(policy["PolicyArn"] == placed["policyArn"] for policy in attached) else None


@dataclass(frozen=True, kw_only=True)
class ProfileRow(OperationRow):
    """An instance profile, which has one role or none."""

    def create(self, server: Aws, inputs: Properties) -> Written:
        """Make it, and put the role in."""
        written = super().create(server, inputs)
        self._exchange(server, written.identity, None, inputs.get("role"))
        return written

    def update(self, server: Aws, identity: str, state: Properties, inputs: Properties) -> None:
        """Exchange the role."""
        self._exchange(server, identity, state.get("role"), inputs.get("role"))
        self.retag(server, state, inputs)

    def understood(self, answer: Any) -> Properties:
        """Its role is told as a list."""
        roles = answer.get("Roles") or []
        return super().understood(answer) | {"role": roles[0]["RoleName"] if roles else None}

    def delete(self, server: Aws, identity: str, state: Properties) -> None:
        """Take the role out, then delete it."""
        found = server.find("iam", "get_instance_profile", InstanceProfileName=identity)
        for role in found["InstanceProfile"]["Roles"] if found else []:
            self._exchange(server, identity, role["RoleName"], None)
        super().delete(server, identity, state)

    def _exchange(self, server: Aws, profile: str, before: str | None, after: str | None) -> None:
        if before == after:
            return
        if before:
            server.call("iam", "remove_role_from_instance_profile", InstanceProfileName=profile, RoleName=before)
        if after:
            server.call("iam", "add_role_to_instance_profile", InstanceProfileName=profile, RoleName=after)


@dataclass(frozen=True, kw_only=True)
class OidcRow(OperationRow):
    """An issuer whose tokens roles may trust."""

    def update(self, server: Aws, identity: str, state: Properties, inputs: Properties) -> None:
        """Change thumbprints and tags. Moto cannot change audiences: for them it is made anew, at its old ARN."""
        if sorted(state.get("clientIdLists") or []) == sorted(inputs["clientIdLists"]):
            super().update(server, identity, state, inputs)
            return
        self.delete(server, identity, state)
        self.create(server, inputs)


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document, separators=(",", ":"))


def _own_resources(inputs: Properties) -> tuple[str, str] | None:
    for name in sorted(_NOT_SERVED & inputs.keys()):
        return name, f"{name} takes away what other resources attach: use iam.RolePolicy and iam.RolePolicyAttachment"
    return None


def _same_url(old: Any, new: Any) -> bool:
    return str(old).removeprefix("https://") == str(new).removeprefix("https://")


ROWS = (
    RoleRow(
        resource=iam.Role,
        service="iam",
        id="{name}",
        autonamed=True,
        makes=Call("create_role", "Role"),
        tells=calls("get_role Role"),
        changes=calls("update_role", "update_assume_role_policy", "put_role_permissions_boundary"),
        removes=calls("delete_role"),
        tagging=("tag_role", "untag_role"),
        names={
            "name": "RoleName",
            "assumeRolePolicy": "AssumeRolePolicyDocument PolicyDocument",
            "uniqueId": "RoleId",
        },
        replaces=words("name namePrefix path"),
        defaults={"forceDetachPolicies": False, "maxSessionDuration": 3600, "path": "/"},
        computed=words("inlinePolicies managedPolicyArns"),
        kept=words("forceDetachPolicies namePrefix inlinePolicies managedPolicyArns"),
        same={"assumeRolePolicy": same_policy},
        rules=(policy("assumeRolePolicy"), _own_resources),
    ),
    DocumentRow(
        resource=iam.RolePolicy,
        service="iam",
        id="{role}:{name}",
        autonamed=True,
        makes=Call("put_role_policy"),
        tells=calls("get_role_policy"),
        changes=calls("put_role_policy"),
        removes=calls("delete_role_policy"),
        names={"name": "PolicyName", "role": "RoleName", "policy": "PolicyDocument"},
        replaces=words("name namePrefix role"),
        kept=words("namePrefix"),
        same={"policy": same_policy},
        rules=(policy("policy"),),
    ),
    ManagedPolicyRow(
        resource=iam.Policy,
        service="iam",
        id="{arn}",
        autonamed=True,
        makes=Call("create_policy", "Policy"),
        tells=calls("get_policy Policy"),
        removes=calls("delete_policy"),
        tagging=("tag_policy", "untag_policy"),
        names={"arn": "PolicyArn Arn", "name": "PolicyName", "policy": "PolicyDocument"},
        replaces=words("description name namePrefix path"),
        defaults={"path": "/"},
        kept=words("namePrefix delayAfterPolicyCreationInMs"),
        same={"policy": same_policy},
        rules=(policy("policy"),),
    ),
    AttachmentRow(
        resource=iam.RolePolicyAttachment,
        service="iam",
        id="{role}/{policyArn}",
        makes=Call("attach_role_policy"),
        tells=(),
        removes=calls("detach_role_policy"),
        names={"role": "RoleName"},
        replaces=words("policyArn role"),
    ),
    ProfileRow(
        resource=iam.InstanceProfile,
        service="iam",
        id="{name}",
        autonamed=True,
        makes=Call("create_instance_profile", "InstanceProfile"),
        tells=calls("get_instance_profile InstanceProfile"),
        removes=calls("delete_instance_profile"),
        tagging=("tag_instance_profile", "untag_instance_profile"),
        names={"name": "InstanceProfileName", "uniqueId": "InstanceProfileId"},
        replaces=words("name namePrefix path"),
        defaults={"path": "/"},
        kept=words("namePrefix"),
    ),
    OidcRow(
        resource=iam.OpenIdConnectProvider,
        service="iam",
        id="{arn}",
        makes=Call("create_open_id_connect_provider"),
        tells=calls("get_open_id_connect_provider"),
        changes=calls("update_open_id_connect_provider_thumbprint"),
        removes=calls("delete_open_id_connect_provider"),
        tagging=("tag_open_id_connect_provider", "untag_open_id_connect_provider"),
        names={
            "arn": "OpenIDConnectProviderArn",
            "clientIdLists": "ClientIDList",
            "thumbprintLists": "ThumbprintList",
        },
        replaces=words("url"),
        computed=words("thumbprintLists"),
        unordered=words("clientIdLists"),
        same={"url": _same_url},
    ),
)
