"""The prompt, on a real terminal: what is typed does not appear, and giving up writes nothing."""

import pytest

from support.terminal import Terminal
from support.values_bench import Bench

ASKED = "payments/stripe/api_key: "
AGAIN = "once more, to be sure: "


def _answer(terminal: Terminal, question: str, text: str) -> None:
    terminal.wait_for(question)
    terminal.type(f"{text}\n")


def test_a_value_is_asked_for_twice_and_does_not_appear(bench: Bench) -> None:
    with bench.on_terminal("put", "payments/stripe/api_key") as terminal:
        _answer(terminal, ASKED, "typed-canary")
        _answer(terminal, AGAIN, "typed-canary")
        assert terminal.wait() == 0
    assert "version 1" in terminal.shown
    assert "canary" not in terminal.shown
    assert bench.stored() == {"api_key": "typed-canary"}


def test_every_field_of_a_whole_secret_is_asked_for(bench: Bench) -> None:
    with bench.on_terminal("put", "payments/stripe") as terminal:
        for field in ("api_key", "webhook_secret"):
            _answer(terminal, f"payments/stripe/{field}: ", f"{field}-canary")
            _answer(terminal, AGAIN, f"{field}-canary")
        assert terminal.wait() == 0
    assert "canary" not in terminal.shown
    assert bench.stored() == {"api_key": "api_key-canary", "webhook_secret": "webhook_secret-canary"}


def test_two_that_differ_and_an_empty_one_are_asked_for_again(bench: Bench) -> None:
    with bench.on_terminal("put", "payments/stripe/api_key") as terminal:
        _answer(terminal, ASKED, "canary-one")
        _answer(terminal, AGAIN, "canary-two")
        terminal.wait_for("The two differ")
        _answer(terminal, ASKED, "")
        terminal.wait_for("It cannot be empty")
        _answer(terminal, ASKED, "canary-three")
        _answer(terminal, AGAIN, "canary-three")
        assert terminal.wait() == 0
    assert "canary" not in terminal.shown
    assert bench.stored() == {"api_key": "canary-three"}


@pytest.mark.parametrize("given_up", ["\x03", "\x04"], ids=["ctrl-c", "ctrl-d"])
def test_giving_up_writes_nothing_and_shows_no_traceback(bench: Bench, given_up: str) -> None:
    with bench.on_terminal("put", "payments/stripe") as terminal:
        _answer(terminal, ASKED, "typed-canary")
        _answer(terminal, AGAIN, "typed-canary")
        terminal.wait_for("payments/stripe/webhook_secret: ")
        terminal.type(given_up)
        assert terminal.wait() != 0
    assert "Traceback" not in terminal.shown
    assert "canary" not in terminal.shown
    assert bench.nothing_stored()
