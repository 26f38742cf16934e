"""No value leaves the way from the operator to the store: not to the screen, a file, the process list or an error."""

import base64
import json
import subprocess
import time
import traceback
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import hvac
import pytest

from strongroom.errors import StrongroomError
from strongroom.values.store import Stored
from strongroom.values.vault_kv import VaultKvValues
from strongroom.vault.connection import Connection
from strongroom.vault.kv.plan import KvSecret
from support import canary, command
from support.values_bench import Bench

VALUE = 'canary "a&b/c"\n+ü-5d7e9f2a11'
SECRET = KvSecret(
    slice="payments",
    team="payments",
    name="stripe",
    store="kv",
    mount="",
    path="payments/stripe",
    fields=("api_key",),
    rotate_every_seconds=None,
    description="",
)


@pytest.mark.parametrize(
    "text",
    [
        VALUE,
        f"x{VALUE}y",
        json.dumps({"a": VALUE}),
        json.dumps({"log": json.dumps({"a": VALUE})}),
        quote(VALUE, safe=""),
        *(base64.b64encode(f"{'x' * n}{VALUE}yy".encode()).decode() for n in range(4)),
        base64.urlsafe_b64encode(VALUE.encode()).decode(),
    ],
)
def test_the_search_finds_every_spelling(text: str) -> None:
    assert canary.is_in(VALUE, text)


def test_the_search_finds_nothing_where_nothing_is() -> None:
    assert not canary.is_in(VALUE, json.dumps({"a": "another canary", "b": base64.b64encode(b"canary").decode()}))


def _traces(bench: Bench, done: "subprocess.CompletedProcess[str]") -> list[object]:
    shown = [name for name in ("stdout", "stderr") if canary.is_in(VALUE, getattr(done, name))]
    return [*shown, *canary.files_with(VALUE, bench.project.parent)]


@pytest.fixture
def with_temporary_files_here(bench: Bench) -> Bench:
    temporary = bench.project.parent / "tmp"
    temporary.mkdir()
    bench.environment |= {"TMPDIR": str(temporary), "XDG_CACHE_HOME": str(temporary)}
    return bench


def test_a_value_that_is_put_leaves_no_trace_but_in_the_store(with_temporary_files_here: Bench) -> None:
    bench = with_temporary_files_here
    done = bench.run("put", "payments/stripe/api_key", stdin=VALUE.encode())
    assert done.returncode == 0
    assert bench.stored() == {"api_key": VALUE}
    assert _traces(bench, done) == []
    for arguments in (("status",), ("status", "--json"), ("generate", "payments/stripe")):
        assert _traces(bench, bench.run(*arguments)) == []
    assert not canary.is_in(VALUE, bench.sandbox.vault.audit_log.read_bytes())


def test_values_that_are_made_leave_no_trace_but_in_the_store(with_temporary_files_here: Bench) -> None:
    bench = with_temporary_files_here
    done = bench.run("generate", "payments/stripe", "--alphabet", "letters-digits-symbols")
    for made in bench.stored().values():
        assert not canary.is_in(made, done.stdout + done.stderr)
        assert canary.files_with(made, bench.project.parent) == []


@pytest.mark.parametrize(
    "stdin",
    [
        VALUE.encode() + b"\xff",
        json.dumps({"api_key": VALUE, "webhook_secret": 1}).encode(),
        json.dumps({VALUE: "x", "api_key": VALUE, "webhook_secret": VALUE}).encode(),
        VALUE.encode(),
        json.dumps([VALUE]).encode(),
    ],
)
def test_a_value_that_cannot_be_taken_leaves_no_trace(with_temporary_files_here: Bench, stdin: bytes) -> None:
    done = with_temporary_files_here.run("put", "payments/stripe", stdin=stdin)
    assert done.returncode == 2
    assert _traces(with_temporary_files_here, done) == []


def test_a_value_given_as_an_argument_is_refused_and_not_repeated(with_temporary_files_here: Bench) -> None:
    bench = with_temporary_files_here
    for arguments in (
        ("put", "payments/stripe/api_key", VALUE),
        ("put", f"payments/stripe/api_key={VALUE}"),
        ("put", f"payments/stripe/{VALUE}"),
        ("put", "payments/stripe/api_key", f"--value={VALUE}"),
        ("generate", "payments/stripe/api_key", VALUE),
    ):
        done = bench.run(*arguments)
        assert done.returncode == 2
        assert _traces(bench, done) == []
    assert bench.nothing_stored()


def test_the_process_list_never_shows_the_value(bench: Bench) -> None:
    process = subprocess.Popen(
        [command.STRONGROOM, "values", "put", "payments/stripe/api_key", "--stack", "test"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=bench.project,
        env=bench.environment,
    )
    seen = b""
    with process:
        assert process.stdin is not None
        process.stdin.write(VALUE.encode())
        process.stdin.close()
        while process.poll() is None:
            for name in ("cmdline", "environ"):
                try:
                    seen += Path(f"/proc/{process.pid}/{name}").read_bytes()
                except OSError:  # it ended just now
                    break
            time.sleep(0.001)
    assert process.returncode == 0
    assert b"payments/stripe/api_key" in seen
    assert not canary.is_in(VALUE, seen)
    assert bench.stored() == {"api_key": VALUE}


def _write(client: hvac.Client, mount: str, seen: Stored) -> StrongroomError:
    with pytest.raises(StrongroomError) as caught:
        VaultKvValues(Connection(client)).write(replace(SECRET, mount=mount), {"api_key": VALUE}, seen)
    return caught.value


@pytest.mark.parametrize(
    "seen", [Stored(7, frozenset(), None), Stored(7, frozenset({"api_key"}), None)], ids=["post", "patch"]
)
@pytest.mark.parametrize("who", ["root", "nobody"])
def test_no_error_holds_the_value_or_an_exception_that_does(bench: Bench, seen: Stored, who: str) -> None:
    client = bench.root if who == "root" else bench.sandbox.vault.client()
    if who == "nobody":
        client.token = bench.token_for_nothing()
    error = _write(client, bench.mount, seen)
    assert (error.__cause__, error.__context__) == (None, None)
    assert not canary.is_in(VALUE, "".join(traceback.format_exception(error)))
