"""Runs Pulumi programs without an engine and keeps every request exactly as the engine would have got it.

Pulumi's own mocks show only names and inputs. Options, secretness and registered outputs are in the requests, so
those are recorded, and tests read them from there rather than from what a constructor was called with.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from google.protobuf.json_format import MessageToDict
from pulumi import output
from pulumi.runtime import mocks, rpc
from pulumi.runtime.config import set_all_config

from strongroom.adopt.without_engine import run

UNKNOWN: str = rpc.UNKNOWN
"""How a value that is not known yet stands in a request of a preview."""


def unknown() -> pulumi.Output[Any]:
    """A value that is not known yet. Call it within the program."""
    return pulumi.Output.from_input(output.UNKNOWN)


@dataclass(frozen=True)
class Recorded:
    """One registered resource. Inputs are plain; which of them were secrets is told apart, by path."""

    type: str
    name: str
    parent: str
    """The name of the parent resource."""
    custom: bool
    """False: a component."""
    inputs: dict[str, Any]
    secrets: frozenset[str]
    """Dotted paths of the inputs that were secret: `postgresql.password`."""
    protect: bool
    ignore_changes: tuple[str, ...]
    depends_on: frozenset[str]
    """The names of the resources that it waits for, over its inputs or its options."""
    provider: str
    """The name of the explicit provider; empty for the default one."""
    deleted_with: str
    replace_with: tuple[str, ...]
    urn: str
    request: str
    """The whole request as text, to be searched."""


@dataclass
class Recording:
    """What a program registered, in order of registration."""

    resources: list[Recorded] = field(default_factory=list)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What each component registered as outputs, by its name; those of the stack under its own."""

    def named(self, name: str) -> Recorded:
        """The resource of that name. Raises AssertionError if there is not exactly one."""
        found = [resource for resource in self.resources if resource.name == name]
        assert len(found) == 1, f"{name}: {len(found)} of {sorted(r.name for r in self.resources)}"
        return found[0]

    def of(self, type_: str) -> list[Recorded]:
        """The resources of one type."""
        return [resource for resource in self.resources if resource.type == type_]

    @property
    def leaves(self) -> list[Recorded]:
        """All but components: what providers are asked to make."""
        return [resource for resource in self.resources if resource.custom]

    @property
    def components(self) -> list[Recorded]:
        return [resource for resource in self.resources if not resource.custom]

    def waits_for(self, name: str) -> frozenset[str]:
        """The names of all resources that one waits for: its dependencies, its parent, and what those wait for."""
        by_name = {resource.name: resource for resource in self.resources}
        found: set[str] = set()
        todo = [name]
        while todo:
            resource = by_name[todo.pop()]
            new = ({resource.parent} & by_name.keys() | resource.depends_on) - found
            found |= new
            todo += new
        return frozenset(found)


ANSWERED: Mapping[str, Mapping[str, Any]] = {
    "aws:cloudtrail/trail:Trail": {"arn": "TRAIL-ARN"},
    "aws:iam/policy:Policy": {"arn": "POLICY-ARN"},
    "aws:iam/role:Role": {"arn": "ROLE-ARN"},
    "aws:kms/alias:Alias": {"targetKeyId": "KEY-ID"},
    "aws:kms/key:Key": {"arn": "KEY-ARN", "keyId": "KEY-ID"},
    "aws:kms/replicaKey:ReplicaKey": {"keyId": "KEY-ID"},
    "aws:lambda/function:Function": {"arn": "FUNCTION-ARN"},
    "aws:sns/topic:Topic": {"arn": "TOPIC-ARN"},
    "azure-native:keyvault:Vault": {"properties": {"vaultUri": "https://it.vault.azure.net/"}},
    "azure-native:managedidentity:UserAssignedIdentity": {"clientId": "CLIENT", "principalId": "PRINCIPAL"},
    "gcp:iam/workloadIdentityPool:WorkloadIdentityPool": {"name": "POOL"},
    "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider": {"name": "PROVIDER"},
    "gcp:projects/iAMCustomRole:IAMCustomRole": {"name": "ROLE"},
    "gcp:projects/serviceIdentity:ServiceIdentity": {"email": "AGENT"},
    "vault:index/authBackend:AuthBackend": {"accessor": "auth_any_1"},
    "vault:jwt/authBackend:AuthBackend": {"accessor": "auth_jwt_1"},
    "vault:pkiSecret/secretBackendIntermediateCertRequest:SecretBackendIntermediateCertRequest": {"csr": "REQUEST"},
    "vault:pkiSecret/secretBackendIntermediateSetSigned:SecretBackendIntermediateSetSigned": {
        "importedIssuers": ["ISSUER"]
    },
    "vault:pkiSecret/secretBackendRootCert:SecretBackendRootCert": {"certificate": "ROOT", "issuerId": "ROOT-ISSUER"},
    "vault:pkiSecret/secretBackendRootSignIntermediate:SecretBackendRootSignIntermediate": {"certificate": "SIGNED"},
    "vault:ssh/secretBackendCa:SecretBackendCa": {"publicKey": "ssh-ed25519 AAAA"},
}
"""What a server makes that components go on with, by type of resource."""


TOLD: dict[str, Mapping[str, Any] | str] = {}
"""What lookups are told, by function; a text is why they fail. Empty: none is expected. A test sets what it needs, and
takes it back."""


LOOKED_UP: dict[str, Mapping[str, Any]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": "111122223333"},
    "gcp:organizations/getProject:getProject": {"number": "123456789012"},
}
"""What functions of providers answer, by token; others are not called."""


class _Echo(mocks.Mocks):
    """A provider that has little to add: outputs are the inputs and what is ANSWERED, ids are names."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        return f"{args.name}-id", {**args.inputs, **ANSWERED.get(args.typ, {})}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        if args.token in TOLD:
            told = TOLD[args.token]
            return ({}, [("", told)]) if isinstance(told, str) else (dict(told), [])
        if args.token in LOOKED_UP:
            return dict(LOOKED_UP[args.token]), []
        raise AssertionError(f"no lookup is expected, and {args.token} was called")


class _Monitor(mocks.MockMonitor):
    def __init__(self, recording: Recording) -> None:
        super().__init__(_Echo())
        self._recording = recording

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  gRPC's name
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type != "pulumi:pulumi:Stack":
            self._recording.resources.append(_recorded(request, urn))
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        self._recording.outputs[_name(request.urn)] = _plain(MessageToDict(request.outputs), "", set())
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]


def record(
    program: Callable[[], object],
    *,
    preview: bool = False,
    config: Mapping[str, str] | None = None,
    secret_config: Mapping[str, str] | None = None,
    stack: str = "test",
) -> Recording:
    """Runs a program to its end and returns what it registered. Raises what the program raises."""
    recording = Recording()

    def configured() -> None:
        set_all_config({**(config or {}), **(secret_config or {})}, list(secret_config or {}))
        program()

    run(configured, _Echo(), _Monitor(recording), project="strongroom", stack=stack, preview=preview)
    return recording


def _recorded(request: Any, urn: str) -> Recorded:
    secrets: set[str] = set()
    inputs = _plain(MessageToDict(request.object), "", secrets)
    return Recorded(
        type=request.type,
        name=request.name,
        parent=_name(request.parent),
        custom=request.custom,
        inputs=inputs,
        secrets=frozenset(secrets),
        protect=request.protect,
        ignore_changes=tuple(request.ignoreChanges),
        depends_on=frozenset(map(_name, request.dependencies)),
        provider=request.provider.rpartition("::")[0].rpartition("::")[2],
        deleted_with=_name(request.deletedWith),
        replace_with=tuple(map(_name, request.replace_with)),
        urn=urn,
        request=str(request),
    )


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _plain(value: Any, path: str, secrets: set[str]) -> Any:
    """Takes values out of the envelopes that mark secrets, and notes the paths of those."""
    if isinstance(value, dict):
        if value.get(rpc._special_sig_key) == rpc._special_secret_sig:
            secrets.add(path)
            return _plain(value["value"], path, secrets)
        return {key: _plain(item, f"{path}.{key}" if path else key, secrets) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, f"{path}[{position}]", secrets) for position, item in enumerate(value)]
    return int(value) if isinstance(value, float) and value.is_integer() else value
