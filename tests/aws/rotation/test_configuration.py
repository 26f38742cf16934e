"""The function's environment variables, and what PostgreSQL stores of a password."""

from pathlib import Path

import psycopg
import pytest

from strongroom.aws.rotation.function.configuration import DEFAULT_EXCLUDED, Configuration
from strongroom.aws.rotation.function.databases.postgresql import Postgresql
from strongroom.aws.rotation.function.databases.quoting import checked, quoted
from strongroom.aws.rotation.function.databases.scram import verifier
from strongroom.aws.rotation.function.errors import RotationError
from strongroom.aws.rotation.function.strategies import NAMES, strategy
from strongroom.aws.rotation.function.value import Value


def read(folder: Path, **environment: str) -> Configuration:
    return Configuration.read({"ROTATION_STRATEGY": "postgresql-single-user", **environment}, folder)


def test_the_defaults_are_safe(tmp_path: Path) -> None:
    configuration = read(tmp_path)
    assert configuration.password_length == 32
    assert configuration.exclude_characters == DEFAULT_EXCLUDED
    assert configuration.ca_file is None
    assert configuration.plaintext_on_loopback is False


def test_authorities_of_the_package_are_found(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("pem")
    assert read(tmp_path).ca_file == tmp_path / "ca.pem"


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({"PASSWORD_LENGTH": "15"}, "write 16 to 64"),
        ({"PASSWORD_LENGTH": "65"}, "write 16 to 64"),
        ({"PASSWORD_LENGTH": "many"}, "write 16 to 64"),
        ({"CONNECT_TIMEOUT_SECONDS": "0"}, "write 1 to 60"),
        ({"PLAINTEXT_ON_LOOPBACK": "yes"}, "write `true` or `false`"),
        ({"CA_FILE": "missing.pem"}, "names no file"),
        ({"ROTATION_STRATEGY": ""}, "is not set"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_write(tmp_path: Path, environment: dict[str, str], why: str) -> None:
    with pytest.raises(RotationError, match=why):
        read(tmp_path, **environment)


def test_an_unknown_strategy_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(RotationError, match=r"write one of postgresql-single-user, .*, api-key"):
        strategy(Configuration(strategy="oracle-single-user"))


def test_each_database_has_its_strategies() -> None:
    for name in NAMES:
        if name != "api-key":
            strategy(Configuration(strategy=name, master_secret_arn="arn"))


def test_a_verifier_has_the_form_that_postgresqls_own_client_gives_it() -> None:
    """That PostgreSQL accepts the password afterwards, the other tests see."""
    computed = verifier("pencil", salt=b"0123456789abcdef")
    theirs = psycopg.pq.PGconn.connect(b"host=127.0.0.1 port=1").encrypt_password(b"pencil", b"u", b"scram-sha-256")
    assert [len(part) for part in computed.split("$")] == [len(part) for part in theirs.decode().split("$")]
    assert verifier("pencil") != verifier("pencil")


def test_identifiers_are_quoted_and_verifiers_checked() -> None:
    assert quoted('a"b') == '"a""b"'
    for name in ("", "a\0b"):
        with pytest.raises(RotationError):
            quoted(name)
    with pytest.raises(RotationError):
        checked("md5'; DROP TABLE x")


@pytest.mark.parametrize(
    ("port", "read_as"),
    [(6543, 6543), ("6543", 6543), (None, None), (0, None), (True, None), ("x", None), (70000, None)],
)
def test_a_port_is_a_number_or_a_text(port: object, read_as: int | None) -> None:
    value = Value({"port": port}, "arn")
    if read_as:
        assert value.port(5432) == read_as
    else:
        with pytest.raises(RotationError, match="is no port"):
            value.port(5432)


def test_one_database_is_told_from_another_by_host_port_and_name() -> None:
    database = Postgresql(Configuration(strategy="postgresql-single-user"))
    base = Value({"engine": "postgres", "host": "db.example.com"}, "arn")
    assert database.target(base) == ("db.example.com", 5432, "postgres")
    assert database.target(base.with_fields(host="DB.example.com", port="5432")) == database.target(base)
