"""The configuration of the provider `aws`, as far as a stand-in honours it."""

import json
import os
from collections.abc import Iterable, Iterator
from configparser import ConfigParser
from configparser import Error as ConfigError
from pathlib import Path
from typing import Any, Final

import pulumi_aws
from botocore.session import Session
from pulumi.provider.experimental.provider import CheckFailure

from ..frame.check import configuration_failures
from ..frame.errors import StandInError
from ..frame.inputs import inputs_of
from ..frame.loopback import require_loopback
from ..frame.provider import Connector
from ..frame.values import UNKNOWN, Properties
from .api import Aws

_HONOURED: Final = frozenset({"region", "allowedAccountIds", "forbiddenAccountIds", "defaultTags", "endpoints"})
_HARMLESS: Final = frozenset(
    {
        "maxRetries", "retryMode", "skipCredentialsValidation", "skipMetadataApiCheck", "skipRegionValidation",
        "s3UsePathStyle", "stsRegion", "userAgents",
    }
)  # fmt: skip
"""About retries, checks and addresses, in which a stand-in has no choice."""
_CREDENTIALS: Final = frozenset({"accessKey", "secretKey", "token"})


class AwsConnector(Connector[Aws]):
    """Connects with credentials from a file. The region may come from AWS_REGION, the address from AWS_ENDPOINT_URL."""

    package = "aws"

    def __init__(self, credentials_file: Path) -> None:
        self._file = credentials_file
        self._secrets: tuple[str, ...] = _credentials(credentials_file)[1:]

    def check(self, configuration: Properties) -> Iterator[CheckFailure]:
        """Yield a failure for all that is unknown, wrongly typed, or that only the official provider honours."""
        every = inputs_of(pulumi_aws.ProviderArgs)
        for name in sorted(configuration.keys() & every.keys() - _HONOURED - _HARMLESS):
            yield CheckFailure(name, _unsupported(name))
        asked = {name: _parsed(value) for name, value in configuration.items()}
        yield from configuration_failures(asked, pulumi_aws.ProviderArgs, _HONOURED, self.package)
        for service, address in _endpoints(asked):
            try:
                require_loopback(address)
            except StandInError as error:
                yield CheckFailure("endpoints", f"{service}: {error}")

    def connect(self, configuration: Properties) -> Aws:
        """Return a connection, after the account was asked for and is one that is allowed."""
        asked = {name: _parsed(value) for name, value in configuration.items()}
        address = os.environ.get("AWS_ENDPOINT_URL")
        if not address:
            raise StandInError(
                "AWS_ENDPOINT_URL is not set: this is a stand-in for the sandbox only, and never asks AWS itself"
            )
        named = {address for _, address in _endpoints(asked)}
        if len(named) > 1:
            raise StandInError("the stand-in has one address for all services: name the same in all `endpoints`")
        region = asked.get("region") or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        if not region or region is UNKNOWN:
            raise StandInError("no region: set aws:region, or AWS_REGION")
        session = Session()
        if region not in session.get_available_regions("secretsmanager"):
            raise StandInError(f"there is no region {region!r}: correct aws:region, or AWS_REGION")
        key_id, *self_secrets = _credentials(self._file)
        self._secrets = tuple(self_secrets)
        session.set_credentials(key_id, *self_secrets)
        aws = Aws(session, require_loopback(named.pop() if named else address), region)
        identity = aws.call("sts", "get_caller_identity")
        account = str(identity["Account"])
        _refuse_other_accounts(asked, account, str(identity["Arn"]))
        tags = (asked.get("defaultTags") or {}).get("tags") or {}
        return Aws(session, aws.endpoint, region, account, str(identity["Arn"]).split(":")[1], tags)

    def secrets(self) -> Iterable[str]:
        """Return the secret halves of the credentials."""
        return self._secrets


def _refuse_other_accounts(asked: Properties, account: str, who: str) -> None:
    allowed, forbidden = asked.get("allowedAccountIds"), asked.get("forbiddenAccountIds") or []
    if (allowed and account not in allowed) or account in forbidden:
        wanted = f"allowed is {', '.join(allowed)}" if allowed else f"forbidden is {', '.join(forbidden)}"
        raise StandInError(
            f"the credentials belong to account {account} ({who}), and {wanted}: nothing was made. Take credentials of "
            "the account that the environment names, or correct the environment"
        )


def _parsed(value: Any) -> Any:
    """The SDK hands lists, objects and numbers of a configuration on as JSON text."""
    if isinstance(value, str) and value.startswith(("[", "{")):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _endpoints(asked: Properties) -> Iterator[tuple[str, str]]:
    blocks = asked.get("endpoints")
    for block in blocks if isinstance(blocks, list) else []:
        if isinstance(block, dict):
            yield from ((name, text) for name, text in block.items() if isinstance(text, str))


def _credentials(file: Path) -> tuple[str, ...]:
    """Access key, secret key and, if there is one, session token of the profile `default`."""
    parser = ConfigParser(interpolation=None)
    try:
        parser.read_string(file.read_text())
        profile = parser["default"]
        found = [profile["aws_access_key_id"], profile["aws_secret_access_key"], profile.get("aws_session_token")]
    except OSError as error:
        raise StandInError(f"cannot read credentials file {str(file)!r}: {error.strerror}") from error
    except (ConfigError, KeyError):  # their texts hold lines of the file
        raise StandInError(
            f"credentials file {str(file)!r} has no profile [default] with aws_access_key_id and aws_secret_access_key"
        ) from None
    return tuple(value for value in found if value)


def _unsupported(name: str) -> str:
    if name in _CREDENTIALS:
        return "credentials do not belong in the configuration, where they would end in the state: remove this"
    return f"the stand-in does not honour {name!r}: remove it, or use the official provider"
