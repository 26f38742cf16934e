"""The Lambda function's package, which runs where nothing but it and boto3 is."""

import hashlib
import importlib.metadata
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from strongroom.aws.rotation.function.strategies import NAMES
from strongroom.aws.rotation.package import DISTRIBUTIONS, archive, contents, files, package
from strongroom.aws.rotation.strategy import STRATEGIES, Strategy, driver_of
from strongroom.errors import StrongroomError
from strongroom_sandbox import Sandbox
from strongroom_sandbox.servers.moto import REGION
from support.rotation import STEPS, Bench

OF_THE_RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "urllib3", "dateutil", "six.py")
RUN = """
import json, sys
sys.path[:] = [*sys.argv[1:3], *(path for path in sys.path if "site-packages" not in path)]
from strongroom_rotation.handler import handle
for event in json.load(sys.stdin):
    handle(event)
print(json.dumps({name: module.__file__ for name, module in sys.modules.items() if getattr(module, "__file__", None)}))
"""


@pytest.fixture(scope="module")
def callback(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a user has one."""
    folder = tmp_path_factory.mktemp("callback")
    shutil.copy(Path(__file__).with_name("callback_of_a_user.py"), folder / "callback.py")
    return folder


def test_the_function_has_exactly_the_strategies_that_can_be_declared() -> None:
    assert NAMES == STRATEGIES


@pytest.mark.parametrize("driver", DISTRIBUTIONS)
def test_a_driver_comes_with_all_that_it_requires_and_nothing_else(driver: str) -> None:
    required, left = set(), list(DISTRIBUTIONS[driver][:1])
    while left:
        required.add(name := left.pop())
        for requirement in importlib.metadata.requires(name) or []:
            if "extra ==" not in requirement and (word := re.match(r"[\w-]+", requirement)):
                left += {word[0]} - required
    assert required == set(DISTRIBUTIONS[driver])


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_package_is_pure_python_and_small(strategy: Strategy, callback: Path) -> None:
    names = zipfile.ZipFile(io.BytesIO(package(strategy, callback=callback))).namelist()
    assert names == sorted(names)
    assert {Path(name).suffix for name in names if ".dist-info/" not in name} == {".py"}
    assert not [name for name in names if "__pycache__" in name or name.startswith(("/", ".")) or "RECORD" in name]
    assert len(package(strategy, callback=callback)) < 10_000_000


def test_a_package_has_one_driver_and_its_licence() -> None:
    names = list(files("mysql-single-user"))
    assert {name.partition("/")[0] for name in names if ".dist-info" not in name} == {"strongroom_rotation", "pymysql"}
    assert [name for name in names if "LICENSE" in name]


def test_the_same_contents_give_the_same_bytes_whatever_their_order_and_the_time() -> None:
    assert archive({"b": b"2", "a": b"1"}) == archive({"a": b"1", "b": b"2"})
    assert hashlib.sha256(archive({"a": b"1", "b": b"2"})).hexdigest() == (
        "abba080c92582d63232654caf7e671fcc0b40992dd809e155abd224886238e9c"
    )
    assert package("postgresql-single-user") == package("postgresql-single-user")


def test_authorities_and_callback_lie_where_the_function_looks(tmp_path: Path, callback: Path) -> None:
    (tmp_path / "bundle.pem").write_text("pem")
    names = zipfile.ZipFile(io.BytesIO(package("api-key", tmp_path / "bundle.pem", callback))).namelist()
    assert {"ca.pem", "callback.py"} <= set(names)


def test_an_api_key_without_a_callback_is_refused(tmp_path: Path) -> None:
    for folder in (None, tmp_path):
        with pytest.raises(StrongroomError, match=r"needs a callback\.py"):
            contents("api-key", callback=folder)


def test_authorities_that_are_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StrongroomError, match="there is no file"):
        contents("mysql-single-user", tmp_path / "missing.pem")


def test_a_callback_that_would_replace_the_function_is_refused(tmp_path: Path, callback: Path) -> None:
    shutil.copytree(callback, tmp_path, dirs_exist_ok=True)
    (tmp_path / "strongroom_rotation").mkdir()
    (tmp_path / "strongroom_rotation" / "handler.py").touch()
    with pytest.raises(StrongroomError, match=r"strongroom_rotation/handler\.py of the callback would replace"):
        contents("api-key", callback=tmp_path)


@pytest.fixture
def runtime(tmp_path: Path) -> Path:
    """What Lambda's runtime has beside the standard library."""
    folder = tmp_path / "runtime"
    folder.mkdir()
    for name in OF_THE_RUNTIME:
        source = Path(importlib.import_module(name.removesuffix(".py")).__file__ or "")
        (folder / name).symlink_to(source if name.endswith(".py") else source.parent)
    return folder


def run_unpacked(
    bench: Bench, folder: Path, runtime: Path, events: list[dict[str, str]]
) -> "subprocess.CompletedProcess[str]":
    operator = bench.sandbox.moto.operator
    environment = {
        **bench.environment,
        "AWS_ENDPOINT_URL": bench.sandbox.moto.endpoint,
        "AWS_ACCESS_KEY_ID": operator.access_key,
        "AWS_SECRET_ACCESS_KEY": operator.secret_key,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1",
    }
    argv = [sys.executable, "-I", "-B", "-c", RUN, str(folder), str(runtime)]
    return subprocess.run(
        argv, input=json.dumps(events), env=environment, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.engine
@pytest.mark.parametrize("strategy", ["postgresql-single-user", "api-key"])
def test_an_unpacked_package_rotates_where_nothing_else_is_installed(
    servers: Sandbox, tmp_path: Path, runtime: Path, callback: Path, strategy: Strategy
) -> None:
    bench = Bench(servers, strategy)
    first = bench.user()
    secret = bench.secret(first)
    token = bench.begin(secret)
    folder = tmp_path / "task"
    zipfile.ZipFile(io.BytesIO(package(strategy, callback=callback))).extractall(folder)

    events = [{"Step": step, "SecretId": secret, "ClientRequestToken": token} for step in STEPS]
    ran = run_unpacked(bench, folder, runtime, events)

    assert ran.returncode == 0, ran.stderr
    assert bench.fields(secret) != first
    assert bench.labels(secret)[token] == ["AWSCURRENT"]
    modules = json.loads(ran.stdout)
    expected = {"pg8000", "scramp"} if driver_of(strategy) == "postgresql" else {"callback"}
    assert all(Path(modules[name]).is_relative_to(folder) for name in expected)
    assert not [name for name in modules if name == "strongroom" or name.startswith("strongroom.")]


@pytest.mark.engine
@pytest.mark.parametrize("strategy", ["mysql-single-user", "documentdb-single-user", "redshift-single-user"])
def test_an_unpacked_package_has_its_driver_and_says_that_a_database_is_not_there(
    servers: Sandbox, tmp_path: Path, runtime: Path, callback: Path, strategy: Strategy
) -> None:
    bench = Bench(servers, strategy, CONNECT_TIMEOUT_SECONDS="1")
    engine = {"mysql": "mysql", "documentdb": "mongo", "redshift": "redshift"}[driver_of(strategy)]
    secret = bench.secret({"engine": engine, "host": "127.0.0.1", "port": 1, "username": "app", "password": "first"})
    token = bench.begin(secret)
    folder = tmp_path / "task"
    zipfile.ZipFile(io.BytesIO(package(strategy, callback=callback))).extractall(folder)

    events = [{"Step": step, "SecretId": secret, "ClientRequestToken": token} for step in STEPS[:2]]
    ran = run_unpacked(bench, folder, runtime, events)

    assert "RotationError: setSecret of" in ran.stderr, ran.stderr
    assert "its host cannot be connected to" in ran.stderr
    assert "ModuleNotFoundError" not in ran.stderr
    assert "During handling" not in ran.stderr
    assert bench.fields(secret, "AWSPENDING")["password"] not in ran.stderr
