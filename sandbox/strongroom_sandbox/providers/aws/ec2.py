"""Security groups, which say whom a rotation function may reach. Rules are resources of their own, or the group's."""

import warnings
from dataclasses import dataclass
from typing import Any, Final

from ..frame.errors import StandInError
from ..frame.row import Written, words
from ..frame.values import Properties
from . import shapes
from .api import Aws
from .operation_row import Call, OperationRow, calls

with warnings.catch_warnings():  # reading the module is enough for the SDK to warn of a class in it
    warnings.simplefilter("ignore", DeprecationWarning)
    from pulumi_aws.ec2 import SecurityGroup, SecurityGroupRule

_DESCRIPTION: Final = "Managed by Pulumi"
_EVERYWHERE: Final = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


@dataclass(frozen=True, kw_only=True)
class SecurityGroupRow(OperationRow):
    """A group. With `ingress` or `egress` it owns those rules; AWS' own rule, out to everywhere, is taken off."""

    def create(self, server: Aws, inputs: Properties) -> Written:
        """Make it in a VPC, by default the account's own."""
        here = self.at(server, inputs)
        vpc = inputs.get("vpcId") or _default_vpc(here)
        tags = [{"Key": name, "Value": text} for name, text in (inputs.get("tags") or {}).items()]
        specification = {"TagSpecifications": [{"ResourceType": "security-group", "Tags": tags}]} if tags else {}
        made = here.call(
            "ec2", "create_security_group", GroupName=inputs["name"], Description=inputs["description"], VpcId=vpc,
            **specification,
        )  # fmt: skip
        identity = str(made["GroupId"])
        here.find("ec2", "revoke_security_group_egress", GroupId=identity, IpPermissions=[_EVERYWHERE])
        for side in ("ingress", "egress"):
            if permissions := [_permission(rule, identity) for rule in inputs.get(side) or []]:
                here.call("ec2", f"authorize_security_group_{side}", GroupId=identity, IpPermissions=permissions)
        return Written(identity)

    def read(self, server: Aws, identity: str, known: Properties) -> Properties | None:
        """Read it; rules only where they are its own."""
        here = self.at(server, known)
        told = here.find("ec2", "describe_security_groups", GroupIds=[identity])
        if told is None:
            return None
        group = told["SecurityGroups"][0]
        state: Properties = {
            "name": group["GroupName"],
            "description": group["Description"],
            "vpcId": group["VpcId"],
            "ownerId": group["OwnerId"],
            "arn": here.arn("ec2", f"security-group/{identity}"),
            "tags": shapes.tags_of(group.get("Tags")),
        }
        for side, told_as in (("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")):
            state[side] = [_rule(permission, identity) for permission in group[told_as]]
        return self.settled(here, state, known)

    def update(self, server: Aws, identity: str, state: Properties, inputs: Properties) -> None:
        """Exchange the rules that are its own, and the tags."""
        here = self.at(server, state)
        for side in ("ingress", "egress"):
            if side in inputs and self._changed(side, state, inputs):
                for operation, rules in (("revoke", state.get(side)), ("authorize", inputs[side])):
                    if permissions := [_permission(rule, identity) for rule in rules or []]:
                        call = f"{operation}_security_group_{side}"
                        here.call("ec2", call, GroupId=identity, IpPermissions=permissions)
        before, after = state.get("tags") or {}, inputs.get("tags") or {}
        if gone := [{"Key": name} for name in before if name not in after]:
            here.call("ec2", "delete_tags", Resources=[identity], Tags=gone)
        if new := [{"Key": name, "Value": text} for name, text in after.items() if before.get(name) != text]:
            here.call("ec2", "create_tags", Resources=[identity], Tags=new)

    def delete(self, server: Aws, identity: str, state: Properties) -> None:
        """Delete it."""
        self.at(server, state).find("ec2", "delete_security_group", GroupId=identity)


@dataclass(frozen=True, kw_only=True)
class SecurityGroupRuleRow(OperationRow):
    """One rule of a group. All but its description makes it another one."""

    def identity(self, properties: Properties) -> str:
        """Return what the rule says: AWS gives a rule of several networks several ids."""
        parts = [str(properties[name]) for name in ("securityGroupId", "type", "protocol", "fromPort", "toPort")]
        sources = [str(properties.get("sourceSecurityGroupId") or ""), "self" if properties.get("self") else ""]
        networks = [*(properties.get("cidrBlocks") or []), *(properties.get("ipv6CidrBlocks") or [])]
        return "_".join([*parts, *filter(None, sources), *networks, *(properties.get("prefixListIds") or [])])

    def create(self, server: Aws, inputs: Properties) -> Written:
        """Allow it."""
        self._do("authorize", self.at(server, inputs), inputs)
        return Written(self.identity(inputs))

    def read(self, server: Aws, identity: str, known: Properties) -> Properties | None:
        """Look for it among what the group allows."""
        wanted = known if known.get("securityGroupId") else _of_identity(identity)
        here = self.at(server, known)
        told = here.find("ec2", "describe_security_groups", GroupIds=[wanted["securityGroupId"]])
        if told is None:
            return None
        listed = "IpPermissions" if wanted["type"] == "ingress" else "IpPermissionsEgress"
        rules = [_rule(permission, wanted["securityGroupId"]) for permission in told["SecurityGroups"][0][listed]]
        found = next((rule for rule in rules if _covers(rule, wanted)), None)
        if found is None:
            return None
        state = {name: wanted.get(name) for name in self.inputs} | {"description": found["description"]}
        return self.settled(here, state, known)

    def update(self, server: Aws, identity: str, state: Properties, inputs: Properties) -> None:  # noqa: ARG002
        """Say something else of it: it is taken away and allowed again."""
        here = self.at(server, state)
        self._do("revoke", here, state)
        self._do("authorize", here, inputs)

    def delete(self, server: Aws, identity: str, state: Properties) -> None:
        """Take it away."""
        if self.read(server, identity, state) is not None:
            self._do("revoke", self.at(server, state), state)

    def _do(self, what: str, here: Aws, properties: Properties) -> None:
        rule = {**properties, "securityGroups": [properties["sourceSecurityGroupId"]]} \
            if properties.get("sourceSecurityGroupId") else properties  # fmt: skip
        group = properties["securityGroupId"]
        call = f"{what}_security_group_{properties['type']}"
        here.call("ec2", call, GroupId=group, IpPermissions=[_permission(rule, group)])


def _default_vpc(here: Aws) -> str:
    found = here.call("ec2", "describe_vpcs", Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    if not found:
        raise StandInError(f"{here.region} of account {here.account} has no default VPC: give vpcId")
    return str(found[0]["VpcId"])


def _permission(rule: Properties, group: str) -> dict[str, Any]:
    """A rule as EC2 has it."""
    said = {"Description": rule["description"]} if rule.get("description") else {}
    groups = [*(rule.get("securityGroups") or []), *([group] if rule.get("self") else [])]
    permission: dict[str, Any] = {"IpProtocol": str(rule["protocol"])}
    if permission["IpProtocol"] != "-1":
        permission |= {"FromPort": rule["fromPort"], "ToPort": rule["toPort"]}
    for member, key, values in (
        ("IpRanges", "CidrIp", rule.get("cidrBlocks") or []),
        ("Ipv6Ranges", "CidrIpv6", rule.get("ipv6CidrBlocks") or []),
        ("PrefixListIds", "PrefixListId", rule.get("prefixListIds") or []),
        ("UserIdGroupPairs", "GroupId", groups),
    ):
        if values:
            permission[member] = [{key: value, **said} for value in values]
    return permission


def _rule(permission: dict[str, Any], group: str) -> Properties:
    """A rule as Pulumi has it."""
    groups = [pair["GroupId"] for pair in permission.get("UserIdGroupPairs") or []]
    listed = [item for name in ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")
              for item in permission.get(name) or []]  # fmt: skip
    return {
        "protocol": permission["IpProtocol"],
        "fromPort": permission.get("FromPort") or 0,
        "toPort": permission.get("ToPort") or 0,
        "cidrBlocks": [item["CidrIp"] for item in permission.get("IpRanges") or []],
        "ipv6CidrBlocks": [item["CidrIpv6"] for item in permission.get("Ipv6Ranges") or []],
        "prefixListIds": [item["PrefixListId"] for item in permission.get("PrefixListIds") or []],
        "securityGroups": [other for other in groups if other != group],
        "self": group in groups,
        "description": next((item["Description"] for item in listed if item.get("Description")), ""),
    }


def _covers(rule: Properties, wanted: Properties) -> bool:
    source = wanted.get("sourceSecurityGroupId")
    return (
        all(str(rule[name]) == str(wanted[name]) for name in ("protocol", "fromPort", "toPort"))
        and all(
            set(wanted.get(name) or []) <= set(rule[name]) for name in ("cidrBlocks", "ipv6CidrBlocks", "prefixListIds")
        )
        and (not source or source in rule["securityGroups"])
        and (not wanted.get("self") or bool(rule["self"]))
    )


def _of_identity(identity: str) -> Properties:
    parts = identity.split("_")
    if len(parts) < 6 or not all(part.lstrip("-").isdecimal() for part in parts[3:5]):
        raise StandInError(f"{identity!r} is no id of a rule: its form is GROUP_TYPE_PROTOCOL_FROM_TO_SOURCE…")
    group, kind, protocol, start, end, *sources = parts
    return {
        "securityGroupId": group, "type": kind, "protocol": protocol, "fromPort": int(start), "toPort": int(end),
        "cidrBlocks": [s for s in sources if "." in s], "ipv6CidrBlocks": [s for s in sources if ":" in s],
        "prefixListIds": [s for s in sources if s.startswith("pl-")], "self": "self" in sources,
        "sourceSecurityGroupId": next((s for s in sources if s.startswith("sg-")), None),
    }  # fmt: skip


def _same_rules(old: Any, new: Any) -> bool:
    return _settled(old) == _settled(new)


def _settled(rules: Any) -> list[str]:
    """Rules without what is empty, in one order."""
    return sorted(
        str(sorted((name, sorted(value) if isinstance(value, list) else value)
                   for name, value in rule.items() if value and not name.startswith("__")))
        for rule in rules or []
    )  # fmt: skip


ROWS = (
    SecurityGroupRow(
        resource=SecurityGroup,
        service="ec2",
        id="{id}",
        autonamed=True,
        makes=Call("create_security_group"),
        tells=(),
        replaces=words("description name namePrefix region vpcId"),
        defaults={"description": _DESCRIPTION, "revokeRulesOnDelete": False},
        computed=words("egress ingress region vpcId"),
        kept=words("namePrefix revokeRulesOnDelete"),
        same={"ingress": _same_rules, "egress": _same_rules},
    ),
    SecurityGroupRuleRow(
        resource=SecurityGroupRule,
        service="ec2",
        id="{id}",
        makes=Call("authorize_security_group_ingress"),
        tells=calls(),
        replaces=words("cidrBlocks fromPort ipv6CidrBlocks prefixListIds protocol region securityGroupId self "
                       "sourceSecurityGroupId toPort type"),
        defaults={"self": False},
        computed=words("region"),
        unordered=words("cidrBlocks ipv6CidrBlocks"),
    ),
)  # fmt: skip
