"""What the stand-in tries again, as the official provider's client does. A server of the test stands for Vault."""

import pytest

from strongroom_sandbox.providers.vault import api
from strongroom_sandbox.providers.vault.api import ServerError, Vault
from support.http import Answer, Request, serving


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "_PAUSE_SECONDS", 0)


def _asked(statuses: list[int]) -> tuple[int, str]:
    """Writes once to a server that answers with these statuses, the last one for ever: how often it was asked, and what
    the writer was told."""
    asked: list[Request] = []

    def respond(request: Request) -> Answer:
        if request.path == "/v1/sys/capabilities-self":  # of a refusal, to say what the policy lacks
            return Answer({"data": {"pki/config/urls": ["read"]}})
        asked.append(request)
        status = statuses[min(len(asked), len(statuses)) - 1]
        return Answer({"data": {}} if status == 200 else {"errors": ["transaction commit failed"]}, status)

    with serving(respond) as address:
        try:
            Vault.connect(address, "token", None).write("pki/config/urls", {"a": 1})
        except ServerError as error:
            told = str(error)
        else:
            told = ""
    assert {(request.method, request.path, str(request.body)) for request in asked} == {
        ("POST", "/v1/pki/config/urls", "{'a': 1}")
    }
    return len(asked), told


@pytest.mark.parametrize("status", [500, 502, 503, 412, 429])
def test_what_the_server_failed_to_do_is_tried_again(status: int) -> None:
    assert _asked([status, 200]) == (2, "")
    assert _asked([status, status, 200]) == (3, "")


def test_after_three_tries_the_server_is_believed() -> None:
    times, told = _asked([500])
    assert times == 3
    assert "answered 500: transaction commit failed" in told


@pytest.mark.parametrize("status", [400, 405, 501])
def test_what_the_server_refused_is_not_tried_again(status: int) -> None:
    times, told = _asked([status])
    assert times == 1
    assert f"answered {status}" in told


def test_what_a_policy_does_not_give_is_not_tried_again() -> None:
    times, told = _asked([403])
    assert times == 1
    assert "do not give `create` or `update` on pki/config/urls" in told
    assert "(they give read)" in told
