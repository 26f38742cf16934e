"""moto, which answers as AWS: for the stores in AWS, and for the AWS engine and AWS logins of Vault; on request only.

It keeps everything in memory, so that each start begins with an account in which there is only the operator.
It checks signatures, and policies of users, groups and roles by their actions. It does not check the resources and
conditions of policies, permissions boundaries and session policies, and does not know the credentials of
`GetFederationToken` that it made itself.
"""

import os
import sys
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple

import requests

from strongroom_sandbox.files import write, write_secret
from strongroom_sandbox.servers.ports import HOST
from strongroom_sandbox.servers.server import Command, Report, Server, wheel

ACCOUNT: Final = "123456789012"
REGION: Final = "eu-central-1"
OPERATOR: Final = "operator"
_EVERYTHING: Final = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


class AwsKey(NamedTuple):
    """Credentials as AWS hands them out."""

    access_key: str
    secret_key: str
    session_token: str | None = None


class Moto(Server):
    """One AWS account. Plain HTTP on loopback: Vault has no setting for an authority that is not AWS's own."""

    name: ClassVar[str] = "moto"
    on_request: ClassVar[bool] = True

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.account = ACCOUNT
        """The account that it is. Another one for a preview of an environment that names its own."""
        self.operator_file = self.home / "operator.key"
        """The secret half of the operator's access key (0600)."""
        self._operator_id_file = self.home / "operator.id"
        self.credentials_file = self.home / "credentials"
        """The operator's key in the form of ~/.aws/credentials (0600), for processes that may do everything."""

    @property
    def endpoint(self) -> str:
        """Of every service."""
        return f"http://{HOST}:{self.port()}"

    @property
    def operator(self) -> AwsKey:
        """The access key of a user who may do everything."""
        return AwsKey(self._operator_id_file.read_text(), self.operator_file.read_text())

    def client(self, service: str, key: AwsKey | None = None) -> Any:
        """A client of a service (`iam`, `sts`, …) with a key, by default the operator's."""
        return _client(service, self.endpoint, self.operator if key is None else key)

    def environment(self) -> dict[str, str]:
        """What a process needs to talk to this AWS as the operator, and to no other. Secrets only by a file's name."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_SHARED_CREDENTIALS_FILE": str(self.credentials_file),
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def user(self, name: str, policy: str) -> AwsKey:
        """Makes an IAM user with one policy, and an access key."""
        return _make_user(self.client("iam"), name, policy)

    def describe(self) -> str:
        return self.endpoint

    # Server

    def prepare(self) -> None:
        wheel("moto")

    def command(self) -> Command:
        return Command(
            argv=(sys.executable, "-m", "strongroom_sandbox.servers.moto_process", "-H", HOST, "-p", str(self.port())),
            environment={"MOTO_ACCOUNT_ID": self.account},
            cwd=self.home,
        )

    def healthy(self) -> bool:
        try:
            with _http() as session:
                # Not data.json, which tells everything that there is, and fails as soon as there is a Lambda function.
                return session.get(f"{self.endpoint}/moto-api/config", timeout=5).ok
        except OSError:  # requests' own errors are OSErrors too
            return False

    def settle(self, report: Report) -> None:
        self._run_no_functions()
        self._authenticate(True)
        if self._knows_operator():
            return
        self._authenticate(False)
        key = _make_user(_client("iam", self.endpoint, AwsKey("nobody", "nobody")), OPERATOR, _EVERYTHING)
        self._authenticate(True)
        write_secret(self.operator_file, key.secret_key)
        write_secret(self.credentials_file, credentials(key))
        write(self._operator_id_file, key.access_key)  # last: it says that both are there
        report(f"{self.name}: made the operator of account {self.account}")

    # Details

    def _authenticate(self, wanted: bool) -> None:
        """Whether requests need a signature and rights, from now on."""
        with _http() as session:
            unchecked = b"0" if wanted else b"inf"
            session.post(f"{self.endpoint}/moto-api/reset-auth", data=unchecked, timeout=5).raise_for_status()

    def _run_no_functions(self) -> None:
        """It would run Lambda functions in containers, which not every machine has: who calls one is told that it went
        well. What a rotation function does is tested with the function itself."""
        with _http() as session:
            settings = {"lambda": {"use_docker": False}}
            session.post(f"{self.endpoint}/moto-api/config", json=settings, timeout=5).raise_for_status()

    def _knows_operator(self) -> bool:
        from botocore.exceptions import ClientError  # noqa: PLC0415  slow to import, and only needed here

        if not (self._operator_id_file.exists() and self.credentials_file.exists()):
            return False
        try:
            self.client("sts").get_caller_identity()
        except ClientError:
            return False
        return True


def credentials(key: AwsKey) -> str:
    """A key in the form of ~/.aws/credentials."""
    lines = ["[default]", f"aws_access_key_id = {key.access_key}", f"aws_secret_access_key = {key.secret_key}"]
    return "\n".join([*lines, *([f"aws_session_token = {key.session_token}"] if key.session_token else []), ""])


def _make_user(iam: Any, name: str, policy: str) -> AwsKey:
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=policy)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return AwsKey(made["AccessKeyId"], made["SecretAccessKey"])


def _client(service: str, endpoint: str, key: AwsKey) -> Any:
    from boto3 import Session  # noqa: PLC0415  slow to import
    from botocore.config import Config  # noqa: PLC0415

    # Neither a proxy nor a second try stands between a caller and the answer.
    config = Config(proxies={"http": None, "https": None}, retries={"total_max_attempts": 1})
    return Session(*key, region_name=REGION).client(service, endpoint_url=endpoint, config=config)


def _http() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session
