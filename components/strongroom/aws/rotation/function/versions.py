"""The versions of one secret, as Secrets Manager keeps them.

**No password that may be in force is ever without a label.** `AWSPENDING` alone does not see to that: whoever starts
another rotation, or removes the label because a rotation hangs (AWS's own advice), takes it from a version whose
password the database may already have. A version without labels is gone for good sooner or later, and with it the
only way in. So each version is born with a second label of its own, `UNFINISHED-<token>`, in the same call that
writes it. The label goes when a rotation has finished, and until then the version is one of those that are tried.
"""

import string
from collections.abc import Iterable
from typing import Any, Final

from .errors import RotationError
from .value import Value

CURRENT: Final = "AWSCURRENT"
PENDING: Final = "AWSPENDING"
PREVIOUS: Final = "AWSPREVIOUS"
UNFINISHED: Final = "UNFINISHED-"


class Versions:
    """One secret. Nothing is remembered between calls: each asks Secrets Manager anew."""

    def __init__(self, client: Any, secret: str, token: str) -> None:
        """Args: client: boto3's, of Secrets Manager. secret: Its ARN. token: The version that rotation is to make."""
        self._client = client
        self.secret = secret
        self.token = token

    def labels(self) -> dict[str, frozenset[str]]:
        """Version -> its staging labels.

        Raises:
            RotationError: Rotation is off, or the token is none of the secret's versions.
        """
        described = self._client.describe_secret(SecretId=self.secret)
        # Not said at all, while Secrets Manager tries a function before it switches rotation on for the first time.
        if not described.get("RotationEnabled", True):
            raise RotationError(f"rotation of {self.secret} is off: nobody may call this function for it")
        stages = described.get("VersionIdsToStages", {})
        found = {version: frozenset(labels) for version, labels in sorted(stages.items())}
        if self.token not in found:
            raise RotationError(f"{self.secret} has no version {self.token}: start rotation in Secrets Manager")
        return found

    def value(self, version: str) -> Value | None:
        """What a version holds; None if it holds nothing (yet)."""
        where = f"{self.secret}, version {version}"
        try:
            answer = self._client.get_secret_value(SecretId=self.secret, VersionId=version)
        except self._client.exceptions.ResourceNotFoundException:
            return None
        if not isinstance(text := answer.get("SecretString"), str):
            raise RotationError(f"{where} is binary: rotation needs a JSON object")
        return Value.parse(text, where)

    def current(self, labels: dict[str, frozenset[str]]) -> Value:
        """What `AWSCURRENT` holds.

        Raises:
            RotationError: There is none.
        """
        value = next((self.value(version) for version in with_label(labels, CURRENT)), None)
        if value is None:
            raise RotationError(f"{self.secret} has no {CURRENT} version yet: write its first value before it rotates")
        return value

    def write_pending(self, value: Value) -> None:
        """Make the pending version, with both its labels at once."""
        self._client.put_secret_value(
            SecretId=self.secret,
            ClientRequestToken=self.token,
            SecretString=value.text(),
            VersionStages=[PENDING, f"{UNFINISHED}{self.token}"],
        )

    def promote(self, labels: dict[str, frozenset[str]]) -> None:
        """Make the token's version the current one; the one that was becomes `AWSPREVIOUS` by itself."""
        self._move(CURRENT, to=self.token, away_from=next(iter(with_label(labels, CURRENT)), None))

    def tidy(self, labels: dict[str, frozenset[str]]) -> None:
        """Take away the labels of rotations that are over, and at last that this one is pending."""
        for version in labels:
            self.forget(version, labels)
        self._move(PENDING, away_from=self.token)

    def forget(self, version: str, labels: dict[str, frozenset[str]]) -> None:
        """Take away the label by which a version was kept."""
        for label in sorted(labels[version]):
            if label.startswith(UNFINISHED):
                self._move(label, away_from=version)

    def unfinished(self, labels: dict[str, frozenset[str]]) -> list[str]:
        """The versions of other rotations that were begun and not finished."""
        return [
            version
            for version, have in labels.items()
            if version != self.token
            and not have & {CURRENT, PREVIOUS}
            and any(label.startswith(UNFINISHED) for label in have)
        ]

    def give_up(self) -> None:
        """Take away all labels of the token's version, which never was in force."""
        for label in sorted(self.labels()[self.token]):
            if label == PENDING or label.startswith(UNFINISHED):
                self._move(label, away_from=self.token)

    def random_password(self, length: int, exclude: str) -> str:
        """A password of every kind of character, made by Secrets Manager."""
        answer = self._client.get_random_password(
            PasswordLength=length,
            ExcludeCharacters=exclude,
            # One of each kind is asked for, so a kind that is excluded as a whole has to be excluded by its name.
            ExcludePunctuation=set(string.punctuation) <= set(exclude),
        )
        return str(answer["RandomPassword"])

    def master(self, arn: str) -> Value:
        """What another secret holds.

        Raises:
            RotationError: No JSON object.
        """
        text = self._client.get_secret_value(SecretId=arn, VersionStage=CURRENT).get("SecretString")
        return Value.parse(text if isinstance(text, str) else "", arn)

    def _move(self, label: str, to: str | None = None, away_from: str | None = None) -> None:
        changes = {"MoveToVersionId": to, "RemoveFromVersionId": away_from}
        self._client.update_secret_version_stage(
            SecretId=self.secret, VersionStage=label, **{name: version for name, version in changes.items() if version}
        )


def with_label(labels: dict[str, frozenset[str]], label: str) -> Iterable[str]:
    """The versions that have a label: at most one, for AWS's own."""
    return [version for version, have in labels.items() if label in have]
