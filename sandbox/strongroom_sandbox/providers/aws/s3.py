"""Buckets, for the records of trails: encrypted, versioned, closed to the public. What they hold is never touched."""

from dataclasses import dataclass
from typing import Any, Final

from pulumi_aws import s3

from ..frame.row import Written, words
from ..frame.values import Properties
from .api import Aws
from .operation_row import Call, OperationRow, calls
from .policies import policy, same_policy

_INLINE: Final = words(
    "accelerationStatus acl corsRules grants lifecycleRules logging objectLockConfiguration policy "
    "replicationConfiguration requestPayer serverSideEncryptionConfiguration versioning website bucketNamespace "
    "bucketPrefix"
)
"""What pulumi-aws 7 has resources of its own for, or what no trail's bucket needs."""
_FIRST_REGION: Final = "us-east-1"


@dataclass(frozen=True, kw_only=True)
class BucketRow(OperationRow):
    """A bucket without settings; those are resources of their own."""

    def create(self, server: Aws, inputs: Properties) -> Written:
        """Make it where the provider is."""
        here, name = self.at(server, inputs), str(inputs["bucket"])
        where = (
            {} if here.region == _FIRST_REGION else {"CreateBucketConfiguration": {"LocationConstraint": here.region}}
        )
        here.call(
            "s3",
            "create_bucket",
            Bucket=name,
            ObjectLockEnabledForBucket=bool(inputs.get("objectLockEnabled")),
            **where,
        )
        self._tag(here, name, inputs)
        return Written(name)

    def read(self, server: Aws, identity: str, known: Properties) -> Properties | None:
        """Read that it is there, and its tags."""
        here = self.at(server, known)
        if here.find("s3", "get_bucket_location", Bucket=identity) is None:
            return None
        tags = here.find("s3", "get_bucket_tagging", Bucket=identity) or {"TagSet": []}
        state = {
            "bucket": identity,
            "arn": f"arn:{here.partition}:s3:::{identity}",
            "bucketRegion": here.region,
            "bucketDomainName": f"{identity}.s3.amazonaws.com",
            "bucketRegionalDomainName": f"{identity}.s3.{here.region}.amazonaws.com",
            "tags": {pair["Key"]: pair["Value"] for pair in tags["TagSet"]},
        }
        return self.settled(here, state, known)

    def update(self, server: Aws, identity: str, state: Properties, inputs: Properties) -> None:
        """Change the tags."""
        self._tag(self.at(server, state), identity, inputs)

    def delete(self, server: Aws, identity: str, state: Properties) -> None:
        """Delete it; what is in it goes first only if that is asked for, as AWS refuses otherwise."""
        here = self.at(server, state)
        if state.get("forceDestroy") and here.find("s3", "get_bucket_location", Bucket=identity) is not None:
            for listed in ("Versions", "DeleteMarkers"):
                for item in here.pages("s3", "list_object_versions", listed, Bucket=identity):
                    here.call("s3", "delete_object", Bucket=identity, Key=item["Key"], VersionId=item["VersionId"])
        here.find("s3", "delete_bucket", Bucket=identity)

    def _tag(self, here: Aws, name: str, inputs: Properties) -> None:
        pairs = [{"Key": key, "Value": text} for key, text in (inputs.get("tags") or {}).items()]
        if pairs:
            here.call("s3", "put_bucket_tagging", Bucket=name, Tagging={"TagSet": pairs})
        else:
            here.find("s3", "delete_bucket_tagging", Bucket=name)


@dataclass(frozen=True, kw_only=True)
class SettingRow(OperationRow):
    """One setting of a bucket, put, told and deleted as a whole."""

    block: str
    """The parameter that holds it."""

    def create(self, server: Aws, inputs: Properties) -> Written:
        """Put it."""
        self._put(self.at(server, inputs), str(inputs["bucket"]), inputs)
        return Written(str(inputs["bucket"]))

    def update(self, server: Aws, identity: str, state: Properties, inputs: Properties) -> None:
        """Put it again."""
        self._put(self.at(server, state), identity, inputs)

    def body(self, inputs: Properties) -> dict[str, Any]:
        """Return the setting as the API has it."""
        return {
            name[0].upper() + name[1:]: bool(inputs.get(name))
            for name in self.inputs
            if name not in ("bucket", "region", "skipDestroy", "expectedBucketOwner")
        }

    def _put(self, here: Aws, bucket: str, inputs: Properties) -> None:
        here.call("s3", self.makes.operation, Bucket=bucket, **{self.block: self.body(inputs)})


@dataclass(frozen=True, kw_only=True)
class EncryptionRow(SettingRow):
    """With which key a bucket encrypts."""

    def body(self, inputs: Properties) -> dict[str, Any]:
        """Rules, of which S3 takes one."""
        rules = []
        for rule in inputs["rules"]:
            default = rule.get("applyServerSideEncryptionByDefault") or {}
            how = {"SSEAlgorithm": default.get("sseAlgorithm", "AES256")}
            if default.get("kmsMasterKeyId"):
                how["KMSMasterKeyID"] = default["kmsMasterKeyId"]
            keyed = {"BucketKeyEnabled": rule["bucketKeyEnabled"]} if "bucketKeyEnabled" in rule else {}
            rules.append({"ApplyServerSideEncryptionByDefault": how, **keyed})
        return {"Rules": rules}

    def understood(self, answer: Any) -> Properties:
        """The rules in Pulumi's words."""
        rules = []
        for rule in answer.get("Rules") or []:
            how = rule.get("ApplyServerSideEncryptionByDefault") or {}
            default = {"sseAlgorithm": how.get("SSEAlgorithm"), "kmsMasterKeyId": how.get("KMSMasterKeyID")}
            rules.append(
                {
                    "applyServerSideEncryptionByDefault": {name: text for name, text in default.items() if text},
                    "bucketKeyEnabled": bool(rule.get("BucketKeyEnabled")),
                }
            )
        return {"rules": rules}


@dataclass(frozen=True, kw_only=True)
class VersioningRow(SettingRow):
    """Whether a bucket keeps what was there before. It can be suspended, never undone."""

    def body(self, inputs: Properties) -> dict[str, Any]:
        """Its state."""
        return {"Status": inputs["versioningConfiguration"]["status"]}

    def understood(self, answer: Any) -> Properties:
        """Its state."""
        return {"versioningConfiguration": {"status": answer.get("Status") or "Disabled"}}

    def delete(self, server: Aws, identity: str, state: Properties) -> None:
        """Suspend it."""
        if (state.get("versioningConfiguration") or {}).get("status") == "Enabled":
            block = {self.block: {"Status": "Suspended"}}
            self.at(server, state).find("s3", "put_bucket_versioning", Bucket=identity, **block)


def _same_rules(old: Any, new: Any) -> bool:
    return _plain_rules(old) == _plain_rules(new)


def _plain_rules(rules: Any) -> list[tuple[Any, ...]]:
    found = []
    for rule in rules or []:
        how = rule.get("applyServerSideEncryptionByDefault") or {}
        found.append((how.get("sseAlgorithm"), how.get("kmsMasterKeyId"), bool(rule.get("bucketKeyEnabled"))))
    return found


def _same_status(old: Any, new: Any) -> bool:
    return bool((old or {}).get("status") == (new or {}).get("status"))


def _plain_bucket(inputs: Properties) -> tuple[str, str] | None:
    for name in sorted(_INLINE & inputs.keys()):
        return name, f"the stand-in does not do {name!r} of a bucket: use the resource of its own, or leave it out"
    return None if "bucket" in inputs else ("bucket", "name the bucket: its name is the same for the whole world")


ROWS = (
    BucketRow(
        resource=s3.Bucket,
        service="s3",
        id="{bucket}",
        makes=Call("create_bucket"),
        tells=(),
        replaces=words("bucket objectLockEnabled region"),
        defaults={"forceDestroy": False},
        computed=_INLINE | words("objectLockEnabled region"),
        kept=_INLINE | words("forceDestroy objectLockEnabled"),
        rules=(_plain_bucket,),
    ),
    OperationRow(
        resource=s3.BucketPolicy,
        service="s3",
        id="{bucket}",
        makes=Call("put_bucket_policy"),
        tells=calls("get_bucket_policy"),
        changes=calls("put_bucket_policy"),
        removes=calls("delete_bucket_policy"),
        replaces=words("bucket region"),
        computed=words("region"),
        same={"policy": same_policy},
        rules=(policy("policy"),),
    ),
    SettingRow(
        resource=s3.BucketPublicAccessBlock,
        service="s3",
        id="{bucket}",
        makes=Call("put_public_access_block"),
        tells=calls("get_public_access_block PublicAccessBlockConfiguration"),
        removes=calls("delete_public_access_block"),
        block="PublicAccessBlockConfiguration",
        replaces=words("bucket region"),
        computed=words("region"),
        kept=words("skipDestroy"),
    ),
    EncryptionRow(
        resource=s3.BucketServerSideEncryptionConfiguration,
        service="s3",
        id="{bucket}",
        makes=Call("put_bucket_encryption"),
        tells=calls("get_bucket_encryption ServerSideEncryptionConfiguration"),
        removes=calls("delete_bucket_encryption"),
        block="ServerSideEncryptionConfiguration",
        exists="rules",
        replaces=words("bucket expectedBucketOwner region"),
        computed=words("region"),
        kept=words("expectedBucketOwner"),
        same={"rules": _same_rules},
    ),
    VersioningRow(
        resource=s3.BucketVersioning,
        service="s3",
        id="{bucket}",
        makes=Call("put_bucket_versioning"),
        tells=calls("get_bucket_versioning"),
        block="VersioningConfiguration",
        replaces=words("bucket expectedBucketOwner region"),
        computed=words("region"),
        kept=words("expectedBucketOwner mfa"),
        same={"versioningConfiguration": _same_status},
    ),
)
