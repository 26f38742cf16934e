"""Rotation as Secrets Manager drives it: moto keeps the versions, and this calls the steps in its place.

What moto does otherwise than AWS, and what is done about it:

* it calls a rotation function only in a container, so its Lambda is told to do nothing, and the steps are called here;
* `RotateSecret` takes AWSPENDING from an unfinished version, which AWS refuses to do. So what AWS asks a person to do
  first, removing the label, happens by itself: the harder case for us;
* it refuses to begin while the current version still is the pending one, and that is what AWS allows;
* a version is read by default that `RotateSecret` made last, so everything here names AWSCURRENT;
* it overwrites a version's value as long as it is AWSPENDING, which AWS refuses; and it refuses the first value of a
  version that has lost AWSPENDING to another, while AWS says of PutSecretValue that it moves the label: `AwsClient`
  does both as AWS says. It is the harder case, too: a late createSecret takes AWSPENDING from another rotation.
"""

import io
import json
import uuid
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import psycopg
import pytest
import requests
from psycopg import sql

from strongroom.aws.rotation.function.handler import step
from strongroom_sandbox import Sandbox

STEPS: Final = ("createSecret", "setSecret", "testSecret", "finishSecret")
Watch = Callable[[str], None]
"""Called with the name of each call to AWS or to the database, once it has taken effect."""


class AwsClient:
    """boto3's client, watched."""

    def __init__(self, client: Any, watch: Watch) -> None:
        self._client = client
        self._watch = watch
        self.exceptions = client.exceptions

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**arguments: Any) -> Any:
            if name == "put_secret_value":
                self._as_aws_would(arguments["SecretId"], arguments["ClientRequestToken"], arguments["SecretString"])
            answer = getattr(self._client, name)(**arguments)
            self._watch(name)
            return answer

        return call

    def _as_aws_would(self, secret: str, version: str, value: str) -> None:
        try:
            found = self._client.get_secret_value(SecretId=secret, VersionId=version)
        except self.exceptions.ResourceNotFoundException:
            stages = self._client.describe_secret(SecretId=secret)["VersionIdsToStages"]
            if (pending := next((v for v in stages if "AWSPENDING" in stages[v]), None)) not in (None, version):
                self._client.update_secret_version_stage(
                    SecretId=secret, VersionStage="AWSPENDING", RemoveFromVersionId=pending, MoveToVersionId=version
                )
            return
        assert found["SecretString"] == value, "AWS refuses to overwrite a version"


class Bench:
    """AWS, a database, and secrets in the one for users of the other."""

    def __init__(
        self,
        sandbox: Sandbox,
        strategy: str = "postgresql-single-user",
        *,
        function: str | None = None,
        **environment: str,
    ) -> None:
        """Args: function: The ARN of one that moto knows. Default: makes one. environment: The function's, besides."""
        self.sandbox = sandbox
        self.client = sandbox.moto.client("secretsmanager")
        self.environment = {
            "ROTATION_STRATEGY": strategy,
            "PLAINTEXT_ON_LOOPBACK": "true",
            "LOCK_TIMEOUT_SECONDS": "1",
            **environment,
        }
        self._function = function or function_arn(sandbox)

    def user(self, *, attributes: str = "", made_by: str | None = None) -> dict[str, Any]:
        """A new user of the database, as a secret describes it."""
        name, password = f"app-{uuid.uuid4().hex[:10]}", uuid.uuid4().hex
        with self.sandbox.postgres.superuser() as connection:
            if made_by:
                connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(made_by)))
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN " + attributes + " PASSWORD {}").format(
                    sql.Identifier(name), sql.Literal(password)
                )
            )
        return self.login(name, password)

    def login(self, user: str, password: str) -> dict[str, Any]:
        """A secret's fields."""
        postgres = self.sandbox.postgres
        return {
            "engine": "postgres",
            "host": postgres.host,
            "port": postgres.port(),
            "dbname": postgres.database,
            "username": user,
            "password": password,
        }

    def secret(self, fields: Mapping[str, Any]) -> str:
        """A secret with a first value; its ARN."""
        name = f"rotated-{uuid.uuid4().hex[:10]}"
        return str(self.client.create_secret(Name=name, SecretString=json.dumps(fields))["ARN"])

    def begin(self, secret: str) -> str:
        """What RotateSecret does first: a version that is pending and empty; its token."""
        token = str(uuid.uuid4())
        while not self._begins(secret, token):
            for version, labels in self.labels(secret).items():
                if {"AWSPENDING", "AWSCURRENT"} <= set(labels):
                    self.client.update_secret_version_stage(
                        SecretId=secret, VersionStage="AWSPENDING", RemoveFromVersionId=version
                    )
        return token

    def _begins(self, secret: str, token: str) -> bool:
        """Whether moto lets a rotation begin: not while the current version is the pending one, which another rotation
        can make it at any moment."""
        try:
            self.client.rotate_secret(
                SecretId=secret,
                ClientRequestToken=token,
                RotationLambdaARN=self._function,
                RotationRules={"AutomaticallyAfterDays": 30},
            )
        except self.client.exceptions.InvalidRequestException as error:
            if "still in progress" not in str(error):
                raise
            return False
        return True

    def step(self, name: str, secret: str, token: str, watch: Watch = lambda _: None) -> None:
        """One step."""
        event = {"Step": name, "SecretId": secret, "ClientRequestToken": token}
        step(event, AwsClient(self.client, watch), self.environment)

    def run(self, secret: str, token: str, watch: Watch = lambda _: None) -> None:
        """All steps."""
        for name in STEPS:
            self.step(name, secret, token, watch)

    def rotate(self, secret: str) -> str:
        """All of it; the token."""
        token = self.begin(secret)
        self.run(secret, token)
        return token

    def fields(self, secret: str, stage: str = "AWSCURRENT") -> dict[str, Any]:
        """What a version holds."""
        found = self.client.get_secret_value(SecretId=secret, VersionStage=stage)
        return dict(json.loads(found["SecretString"]))

    def labels(self, secret: str) -> dict[str, list[str]]:
        """Version -> its labels, without versions that have none: AWS does not show those."""
        found = self.client.describe_secret(SecretId=secret)["VersionIdsToStages"]
        return {version: sorted(labels) for version, labels in found.items() if labels}

    def logs_in(self, fields: Mapping[str, Any]) -> bool:
        """Whether the database accepts a secret's fields, asked by another driver than the function's."""
        try:
            self.connect(fields).close()
        except psycopg.OperationalError as error:
            if "authentication failed" not in str(error):
                raise
            return False
        return True

    def connect(self, fields: Mapping[str, Any]) -> psycopg.Connection:
        """As an application would."""
        return psycopg.connect(
            host=fields["host"],
            port=fields["port"],
            dbname=fields["dbname"],
            user=fields["username"],
            password=fields["password"],
            autocommit=True,
        )


def function_arn(sandbox: Sandbox) -> str:
    """A Lambda function that moto knows, and does not run."""
    iam = sandbox.moto.client("iam")
    functions = sandbox.moto.client("lambda")
    with _moto_settings(sandbox) as post:
        post("config", json={"lambda": {"use_docker": False}})
    with signatures_unchecked(sandbox):
        return str(_function(functions, iam))


@contextmanager
def signatures_unchecked(sandbox: Sandbox) -> Iterator[None]:
    """For requests to Lambda without a body: moto takes parts of their path for one, and so expects another signature
    than botocore makes."""
    with _moto_settings(sandbox) as post:
        post("reset-auth", data=b"inf")
        try:
            yield
        finally:
            post("reset-auth", data=b"0")


def _function(functions: Any, iam: Any) -> str:
    try:
        return str(functions.get_function(FunctionName="rotate")["Configuration"]["FunctionArn"])
    except functions.exceptions.ResourceNotFoundException:
        pass
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName="rotate", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", "")
    made = functions.create_function(
        FunctionName="rotate", Runtime="python3.13", Role=role, Handler="index.run", Code={"ZipFile": code.getvalue()}
    )
    return str(made["FunctionArn"])


@contextmanager
def _moto_settings(sandbox: Sandbox) -> Iterator[Callable[..., None]]:
    with requests.Session() as session:
        session.trust_env = False

        def post(path: str, **body: Any) -> None:
            session.post(f"{sandbox.moto.endpoint}/moto-api/{path}", timeout=5, **body).raise_for_status()

        yield post


@contextmanager
def watched_database(watch: Watch) -> Iterator[None]:
    """Every login to PostgreSQL and every statement of the function is told to `watch`, once it has taken effect."""
    import pg8000.native

    class Connection(pg8000.native.Connection):  # type: ignore[misc]
        def __init__(self, *arguments: Any, **more: Any) -> None:
            super().__init__(*arguments, **more)
            try:
                watch("login")
            except BaseException:
                self.close()
                raise

        def run(self, statement: str, *arguments: Any, **more: Any) -> Any:
            rows = super().run(statement, *arguments, **more)
            watch(" ".join(statement.split()[:2]))
            return rows

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pg8000.native, "Connection", Connection)
        yield


class KilledError(BaseException):
    """The function's process is gone: nothing of it runs any more, as nothing catches this."""


class KillAfter:
    """Ends the function once so many calls have taken effect."""

    def __init__(self, calls: int) -> None:
        self._left = calls
        self.seen: list[str] = []

    def __call__(self, name: str) -> None:
        self.seen.append(name)
        self._left -= 1
        if self._left == 0:
            raise KilledError
