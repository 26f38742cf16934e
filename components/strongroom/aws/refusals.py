"""What AWS refuses, in one clear sentence with the remedy, and without values."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import ConnectionError as NoConnection

from strongroom.aws.place import AwsPlace
from strongroom.errors import StrongroomError
from strongroom.repeats import repeats


class AwsError(StrongroomError):
    """AWS refused something, or could not be asked."""

    def __init__(self, text: str, code: str) -> None:
        super().__init__(text)
        self.code = code
        """AWS's own name of the error, such as `ResourceNotFoundException`, or botocore's."""


_EXPIRED: Final = "these credentials are not valid, or not any more: log in again (`aws sso login`, or a new session)"
_THROTTLED: Final = "AWS throttles the account's requests, and did so again each time: wait a minute and repeat"
_REMEDIES: Final[Mapping[str, str]] = {
    "AccessDenied": "the caller's role or user may not do that: it needs that action on that resource",
    "AccessDeniedException": "the caller's role or user may not do that: it needs that action on that resource",
    "AuthFailure": _EXPIRED,
    "ExpiredToken": _EXPIRED,
    "ExpiredTokenException": _EXPIRED,
    "InvalidClientTokenId": _EXPIRED,
    "UnrecognizedClientException": _EXPIRED,
    "SignatureDoesNotMatch": "the secret half of the access key is wrong, or this machine's clock is",
    "Throttling": _THROTTLED,
    "ThrottlingException": _THROTTLED,
    "TooManyRequestsException": _THROTTLED,
    "RequestLimitExceeded": _THROTTLED,
    "KMSAccessDeniedException": "the key's policy does not let the caller use it",
    "DecryptionFailure": "the key is disabled, scheduled for deletion, or its policy does not let the caller use it",
    "EncryptionFailure": "the key is disabled, scheduled for deletion, or its policy does not let the caller use it",
    "InvalidKeyId": "there is no such key, or it is not enabled: deploy the stack's platform slice first",
    "ResourceNotFoundException": "there is no such thing in this account and region: deploy the stack first",
}
"""AWS's name of an error -> what to do. The service's own sentence stands in front of it."""
_NETWORK: Final = "look at network and proxy, and repeat"
_SCHEDULED: Final = (
    "a secret of that name is scheduled for deletion: `aws secretsmanager restore-secret --secret-id NAME` brings it "
    "back, and `delete-secret --force-delete-without-recovery` ends it for good"
)


def explained(error: BotoCoreError | ClientError, what: str, place: AwsPlace, hide: Iterable[str]) -> AwsError:
    """The error as people see it. `what` is the request, `hide` what the text may not repeat."""
    where = f"account {place.account}, {place.region}"
    match error:
        case ClientError():
            code = str(error.response["Error"].get("Code", "Unknown"))
            said = " ".join(str(error.response["Error"].get("Message", "")).split()).rstrip(".")
            if code.isdecimal():  # an HTTP status: the answer is in another service's form, or is a proxy's page
                inner = re.search(r"<Code>(.*?)</Code>\s*<Message>(.*?)</Message>", said)
                code, said = inner.groups() if inner else (code, f"the answer has HTTP status {code}")
            remedy = _SCHEDULED if re.search("(scheduled|marked) (for deletion|deleted)", said) else _REMEDIES.get(code)
        case NoCredentialsError():
            code, said = "NoCredentials", "there are no AWS credentials"
            remedy = "log in (`aws sso login`), or set AWS_PROFILE, or run where a role is at hand"
        case ProfileNotFound():
            code, said, remedy = "ProfileNotFound", str(error), "correct AWS_PROFILE"
        case SSOError() | TokenRetrievalError() | CredentialRetrievalError():
            # Their texts could have what a credential process wrote.
            code, said, remedy = type(error).__name__, "there is no valid login", _EXPIRED
        case EndpointConnectionError():
            code, said = "EndpointConnectionError", f"{place.region} cannot be reached"
            remedy = "look whether the environment's `aws.region` exists, and at network and proxy"
        case NoConnection() | HTTPClientError():
            code, said, remedy = type(error).__name__, f"{place.region} gave no answer", _NETWORK
        case _:
            # The text of others could repeat a parameter.
            code, said, remedy = type(error).__name__, "AWS could not be asked", None
    if repeats(said, hide):
        said = "AWS's own words repeat a value, and are left out"
    return AwsError(f"{what} ({where}): {said} [{code}]" + (f"; {remedy}" if remedy else ""), code)
