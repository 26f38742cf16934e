"""Values that follow a secret to its new place: through one process, shown nowhere."""

import subprocess

import pytest

from support import canary
from support.values_bench import OPERATOR, Bench

VALUES = {"api_key": "copy-canary-of-a-key-51d7", "webhook_secret": "copy-canary-of-a-secret-80c2"}
READER = (
    OPERATOR
    + """
path "{mount}/data/payments/old" {{ capabilities = ["read"] }}
"""
)


def _copy(bench: Bench, source: str, target: str = "payments/stripe") -> "subprocess.CompletedProcess[str]":
    """As an operator who may read the old place too."""
    token = bench.token(READER.format(mount=bench.mount))
    return bench.run("copy", f"{bench.mount}/{source}", target, environment={"VAULT_TOKEN": token})


def test_the_newest_values_are_copied_and_the_old_place_keeps_them(bench: Bench) -> None:
    bench.write({**VALUES, "api_key": "older"}, cas=0, path="payments/old")
    bench.write({**VALUES, "legacy": "nobody declared it"}, cas=1, path="payments/old")
    done = _copy(bench, "payments/old")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"payments/stripe: version 1, with the values of {bench.mount}/payments/old\n"
    assert bench.stored() == VALUES
    assert bench.stored("payments/old")["legacy"] == "nobody declared it"
    for value in VALUES.values():
        assert canary.files_with(value, bench.project, bench.home) == []


def test_a_version_1_store_is_read_too(bench: Bench) -> None:
    mount = f"{bench.mount}-v1"
    bench.root.sys.enable_secrets_engine("kv", path=mount, options={"version": "1"})
    try:
        bench.root.write_data(f"{mount}/payments/old", data=VALUES)
        policy = OPERATOR.format(mount=bench.mount) + f'path "{mount}/*" {{ capabilities = ["read"] }}'
        environment = {"VAULT_TOKEN": bench.token(policy)}
        done = bench.run("copy", f"{mount}/payments/old", "payments/stripe", environment=environment)
        assert (done.returncode, done.stderr) == (0, "")
        assert bench.stored() == VALUES
    finally:
        bench.root.sys.disable_secrets_engine(mount)


def test_values_that_are_there_are_never_overwritten(bench: Bench) -> None:
    bench.write(VALUES, cas=0, path="payments/old")
    bench.write({"api_key": "newer"}, cas=0)
    done = _copy(bench, "payments/old")
    assert (done.returncode, done.stderr) == (2, "payments/stripe has values already; nothing was overwritten.\n")
    assert bench.stored() == {"api_key": "newer"}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"api_key": VALUES["api_key"]}, "no value for webhook_secret of payments/stripe; nothing was written.\n"),
        ({**VALUES, "webhook_secret": {"nested": "copy-canary-of-a-secret-80c2"}}, "has values that are no texts"),
        ({}, "there are no values at"),
    ],
)
def test_what_the_secret_does_not_need_or_lacks_is_said_without_a_value(
    bench: Bench, values: dict[str, str], said: str
) -> None:
    bench.write(values, cas=0, path="payments/old")
    done = _copy(bench, "payments/old")
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert not any(canary.is_in(value, done.stdout + done.stderr) for value in VALUES.values())
    assert bench.nothing_stored()


def test_a_place_that_is_none_or_may_not_be_read_is_said_so(bench: Bench) -> None:
    bench.write(VALUES, cas=0, path="payments/secret")
    for source, said in (("payments/secret", "do not give `read`"), ("payments/nothing", "`read`")):
        done = _copy(bench, source)
        assert (done.returncode, said in done.stderr) == (1, True), done.stderr
    done = bench.run("copy", "nowhere/payments/old", "payments/stripe")
    assert done.returncode in (1, 2)
    assert bench.nothing_stored()
