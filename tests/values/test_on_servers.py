"""The values channel against a real server, as an operator who may not read values."""

import json
import subprocess
import time

import hvac
import pytest

from support import command
from support.values_bench import Bench

KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQ==\n-----END PRIVATE KEY-----\n"


def _succeeded(done: "subprocess.CompletedProcess[str]") -> str:
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_field_is_put_from_standard_input_without_its_final_line_break(bench: Bench) -> None:
    done = bench.run("put", "payments/stripe/api_key", stdin=b"sk-1\n")
    assert _succeeded(done) == "payments/stripe/api_key: version 1\n"
    assert bench.stored() == {"api_key": "sk-1"}


@pytest.mark.parametrize("key", [KEY, KEY.replace("\n", "\r\n")])
def test_a_private_key_is_put_exactly_as_it_is_in_its_file(bench: Bench, key: str) -> None:
    _succeeded(bench.run("put", "payments/bank-sftp/private_key", "--exact", stdin=key.encode()))
    assert bench.stored("payments/bank-sftp") == {"private_key": key}


def test_what_looks_special_in_shells_json_and_urls_arrives_as_it_is(bench: Bench) -> None:
    value = "'\"$HOME`id`\\\t%41&=?#{{x}} ä\u00a0\U0001f511\u0000 "
    _succeeded(bench.run("put", "payments/stripe/api_key", stdin=value.encode()))
    assert bench.stored() == {"api_key": value}


def test_a_whole_secret_is_put_as_json(bench: Bench) -> None:
    stdin = json.dumps({"api_key": "sk-1", "webhook_secret": KEY}).encode()
    assert _succeeded(bench.run("put", "payments/stripe", stdin=stdin)) == "payments/stripe: version 1\n"
    assert bench.stored() == {"api_key": "sk-1", "webhook_secret": KEY}


def test_a_put_keeps_the_other_fields_declared_or_not(bench: Bench) -> None:
    bench.write({"api_key": "old", "webhook_secret": "kept", "legacy": "kept too"}, cas=0)
    assert "version 2" in _succeeded(bench.run("put", "payments/stripe/api_key", stdin=b"new"))
    assert bench.stored() == {"api_key": "new", "webhook_secret": "kept", "legacy": "kept too"}


@pytest.mark.parametrize("stdin", [b"", b"\n", b"\r\n"])
def test_an_empty_value_is_refused_and_nothing_is_written(bench: Bench, stdin: bytes) -> None:
    done = bench.run("put", "payments/stripe/api_key", stdin=stdin)
    assert done.returncode == 2
    assert done.stderr == "no value for api_key of payments/stripe; nothing was written.\n"
    assert bench.nothing_stored()


def test_a_whole_secret_needs_all_its_fields_and_no_others(bench: Bench) -> None:
    assert bench.run("put", "payments/stripe", stdin=b'{"api_key": "x"}').returncode == 2
    assert bench.run("put", "payments/stripe", stdin=b'{"api_key":"x","webhook_secret":"y","z":"z"}').returncode == 2
    assert bench.nothing_stored()


def test_values_are_made_and_never_shown(bench: Bench) -> None:
    done = bench.run("generate", "payments/stripe", "--length", "40", "--format", "hex")
    assert _succeeded(done) == "payments/stripe: version 1, made api_key, webhook_secret\n"
    made = bench.stored()
    assert {len(value) for value in made.values()} == {80}
    assert made["api_key"] != made["webhook_secret"]


def test_generating_again_changes_nothing_unless_a_rotation_is_asked_for(bench: Bench) -> None:
    _succeeded(bench.run("generate", "payments/stripe"))
    before = bench.stored()
    again = _succeeded(bench.run("generate", "payments/stripe"))
    assert again == "payments/stripe: version 1, has its values already; --replace makes new ones\n"
    assert bench.stored() == before
    assert "version 2, made api_key" in _succeeded(bench.run("generate", "payments/stripe/api_key", "--replace"))
    after = bench.stored()
    assert after["api_key"] != before["api_key"]
    assert after["webhook_secret"] == before["webhook_secret"]


def test_all_missing_values_are_made_at_once_and_none_is_replaced(bench: Bench) -> None:
    bench.write({"api_key": "kept"}, cas=0)
    lines = _succeeded(bench.run("generate", "--missing")).splitlines()
    assert lines == [
        "payments/bank-sftp: version 1, made private_key",
        "payments/stripe: version 2, made webhook_secret",
    ]
    assert bench.stored()["api_key"] == "kept"
    assert bench.stored("payments/bank-sftp").keys() == {"private_key"}


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("payments/stripe", "--missing"),
        ("--missing", "--replace"),
        ("payments/stripe", "--length", "3"),
        ("payments/stripe", "--format", "b64"),
        ("payments/stripe", "--alphabet", "hexa"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_the_store_is_asked(bench: Bench, arguments: tuple[str, ...]) -> None:
    done = bench.run("generate", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert bench.requests() == []


def _while_it_waits_for_its_value(bench: Bench) -> "subprocess.Popen[bytes]":
    """A `put` that has looked at the store and now waits for standard input."""
    process = subprocess.Popen(
        [command.STRONGROOM, "values", "put", "payments/stripe/api_key", "--stack", "test"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=bench.project,
        env=bench.environment,
    )
    until = time.monotonic() + 30
    while ("read", "metadata/payments/stripe") not in bench.requests():
        assert time.monotonic() < until
        assert process.poll() is None
        time.sleep(0.02)
    return process


@pytest.mark.parametrize("there_before", [False, True])
def test_a_write_by_somebody_else_in_the_meantime_is_noticed_and_not_overwritten(
    bench: Bench, there_before: bool
) -> None:
    if there_before:
        bench.write({"api_key": "first", "webhook_secret": "kept"}, cas=0)
    with _while_it_waits_for_its_value(bench) as process:
        # Its look at the store has two requests where there is something; the second one may be on its way.
        while there_before and ("read", "subkeys/payments/stripe") not in bench.requests():
            time.sleep(0.02)
        bench.write({"api_key": "theirs"}, cas=int(there_before))
        out, error = process.communicate(b"mine-canary", timeout=30)
    assert process.returncode == 1
    assert out == b""
    assert error.decode().startswith("payments/stripe was changed by somebody else in the meantime; nothing was writ")
    assert b"canary" not in error
    assert bench.stored() == {"api_key": "theirs"}


def test_a_secret_that_was_removed_in_the_meantime_is_not_brought_back(bench: Bench) -> None:
    bench.write({"api_key": "first", "webhook_secret": "kept"}, cas=0)
    with _while_it_waits_for_its_value(bench) as process:
        while ("read", "subkeys/payments/stripe") not in bench.requests():
            time.sleep(0.02)
        bench.root.secrets.kv.v2.delete_latest_version_of_secret("payments/stripe", mount_point=bench.mount)
        _, error = process.communicate(b"mine", timeout=30)
    assert process.returncode == 1
    assert b"was changed by somebody else" in error
    with pytest.raises(hvac.exceptions.InvalidPath):
        bench.stored()


def test_status_shows_versions_ages_and_what_is_missing_or_not_declared(bench: Bench) -> None:
    bench.write({"api_key": "x", "legacy": "y"}, cas=0)
    rows = [line.split() for line in _succeeded(bench.run("status")).splitlines()]
    assert rows[1][:3] == ["payments/bank-sftp", "none", "private_key"]
    assert rows[2][:2] == ["payments/stripe", "1"]
    assert rows[2][2].endswith(("s", "m"))
    assert rows[2][3:] == ["webhook_secret", "not", "declared:", "legacy"]


def test_status_for_programs_is_json_and_nothing_else(bench: Bench) -> None:
    bench.write({"api_key": "x"}, cas=0)
    bench.write({"api_key": "x", "webhook_secret": "y"}, cas=1)
    found = {entry["secret"]: entry for entry in json.loads(_succeeded(bench.run("status", "--json")))}
    assert found["payments/stripe"]["version"] == 2
    assert found["payments/stripe"]["missing"] == found["payments/stripe"]["undeclared"] == []
    assert found["payments/stripe"]["overdue"] is False
    assert found["payments/bank-sftp"] == {
        "secret": "payments/bank-sftp",
        "version": 0,
        "created": None,
        "missing": ["private_key"],
        "undeclared": [],
        "overdue": False,
        "problem": None,
    }


def test_a_check_of_the_status_fails_while_a_value_is_missing(bench: Bench) -> None:
    assert bench.run("status", "--check").returncode == 1
    _succeeded(bench.run("generate", "--missing"))
    assert bench.run("status", "--check").returncode == 0


def test_a_value_older_than_it_may_become_is_overdue(bench: Bench) -> None:
    catalog = bench.project / "stacks/catalog/payments.yaml"
    catalog.write_text(catalog.read_text().replace("90d", "1s"))
    _succeeded(bench.run("generate", "--missing"))
    time.sleep(1.1)  # the server's clock is what ages are counted by
    done = bench.run("status", "--check")
    assert done.returncode == 1
    assert "overdue: rotate every 1s" in done.stdout


def test_a_field_is_removed_and_the_others_stay(bench: Bench) -> None:
    bench.write({"api_key": "x", "webhook_secret": "kept"}, cas=0)
    assert _succeeded(bench.run("rm", "payments/stripe/api_key", "--yes")) == "payments/stripe/api_key: deleted\n"
    assert bench.stored() == {"webhook_secret": "kept"}


def test_a_removed_secret_can_be_undeleted_and_then_written_again(bench: Bench) -> None:
    bench.write({"api_key": "x", "webhook_secret": "kept"}, cas=0)
    _succeeded(bench.run("rm", "payments/stripe", "--yes"))
    assert "api_key, webhook_secret" in bench.run("status").stdout
    bench.root.secrets.kv.v2.undelete_secret_versions("payments/stripe", versions=[1], mount_point=bench.mount)
    _succeeded(bench.run("put", "payments/stripe/api_key", stdin=b"new"))
    assert bench.stored() == {"api_key": "new", "webhook_secret": "kept"}


def test_after_a_removal_a_put_begins_anew_with_the_next_version(bench: Bench) -> None:
    bench.write({"api_key": "x", "webhook_secret": "y"}, cas=0)
    _succeeded(bench.run("rm", "payments/stripe", "--yes"))
    assert "version 2" in _succeeded(bench.run("put", "payments/stripe/api_key", stdin=b"new"))
    assert bench.stored() == {"api_key": "new"}


def test_destroying_removes_every_version_for_good(bench: Bench) -> None:
    bench.write({"api_key": "x"}, cas=0)
    bench.write({"api_key": "y"}, cas=1)
    assert _succeeded(bench.run("rm", "payments/stripe", "--destroy", "--yes")) == "payments/stripe: destroyed\n"
    assert bench.nothing_stored()
    assert "version 1" in _succeeded(bench.run("put", "payments/stripe/api_key", stdin=b"new"))


def test_a_single_field_is_not_destroyed(bench: Bench) -> None:
    bench.write({"api_key": "x", "webhook_secret": "y"}, cas=0)
    done = bench.run("rm", "payments/stripe/api_key", "--destroy", "--yes")
    assert done.returncode == 2
    assert "older versions still hold it" in done.stderr
    assert bench.stored() == {"api_key": "x", "webhook_secret": "y"}


@pytest.mark.parametrize("answer", [b"", b"n\n", b"\n"])
def test_nothing_is_removed_unless_it_is_confirmed(bench: Bench, answer: bytes) -> None:
    bench.write({"api_key": "x"}, cas=0)
    done = bench.run("rm", "payments/stripe", stdin=answer)
    assert done.returncode == 1
    assert "delete payments/stripe in test?" in done.stdout
    assert bench.stored() == {"api_key": "x"}


def test_no_command_ever_reads_a_value(bench: Bench) -> None:
    bench.write({"api_key": "x", "legacy": "y"}, cas=0)
    for arguments, stdin in (
        (("status",), b""),
        (("put", "payments/stripe/api_key"), b"z"),
        (("generate", "--missing"), b""),
        (("generate", "payments/stripe", "--replace"), b""),
        (("rm", "payments/stripe/api_key", "--yes"), b""),
        (("rm", "payments/stripe", "--yes"), b""),
        (("rm", "payments/stripe", "--destroy", "--yes"), b""),
    ):
        _succeeded(bench.run(*arguments, stdin=stdin))
    # The operator's policy would refuse it anyway; here it is not even tried.
    requests = bench.requests()
    assert {path.partition("/")[0] for operation, path in requests if operation == "read"} == {"metadata", "subkeys"}
    assert {operation for operation, path in requests if path.startswith("data/")} <= {
        "create",
        "update",
        "patch",
        "delete",
    }
