"""Values in AWS Secrets Manager, with the operator's own credentials.

A secret is one JSON object, and AWS can neither tell its fields nor change one alone: looking and writing read the
newest version into this process, and nowhere else. What an operator's policy needs, on the secret: `GetSecretValue`,
`DescribeSecret`, `PutSecretValue`, `UpdateSecretVersionStage`, and to delete `DeleteSecret`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from strongroom.aws.account import Accounts
from strongroom.aws.refusals import AwsError
from strongroom.aws.secrets_manager.plan import AwsSecret
from strongroom.values.one_object import OneObjectValues, as_text, fields_of, texts_in
from strongroom.values.store import NOTHING, Stored, ValuesError, changed_meanwhile

CURRENT: Final = "AWSCURRENT"
PENDING: Final = "AWSPENDING"
WRITING: Final = "STRONGROOM_WRITING"
"""The stage of a version that is written and not yet the newest."""
LONGEST: Final = 65_536
"""Bytes of a value: AWS Secrets Manager, "PutSecretValue"."""
_NOT_THERE: Final = ("InvalidParameterException", "InvalidRequestException")
"""A stage is not where it was said to be: AWS Secrets Manager, "UpdateSecretVersionStage"."""


class SecretsManagerValues(OneObjectValues[AwsSecret]):
    """The values of Secrets Manager."""

    def __init__(self) -> None:
        self._accounts = Accounts()

    def delete(self, secret: AwsSecret) -> None:
        # The container belongs to the deployment, which would find it gone.
        raise ValuesError(
            f"{secret.key} is one thing with its container in Secrets Manager, which the stack deploys: take it out of "
            f"the catalog, and the next `pulumi up` deletes it, to be restored for {secret.recovery_window_days} days"
        )

    def destroy(self, secret: AwsSecret) -> None:
        self.delete(secret)

    def _kept(self, secret: AwsSecret, seen: Stored) -> dict[str, Any]:
        """The fields before a write. Raises ValuesError if it would be no change of what was seen, or undone."""
        kept = super()._kept(secret, seen)
        about = self._ask(secret, "describe_secret")
        pending = [v for v, stages in about.get("VersionIdsToStages", {}).items() if PENDING in stages]
        if about.get("RotationEnabled") and any(version != seen.version for version in pending):
            raise ValuesError(
                f"{secret.key} is being rotated, and when that ends, what is written now would be replaced; nothing "
                "was written. Wait for it; one that is stuck ends with `aws secretsmanager cancel-rotate-secret`"
            )
        return kept

    def _newest(self, secret: AwsSecret) -> tuple[Stored, dict[str, Any]]:
        try:
            found = self._ask(secret, "get_secret_value", VersionStage=CURRENT)
        except AwsError as error:
            if error.code != "ResourceNotFoundException":
                raise
            # Is there no secret, or only no value in it? The one has to be deployed first.
            self._ask(secret, "describe_secret")
            return NOTHING, {}
        fields = fields_of(found.get("SecretString"))
        if fields is None:
            raise ValuesError(
                f"the newest version of {secret.path} is no JSON object with a text for each field, and is left alone: "
                "write one by hand (`aws secretsmanager put-secret-value`), then Strongroom can change its fields"
            )
        created = found["CreatedDate"].astimezone(UTC) if isinstance(found.get("CreatedDate"), datetime) else None
        return Stored(str(found["VersionId"]), frozenset(fields), created), fields

    def _new_version(self, secret: AwsSecret, fields: Mapping[str, Any], seen: Stored) -> str:
        """Writes a version, and makes it the newest if the newest is still what was seen.

        Secrets Manager has no condition on writing, but one on moving a stage: from a certain version.
        """
        text = as_text(fields)
        if (size := len(text.encode())) > LONGEST:
            raise ValuesError(
                f"{secret.key} would have {size:,} bytes with all its fields, and Secrets Manager takes {LONGEST:,}; "
                "nothing was written. Split it, or keep what is large elsewhere"
            )
        version = str(uuid4())
        self._ask(
            secret,
            "put_secret_value",
            texts_in(fields),
            ClientRequestToken=version,
            SecretString=text,
            VersionStages=[WRITING],
        )
        try:
            self._make_newest(secret, version, seen)
        except AwsError as error:
            if error.code not in _NOT_THERE:
                raise
            raise changed_meanwhile(secret) from None
        finally:
            # Without a stage a version is forgotten, and its value with it.
            self._forget_writing(secret, version)
        return version

    def _make_newest(self, secret: AwsSecret, version: str, seen: Stored) -> None:
        move: dict[str, Any] = {"MoveToVersionId": version}
        if seen.version:
            move["RemoveFromVersionId"] = seen.version
        else:
            # The first version of all is the newest by itself: AWS Secrets Manager, "PutSecretValue".
            stages = self._ask(secret, "describe_secret")["VersionIdsToStages"]
            if CURRENT in stages.get(version, ()):
                return
            # Else it is moved from none, which is refused if it is another version's by now.
        self._ask(secret, "update_secret_version_stage", VersionStage=CURRENT, **move)

    def _forget_writing(self, secret: AwsSecret, version: str) -> None:
        try:
            self._ask(secret, "update_secret_version_stage", VersionStage=WRITING, RemoveFromVersionId=version)
        except AwsError as error:
            # A later write has taken the stage along: this version has it no more.
            if error.code not in _NOT_THERE:
                raise

    def _ask(self, secret: AwsSecret, operation: str, hide: list[str] | None = None, **request: Any) -> Any:
        return self._accounts.at(secret.place).ask(
            "secretsmanager", operation, hide or (), SecretId=secret.path, **request
        )
