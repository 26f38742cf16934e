"""AWS at a loopback address: any operation of any service, and errors that say what to do."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
)
from botocore.model import StructureShape
from botocore.parsers import ResponseParserError
from botocore.session import Session

from ..frame.errors import StandInError, UnansweredError

_CONNECTIONS: Final = 32
_CONFIG: Final = Config(
    max_pool_connections=_CONNECTIONS,
    # As the official provider does: throttled and failed requests are tried again, later each time.
    retries={"mode": "standard", "total_max_attempts": 5},
    proxies={"http": None, "https": None},
    connect_timeout=5,
    read_timeout=60,
)
_REMEDIES: Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    (
        ("UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "AuthFailure"),
        "this AWS does not know the access key: take credentials of this account, and of this very server if it is "
        "the sandbox's, whose keys are new after each start",
    ),
    (("SignatureDoesNotMatch",), "the secret access key does not belong to the access key: correct the credentials"),
    (
        ("ExpiredToken", "ExpiredTokenException", "RequestExpired"),
        "the credentials have expired: log in again and repeat",
    ),
    (
        ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation"),
        "allow the deploying identity this action, or deploy as one that may",
    ),
    (
        ("Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"),
        "AWS had too much to do, after several tries with growing pauses: repeat, with `--parallel 4` if it stays so",
    ),
)


class AwsError(StandInError):
    """AWS refused. `code` is its own word for why."""

    def __init__(self, text: str, code: str) -> None:
        super().__init__(text)
        self.code = code

    @property
    def is_missing(self) -> bool:
        """Whether what was asked about does not exist: services have a code each, with these words in common."""
        lowered = self.code.lower()
        return "notfound" in lowered or "nosuch" in lowered


@dataclass(frozen=True)
class Aws:
    """One account in one region, as one provider of a program sees it."""

    session: Session
    endpoint: str
    region: str
    account: str = ""
    partition: str = "aws"
    default_tags: Mapping[str, str] | None = None

    def within(self, region: str | None) -> "Aws":
        """Return the same account in another region."""
        return replace(self, region=region) if region else self

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of something of this account in this region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def takes(self, service: str, operation: str) -> StructureShape:
        """Return what an operation takes, as the service describes it."""
        client = self._client(service)
        shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation]).input_shape
        if shape is None:
            raise StandInError(f"{service} {operation} takes no parameters")
        return shape

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Ask AWS to do something; return its answer.

        Raises:
            AwsError: AWS refuses.
            UnansweredError: it ended the connection; perhaps it has done what was asked.
            StandInError: it cannot be reached, or the parameters are none that the service knows.
        """
        try:
            answer: dict[str, Any] = getattr(self._client(service), operation)(**parameters)
        except ClientError as error:
            raise _refused(service, operation, self, error) from None
        except ParamValidationError as error:
            raise StandInError(f"{service} {operation}: {error}") from None
        except ResponseParserError:
            raise AwsError(
                f"{service} {operation}: moto does not serve this: test it on AWS itself", "Unserved"
            ) from None
        except BotoCoreError as error:
            raise _unanswered(service, operation, self, error) from None
        return answer

    def find(self, service: str, operation: str, **parameters: Any) -> dict[str, Any] | None:
        """Ask about something; None if it does not exist."""
        try:
            return self.call(service, operation, **parameters)
        except AwsError as error:
            if error.is_missing:
                return None
            raise

    def pages(self, service: str, operation: str, listed: str, **parameters: Any) -> list[dict[str, Any]]:
        """Return everything that a list has, however many pages it takes."""
        try:
            found = self._client(service).get_paginator(operation).paginate(**parameters).build_full_result()
        except ClientError as error:
            raise _refused(service, operation, self, error) from None
        except BotoCoreError as error:
            raise _unanswered(service, operation, self, error) from None
        return list(found.get(listed, []))

    def _client(self, service: str) -> Any:
        return _client(self.session, self.endpoint, service, self.region)


@cache
def _client(session: Session, endpoint: str, service: str, region: str) -> Any:
    """A client, shared by all threads. Making one takes a good part of a second, for the service's description."""
    return session.create_client(service, region_name=region, endpoint_url=endpoint, config=_CONFIG)


def _refused(service: str, operation: str, aws: Aws, error: ClientError) -> AwsError:
    code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    if in_page := re.search(r"<Code>(.*?)</Code><Message>(.*?)</Message>", message, re.DOTALL):
        code, message = in_page.groups()  # moto speaks XML where it refuses, whatever the service does
    remedy = next((text for codes, text in _REMEDIES if code in codes), "")
    where = f"{service} {operation} in {aws.region} of account {aws.account or 'unknown'}"
    if code.isdecimal():  # moto failed; what it shows is a page with the whole of its trace
        return AwsError(f"{where}: moto failed with {code}; see its log in the sandbox", code)
    return AwsError(f"{where}: {code}: {message.strip()}{f'; {remedy}' if remedy else ''}", code)


def _unanswered(service: str, operation: str, aws: Aws, error: BotoCoreError) -> StandInError:
    never_sent = isinstance(error, EndpointConnectionError | ConnectTimeoutError | NoCredentialsError)
    return (StandInError if never_sent else UnansweredError)(
        f"{service} {operation}: no answer from {aws.endpoint} ({type(error).__name__}): check the address, and "
        "whether the server runs (`strongroom sandbox status`)"
    )
