"""What AWS Lambda calls."""

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from . import rotation
from .configuration import Configuration
from .errors import RotationError, describe
from .strategies import strategy
from .versions import Versions

_LOG: Final = logging.getLogger("rotation")
_TALKATIVE: Final = ("boto3", "botocore", "urllib3", "pymongo", "pg8000", "pymysql")
"""At level DEBUG, which Lambda's own setting of the log level can ask for, some of them write what they send."""

_OUT_OF_REACH: Final = ("ConnectTimeoutError", "EndpointConnectionError", "ReadTimeoutError")


def handle(event: Mapping[str, Any], context: object = None) -> None:  # noqa: ARG001 - Lambda's signature
    """One step of a rotation, as Secrets Manager asks for it: `Step`, `SecretId`, `ClientRequestToken`.

    Raises:
        RotationError: It did not succeed. Nothing else is raised, and no other exception is chained to it: tracebacks
            of drivers hold passwords.
    """
    import boto3  # noqa: PLC0415  the runtime's own
    from botocore.config import Config  # noqa: PLC0415

    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    _LOG.setLevel(logging.INFO)
    config = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})
    step(event, boto3.client("secretsmanager", config=config), os.environ)


def step(event: Mapping[str, Any], client: Any, environment: Mapping[str, str]) -> None:
    """The same with a client and an environment. Raises: RotationError: See `handle`."""
    failure = _try(event, client, environment)
    if failure is not None:
        raise RotationError(failure)


def _try(event: Mapping[str, Any], client: Any, environment: Mapping[str, str]) -> str | None:
    where = "the event"
    try:
        name, secret, token = (_text(event, key) for key in ("Step", "SecretId", "ClientRequestToken"))
        where = f"{name} of {secret}, version {token}"
        configuration = Configuration.read(environment, Path(__file__).parent.parent)
        rotation.run(name, Versions(client, secret, token), strategy(configuration))
    except Exception as error:
        failure = f"{where}: {_said(error)}"
        _LOG.error("%s", failure)
        return failure
    _LOG.info("%s: done", where)
    return None


def _said(error: Exception) -> str:
    # Callbacks and drivers raise none of these as they are: it is a call to Secrets Manager.
    if type(error).__name__ in _OUT_OF_REACH:
        return (
            f"Secrets Manager cannot be reached ({type(error).__name__}): in a VPC the function needs an endpoint for "
            "com.amazonaws.<region>.secretsmanager, which admits its security groups, or a NAT gateway"
        )
    return describe(error)


def _text(event: Mapping[str, Any], key: str) -> str:
    if not isinstance(found := event.get(key), str) or not found.isprintable():
        raise RotationError(f"it has no `{key}`: only Secrets Manager calls this function")
    return found
