"""The two real servers as judges: what is accepted here they accept, and what is called unreadable they refuse."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strongroom.vault.connection import Connection, ServerError
from strongroom.vault.policy.document import parse
from strongroom.vault.policy.render import policy_text, rule_of
from strongroom.vault.profile import Flavour
from support.policy_texts import GOOD, NO_GOOD, OF_ONE_SERVER, REFUSED
from support.sandbox import Sandboxes

NAME = "document-test"


@pytest.fixture(scope="module", params=["openbao", "vault"])
def flavour(request: pytest.FixtureRequest) -> Flavour:
    chosen: Flavour = request.param
    return chosen


@pytest.fixture(scope="module")
def server(sandboxes: Sandboxes, flavour: Flavour) -> Connection:
    return Connection(sandboxes(flavour).vault.root_client())


def _takes(server: Connection, text: str) -> bool:
    try:
        server.write(f"sys/policies/acl/{NAME}", {"policy": text})
    except ServerError as error:
        if error.status != 400:
            raise
        return False
    return True


def _normal(text: str) -> str:
    return policy_text([], map(rule_of, parse(text)[0]))


@pytest.mark.parametrize("text", GOOD)
def test_a_good_policy_and_its_normal_form_are_taken(server: Connection, text: str) -> None:
    assert _takes(server, text)
    assert _takes(server, _normal(text))


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_called_unreadable_is_refused(server: Connection, text: str) -> None:
    assert not _takes(server, text)


def test_what_is_no_good_is_taken_by_at_least_one_and_so_has_to_be_found_here(sandboxes: Sandboxes) -> None:
    servers = [Connection(sandboxes(flavour).vault.root_client()) for flavour in ("openbao", "vault")]
    assert [text for text in NO_GOOD if not any(_takes(server, text) for server in servers)] == []


@pytest.mark.parametrize("text", OF_ONE_SERVER)
def test_what_one_server_knows_the_other_refuses(server: Connection, flavour: Flavour, text: str) -> None:
    assert _takes(server, text) is (OF_ONE_SERVER[text] == flavour)
    assert _takes(server, _normal(text)) is (OF_ONE_SERVER[text] == flavour)


PIECES = st.sampled_from(
    ["path", '"a"', '"b/*"', "{", "}", "=", ",", "[", "]", '"read"', '"deny"', "capabilities", "policy", "\n", "#c\n",
     "1", "true", '"write"', "min_wrapping_ttl", '"1h"', "allowed_parameters", "/*c*/", '"x', ":", "${", "<<E"]
)  # fmt: skip
BROKEN = st.builds(
    lambda text, at, length, piece: text[: at % len(text)] + piece + text[at % len(text) + length :],
    st.sampled_from(GOOD),
    st.integers(0, 200),
    st.integers(0, 6),
    PIECES | st.just(""),
)


@given(BROKEN | st.lists(PIECES, min_size=1, max_size=12).map(" ".join))
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_other_text_is_judged_otherwise(server: Connection, text: str) -> None:
    stanzas, flaws = parse(text)
    if not flaws:
        assert _takes(server, text), stanzas
    elif any(flaw.syntax for flaw in flaws):
        assert not _takes(server, text), flaws
