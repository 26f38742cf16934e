"""AWS as the caller's own credentials reach it: one account and region, and no other account by mistake."""

from collections.abc import Callable, Iterable
from functools import cache
from threading import Lock
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
        self._session: Session | None = None
        self._clients: dict[str, Any] = {}
        self._checked = False
        # Clients are for several threads, sessions are not: boto3, "Session reference".
        self._lock = Lock()

    def client(self, service: str) -> Any:
        """The client of a service, made when it is first asked for."""
        with self._lock:
            self._session = self._session or Session(region_name=self.place.region)
            if service not in self._clients:
                self._clients[service] = self._session.client(service, config=_CONFIG)
            return self._clients[service]

    def ask(self, service: str, operation: str, hide: Iterable[str] = (), **request: Any) -> Any:
        """One request, for example `ask("kms", "describe_key", KeyId=…)`. `hide` is what no error may repeat.

        Raises AwsError with the remedy; its `code` is AWS's own name of what was wrong.
        """
        if not self._checked:
            self._check()
        return self._sent(lambda: getattr(self.client(service), operation)(**request), f"{service} {operation}", hide)

    def _check(self) -> None:
        identity = self._sent(lambda: self.client("sts").get_caller_identity(), "sts get_caller_identity", ())
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
