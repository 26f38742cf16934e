"""AWS as the caller's own credentials reach it: one account and region, and no other account by mistake."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Final, TypeVar

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from strongroom.aws.place import AwsPlace
from strongroom.aws.refusals import AwsError, explained

T = TypeVar("T")
_CONFIG: Final = Config(retries={"mode": "standard", "max_attempts": 8}, connect_timeout=10, read_timeout=30)
"""Standard mode waits and tries again when AWS throttles: AWS SDKs, "Retry behavior"."""


class AwsAccount:
    """The services of one account and region.

    Credentials, profile and proxies are found as every AWS tool finds them, and `AWS_ENDPOINT_URL` is honoured.
    """

    def __init__(self, place: AwsPlace) -> None:
        self.place = place
        self._session = Session(region_name=place.region)
        self._checked = False
        self.client = cache(self._client)

    def _client(self, service: str) -> Any:
        return self._session.client(service, config=_CONFIG)

    def ask(self, service: str, operation: str, hide: Iterable[str] = (), **request: Any) -> Any:
        """One request, for example `ask("kms", "describe_key", KeyId=…)`. `hide` is what no error may repeat.

        Raises AwsError with the remedy; its `code` is AWS's own name of what was wrong.
        """
        if not self._checked:
            self._check()
        return self._sent(lambda: getattr(self.client(service), operation)(**request), f"{service} {operation}", hide)

    def _check(self) -> None:
        identity = self._sent(self.client("sts").get_caller_identity, "sts get_caller_identity", ())
        if identity["Account"] != self.place.account:
            raise AwsError(
                f"these credentials belong to account {identity['Account']} ({identity['Arn']}), and the environment "
                f"is in account {self.place.account}; nothing was touched. Choose others, for example with AWS_PROFILE",
                code="WrongAccount",
            )
        self._checked = True

    def _sent(self, request: Callable[[], T], what: str, hide: Iterable[str]) -> T:
        try:
            return request()
        except (BotoCoreError, ClientError) as error:
            refusal = explained(error, what, self.place, hide)
        # Raised out here, so that no exception is chained whose frames hold the request.
        raise refusal


class Accounts:
    """One AwsAccount for each place, made when it is first asked for."""

    def __init__(self) -> None:
        self.at: Callable[[AwsPlace], AwsAccount] = cache(AwsAccount)
