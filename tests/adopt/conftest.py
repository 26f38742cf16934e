"""Each test of this room sees the answers of both servers."""

import pytest

from strongroom.vault.profile import Flavour
from support.answers import Answers, answers_of


@pytest.fixture(params=["openbao", "vault"])
def flavour(request: pytest.FixtureRequest) -> Flavour:
    chosen: Flavour = request.param
    return chosen


@pytest.fixture
def answers(flavour: Flavour) -> Answers:
    return answers_of(flavour)
