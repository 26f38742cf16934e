"""The functions that are served: who is asking, and which versions a secret has. None tells a value."""

from collections.abc import Mapping
from typing import Final

from ..frame.row import Answer, Function
from ..frame.values import Properties
from .api import Aws


def caller_identity(server: Aws, arguments: Properties) -> Answer:
    """Return the account and who is asking."""
    del arguments
    told = server.call("sts", "get_caller_identity")
    return Answer({"accountId": told["Account"], "arn": told["Arn"], "userId": told["UserId"], "id": told["Account"]})


def region(server: Aws, arguments: Properties) -> Answer:
    """Return the region."""
    name = server.within(arguments.get("region")).region
    return Answer({"id": name, "region": name, "name": name, "description": "", "endpoint": ""})


def partition(server: Aws, arguments: Properties) -> Answer:
    """Return the partition, which every ARN begins with."""
    del arguments
    suffix = "amazonaws.com.cn" if server.partition == "aws-cn" else "amazonaws.com"
    return Answer(
        {
            "id": server.partition,
            "partition": server.partition,
            "dnsSuffix": suffix,
            "reverseDnsPrefix": ".".join(reversed(suffix.split("."))),
        }
    )


def secret_versions(server: Aws, arguments: Properties) -> Answer:
    """Return the versions of a secret and their stages, without values."""
    here, secret = server.within(arguments.get("region")), arguments["secretId"]
    about = here.call("secretsmanager", "describe_secret", SecretId=secret)
    stages = about.get("VersionIdsToStages") or {}
    if not arguments.get("includeDeprecated"):
        stages = {identity: labels for identity, labels in stages.items() if labels}
    return Answer(
        {
            "id": about["ARN"],
            "arn": about["ARN"],
            "name": about["Name"],
            "secretId": secret,
            "region": here.region,
            "includeDeprecated": bool(arguments.get("includeDeprecated")),
            "versions": [
                {"versionId": identity, "versionStages": labels, "createdTime": "", "lastAccessedDate": ""}
                for identity, labels in sorted(stages.items())
            ],
        }
    )


FUNCTIONS: Final[Mapping[str, Function[Aws]]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": caller_identity,
    "aws:index/getRegion:getRegion": region,
    "aws:index/getPartition:getPartition": partition,
    "aws:secretsmanager/getSecretVersions:getSecretVersions": secret_versions,
}
