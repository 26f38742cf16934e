"""Values in AWS Systems Manager Parameter Store, with the operator's own credentials.

Each field is a SecureString. What an operator's policy needs: `ssm:DescribeParameters`, which AWS has on everything or
nothing, and on the parameters `PutParameter`, and to delete `DeleteParameters`. No value is ever read.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from strongroom.aws.account import Accounts
from strongroom.aws.parameter_store.plan import AwsParameters
from strongroom.aws.parameter_store.spec import LONGEST, TIERS, whole
from strongroom.aws.refusals import AwsError
from strongroom.values.store import NOTHING, Stored, ValuesError, changed_meanwhile

_AT_ONCE: Final = 10
"""AWS Systems Manager, "DeleteParameters"."""
_DAY: Final = 86400
_HOUR: Final = 3600


class ParameterStoreValues:
    """The values of Parameter Store."""

    def __init__(self) -> None:
        self._accounts = Accounts()

    def stored(self, secret: AwsParameters) -> Stored:
        return _stored(self._parameters(secret))

    def write(self, secret: AwsParameters, values: Mapping[str, str], seen: Stored) -> str:
        for field, value in values.items():
            _check(secret, field, value)
        found = self._parameters(secret)
        if _stored(found).version != seen.version:
            raise changed_meanwhile(secret)
        for position, (field, value) in enumerate(values.items()):
            try:
                self._put(secret, field, value, found.get(field))
            except (AwsError, ValuesError) as error:
                if position == 0:
                    raise
                done, left = list(values)[:position], list(values)[position:]
                failure = f"{error}; {_were(done)} written before that, {_were(left)} not: repeat the command"
                break
        else:
            return str(self.stored(secret).version)
        # Raised out here, so that no exception is chained whose frames hold a value.
        raise ValuesError(failure)

    def remove_field(self, secret: AwsParameters, field: str, seen: Stored) -> str:
        if self.stored(secret).version != seen.version:
            raise changed_meanwhile(secret)
        self._delete(secret, [field])
        return str(self.stored(secret).version)

    def delete(self, secret: AwsParameters) -> None:
        raise ValuesError(
            f"Parameter Store keeps nothing of a parameter: to delete {secret.key} is to destroy it (--destroy)"
        )

    def destroy(self, secret: AwsParameters) -> None:
        self._delete(secret, sorted(self._parameters(secret)))

    def _parameters(self, secret: AwsParameters) -> dict[str, Any]:
        """What AWS tells of the parameters below the secret's path, by field."""
        chosen = [{"Key": "Path", "Option": "OneLevel", "Values": [secret.path]}]
        found: dict[str, Any] = {}
        token: dict[str, Any] = {}
        while True:
            page = self._ask(secret, "describe_parameters", ParameterFilters=chosen, **token)
            found |= {about["Name"].rpartition("/")[2]: about for about in page["Parameters"]}
            if not page.get("NextToken"):
                return found
            token = {"NextToken": page["NextToken"]}

    def _put(self, secret: AwsParameters, field: str, value: str, there: Mapping[str, Any] | None) -> None:
        optional = {"KeyId": secret.kms_key} if secret.kms_key else {}
        if policies := _policies(secret, datetime.now(UTC)):
            optional["Policies"] = json.dumps(policies)
        elif there and there.get("Policies"):
            # AWS keeps those it has until it is sent an empty one, and the standard tier takes not even that.
            optional["Policies"] = "[{}]"
        if pattern := secret.pattern(field):
            optional["AllowedPattern"] = whole(pattern)
        try:
            self._ask(
                secret,
                "put_parameter",
                [value],
                Name=secret.parameter(field),
                Description=secret.description,
                Value=value,
                Type="SecureString",
                Overwrite=there is not None,
                Tier=TIERS[secret.tier],
                **optional,
            )
        except AwsError as error:
            if error.code != "ParameterAlreadyExists":
                raise
            raise changed_meanwhile(secret) from None

    def _delete(self, secret: AwsParameters, fields: list[str]) -> None:
        names = [secret.parameter(field) for field in fields]
        for start in range(0, len(names), _AT_ONCE):
            self._ask(secret, "delete_parameters", Names=names[start : start + _AT_ONCE])

    def _ask(self, secret: AwsParameters, operation: str, hide: list[str] | None = None, **request: Any) -> Any:
        return self._accounts.at(secret.place).ask("ssm", operation, hide or (), **request)


def _stored(found: Mapping[str, Any]) -> Stored:
    if not found:
        return NOTHING
    # The state of the whole secret: each field has a version of its own, which only ever grows.
    version = ",".join(f"{field}:{about['Version']}" for field, about in sorted(found.items()))
    created = max(about["LastModifiedDate"] for about in found.values()).astimezone(UTC)
    return Stored(version, frozenset(found), created)


def _check(secret: AwsParameters, field: str, value: str) -> None:
    """Raises ValuesError for a value that AWS would refuse, as fields before it would be written then."""
    what, limit = f"{field} of {secret.key}", LONGEST[secret.tier]
    if (size := len(value.encode())) > limit:
        raise ValuesError(
            f"{what} has {size:,} bytes, and the {secret.tier} tier takes {limit:,}; nothing was written. "
            "Choose another `tier`, or keep it in Secrets Manager"
        )
    if "{{" in value:
        raise ValuesError(
            f"{what} has {{{{, which Parameter Store takes for another parameter and refuses; nothing was written. "
            "Keep it in Secrets Manager, or encode it"
        )


def _were(fields: list[str]) -> str:
    return f"{', '.join(fields)} {'was' if len(fields) == 1 else 'were'}"


def _policies(secret: AwsParameters, now: datetime) -> list[dict[str, Any]]:
    """AWS Systems Manager, "Assigning parameter policies in Parameter Store"."""
    found: list[dict[str, Any]] = []
    if secret.expire_after_seconds:
        ends = (now + timedelta(seconds=secret.expire_after_seconds)).replace(microsecond=0)
        found.append(_policy("Expiration", Timestamp=ends.isoformat().replace("+00:00", "Z")))
    if secret.notify_before_expiry_seconds:
        found.append(_policy("ExpirationNotification", **_time("Before", secret.notify_before_expiry_seconds)))
    if secret.notify_unchanged_after_seconds:
        found.append(_policy("NoChangeNotification", **_time("After", secret.notify_unchanged_after_seconds)))
    return found


def _policy(kind: str, **attributes: str) -> dict[str, Any]:
    return {"Type": kind, "Version": "1.0", "Attributes": attributes}


def _time(attribute: str, seconds: int) -> dict[str, str]:
    unit, name = (_DAY, "Days") if seconds % _DAY == 0 else (_HOUR, "Hours")
    return {attribute: str(max(1, seconds // unit)), "Unit": name}
