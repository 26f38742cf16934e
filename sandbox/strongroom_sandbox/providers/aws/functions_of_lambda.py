"""Lambda functions and who may call them. Moto keeps them, and runs none in the sandbox."""

import json
from dataclasses import dataclass
from typing import Any, Final

from pulumi_aws import lambda_

from ..frame.row import Written, words
from ..frame.values import DEFAULTS, UNKNOWN, Properties, filled_in, is_unknown
from .api import Aws
from .operation_row import Call, OperationRow, calls
from .packages import code_hash, package_of

_NAMES: Final = {
    "name": "FunctionName",
    "arn": "FunctionArn Resource ResourceArn",
    "code": "-",
    "codeSha256": "CodeSha256",
    "sourceCodeSize": "CodeSize",
    "kmsKeyArn": "KMSKeyArn",
    "s3Bucket": "-",
    "s3Key": "-",
    "sourceKmsKeyArn": "-",
    "fileSystemConfig": "-",
    "loggingConfig.systemLogLevel": "SystemLogLevel",
}
_PARTS: Final = words(
    "capacityProviderConfig codeSigningConfigArn durableConfig fileSystemConfig imageConfig imageUri publishTo "
    "s3Bucket s3Key s3ObjectVersion snapStart sourceKmsKeyArn tenancyConfig reservedConcurrentExecutions"
)
"""What a function from an archive does not need, and the stand-in does not do."""


@dataclass(frozen=True, kw_only=True)
class FunctionRow(OperationRow):
    """A function from an archive."""

    def completed(self, inputs: Properties, server: Aws | None) -> Properties:
        """Add the hash of the package: by it a change is seen, whatever the archive is called."""
        inputs = super().completed(inputs, server)
        if "sourceCodeHash" in inputs or "code" not in inputs or inputs["code"] is UNKNOWN:
            return inputs
        return filled_in(inputs, sourceCodeHash=code_hash(package_of(inputs["code"])))

    def create(self, server: Aws, inputs: Properties) -> Written:
        """Make it."""
        here = self.at(server, inputs)
        asked = self._asked(here, "create_function", inputs)
        here.call("lambda", "create_function", **asked, Code={"ZipFile": package_of(inputs["code"])})
        return Written(str(inputs["name"]))

    def read(self, server: Aws, identity: str, known: Properties) -> Properties | None:
        """Read its configuration and tags."""
        here = self.at(server, known)
        told = here.find("lambda", "get_function", FunctionName=identity)
        if told is None:
            return None
        configuration = dict(told["Configuration"])
        state = self.understood(configuration | {"Tags": told.get("Tags") or {}})
        invoke = f"arn:{here.partition}:apigateway:{here.region}:lambda:path/2015-03-31/functions/{{}}/invocations"
        qualified = f"{state['arn']}:{state.get('version', '$LATEST')}"
        state |= {
            "sourceCodeHash": configuration["CodeSha256"],
            "qualifiedArn": qualified,
            "invokeArn": invoke.format(state["arn"]),
            "qualifiedInvokeArn": invoke.format(qualified),
            "name": identity,
        }
        if not (configuration.get("VpcConfig") or {}).get("SubnetIds"):
            state["vpcConfig"] = None
        if not (configuration.get("Environment") or {}).get("Variables"):
            state["environment"] = None
        return self.settled(here, state, known)

    def update(self, server: Aws, identity: str, state: Properties, inputs: Properties) -> None:
        """Change the configuration, then the code."""
        super().update(server, identity, state, inputs)
        if inputs.get("sourceCodeHash") != state.get("sourceCodeHash"):
            here = self.at(server, state)
            package = package_of(inputs["code"])
            here.call("lambda", "update_function_code", FunctionName=identity, ZipFile=package)

    def _asked(self, server: Aws, operation: str, inputs: Properties) -> dict[str, Any]:
        sent = {name: value for name, value in inputs.items() if name != DEFAULTS}
        return self.parameters(server, Call(operation), sent)


@dataclass(frozen=True, kw_only=True)
class PermissionRow(OperationRow):
    """A statement of a function's policy. It is never changed, only exchanged."""

    def create(self, server: Aws, inputs: Properties) -> Written:
        """Add the statement."""
        self.ask(self.at(server, inputs), self.makes, inputs)
        return Written(str(inputs["statementId"]))

    def completed(self, inputs: Properties, server: Aws | None) -> Properties:  # noqa: ARG002
        """Name the statement, if nobody did: by what it says, so that it keeps its name."""
        if "statementId" in inputs:
            return inputs
        told = {name: value for name, value in inputs.items() if name != DEFAULTS and not is_unknown(value)}
        suffix = code_hash(json.dumps(told, sort_keys=True).encode())[:10]
        prefix = inputs.get("statementIdPrefix", "pulumi-")
        return filled_in(inputs, statementId="".join(c for c in f"{prefix}{suffix}" if c.isalnum() or c in "-_"))

    def read(self, server: Aws, identity: str, known: Properties) -> Properties | None:
        """Look for it in the function's policy. An import names `FUNCTION/STATEMENT`: the id alone says too little."""
        here = self.at(server, known)
        function, _, statement = identity.rpartition("/")
        function = str(known.get("function") or function)
        told = here.find("lambda", "get_policy", FunctionName=function) if function else None
        found = next((s for s in json.loads((told or {}).get("Policy", '{"Statement": []}'))["Statement"]
                      if s["Sid"] == statement), None)  # fmt: skip
        if found is None:
            return None
        principal = found["Principal"]
        conditions = found.get("Condition") or {}
        by_key = {key.lower(): value for block in conditions.values() for key, value in block.items()}
        state = {
            "function": function,
            "statementId": statement,
            "action": found["Action"],
            "principal": next(iter(principal.values())) if isinstance(principal, dict) else principal,
            "sourceArn": by_key.get("aws:sourcearn"),
            "sourceAccount": by_key.get("aws:sourceaccount"),
            "principalOrgId": by_key.get("aws:principalorgid"),
        }
        return self.settled(here, state, known)

    def delete(self, server: Aws, identity: str, state: Properties) -> None:
        """Take the statement away."""
        here = self.at(server, state)
        statement = identity.rpartition("/")[2]
        here.find("lambda", "remove_permission", FunctionName=state["function"], StatementId=statement)


def _needs_code(inputs: Properties) -> tuple[str, str] | None:
    for name in sorted(_PARTS & inputs.keys()):
        return name, f"the stand-in does not do {name!r}: remove it, or use the official provider"
    return None if "code" in inputs else ("code", "the stand-in takes functions from an archive only: give `code`")


ROWS = (
    FunctionRow(
        resource=lambda_.Function,
        service="lambda",
        id="{name}",
        autonamed=True,
        makes=Call("create_function"),
        tells=(),
        changes=calls("update_function_configuration"),
        removes=calls("delete_function"),
        names=_NAMES,
        replaces=words("name packageType region"),
        defaults={
            "memorySize": 128, "packageType": "Zip", "publish": False, "skipDestroy": False, "timeout": 3,
        },
        computed=words("architectures codeSha256 ephemeralStorage loggingConfig region sourceCodeHash tracingConfig "
                       "vpcConfig.ipv6AllowedForDualStack loggingConfig.logGroup"),
        kept=words("code publish skipDestroy replaceSecurityGroupsOnDestroy replacementSecurityGroupIds "
                   "useResourceTimeoutForPropagation") | _PARTS,
        unordered=words("vpcConfig.securityGroupIds vpcConfig.subnetIds"),
        rules=(_needs_code,),
    ),
    PermissionRow(
        resource=lambda_.Permission,
        service="lambda",
        id="{statementId}",
        makes=Call("add_permission"),
        tells=(),
        names={"function": "FunctionName", "principalOrgId": "PrincipalOrgID"},
        replaces=words("action eventSourceToken function functionUrlAuthType invokedViaFunctionUrl principal "
                       "principalOrgId qualifier region sourceAccount sourceArn statementId statementIdPrefix"),
        computed=words("region"),
        kept=words("eventSourceToken functionUrlAuthType invokedViaFunctionUrl qualifier statementIdPrefix"),
    ),
)  # fmt: skip
