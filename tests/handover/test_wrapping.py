"""Handing over: what was fetched or exchanged on the way is found out, and no error holds the token."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import hvac
import pytest
import requests

from strongroom.handover.wrapping import HandoverError, TamperedError, Wrapped, unwrap, wrapped
from strongroom.vault.connection import Connection, ServerError
from support.http import Answer, Request, serving

TOKEN = "canary-of-the-wrapping"
PATH = "auth/machines/role/r/secret-id"
GONE = Answer({"errors": ["wrapping token is not valid or does not exist"]}, 400)


class Server:
    """Answers what it was told, and remembers what it was asked."""

    def __init__(self, **answers: Answer) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def respond(self, request: Request) -> Answer:
        name = request.path.rpartition("/")[2].replace("-", "_")
        self.asked.append(name)
        return self.answers[name]


@contextmanager
def _connection(server: Server) -> Iterator[Connection]:
    with serving(server.respond) as url, requests.Session() as session:
        session.trust_env = False
        yield Connection(hvac.Client(url=url, token="", session=session))


def _looked_up(path: str) -> Answer:
    return Answer({"data": {"creation_path": path, "creation_ttl": 60}})


def test_what_was_made_is_fetched_after_its_path_was_compared() -> None:
    server = Server(lookup=_looked_up(PATH), unwrap=Answer({"data": {"secret_id": "s"}}))
    with _connection(server) as connection:
        assert unwrap(connection, TOKEN, PATH) == {"secret_id": "s"}
    assert server.asked == ["lookup", "unwrap"]


def test_a_token_that_was_made_elsewhere_is_not_used() -> None:
    server = Server(lookup=_looked_up("sys/wrapping/wrap"))
    with (
        _connection(server) as connection,
        pytest.raises(TamperedError, match=f"made at sys/wrapping/wrap and not at {PATH}"),
    ):
        unwrap(connection, TOKEN, PATH)
    assert server.asked == ["lookup"]


@pytest.mark.parametrize("answers", [{"lookup": GONE}, {"lookup": _looked_up(PATH), "unwrap": GONE}])
def test_what_is_gone_may_be_somebody_elses(answers: dict[str, Answer]) -> None:
    with _connection(Server(**answers)) as connection, pytest.raises(TamperedError, match="has the secret") as caught:
        unwrap(connection, TOKEN, PATH)
    assert TOKEN not in str(caught.value)


def test_another_failure_of_the_server_is_told_as_what_it_is() -> None:
    server = Server(lookup=Answer({"errors": ["Vault is sealed"]}, 503))
    with _connection(server) as connection, pytest.raises(ServerError, match="sealed"):
        unwrap(connection, TOKEN, PATH)


def test_that_the_second_question_fails_does_not_mean_that_somebody_has_the_secret() -> None:
    for answer in (Answer({"errors": ["Vault is sealed"]}, 503), Answer({"errors": ["internal error"]}, 500)):
        server = Server(lookup=_looked_up(PATH), unwrap=answer)
        with _connection(server) as connection, pytest.raises(ServerError) as caught:
            unwrap(connection, TOKEN, PATH)
        assert caught.value.status == answer.status
        assert "has the secret" not in str(caught.value)
        assert TOKEN not in str(caught.value)


def test_an_empty_answer_is_no_secret() -> None:
    server = Server(lookup=_looked_up(PATH), unwrap=Answer({"data": None}))
    with _connection(server) as connection, pytest.raises(HandoverError, match="is empty"):
        unwrap(connection, TOKEN, PATH)


def test_the_answer_stays_on_the_server_and_its_token_is_in_no_repr() -> None:
    info: dict[str, Any] = {"token": TOKEN, "creation_path": PATH, "ttl": 300}
    with _connection(Server(secret_id=Answer({"data": None, "wrap_info": info}))) as connection:
        made = wrapped(connection, PATH, {}, 300)
    assert made == Wrapped(TOKEN, PATH, 300)
    assert TOKEN not in repr(made)


def test_a_server_that_wraps_nothing_is_an_error() -> None:
    server = Server(secret_id=Answer({"data": None, "warnings": ["there is none"]}))
    with _connection(server) as connection, pytest.raises(HandoverError, match="it said: there is none"):
        wrapped(connection, PATH, {}, 300)
