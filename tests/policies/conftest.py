"""The stack that passes every rule; each test breaks it in one way."""

import pytest

from support.policy_pack import GOOD_STACK, Stack


@pytest.fixture
def stack() -> Stack:
    return GOOD_STACK
