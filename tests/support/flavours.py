"""Fixtures of the folders whose tests run on both servers with Vault's API: OpenBao and HashiCorp Vault."""

import pytest

from strongroom.vault.profile import Flavour
from strongroom_sandbox import Sandbox
from support.sandbox import Sandboxes


def only_on(flavour: Flavour) -> pytest.MarkDecorator:
    """For tests that run on one server, whether because only it can serve them or because they ask it nothing."""
    return pytest.mark.parametrize("flavour", [flavour], indirect=True, scope="module")


@pytest.fixture(scope="module", params=["openbao", "vault"])
def flavour(request: pytest.FixtureRequest) -> Flavour:
    """Each of the two. A module that only one can serve says so with `only_on`, and why."""
    chosen: Flavour = request.param
    return chosen


@pytest.fixture(scope="module")
def sandbox(sandboxes: Sandboxes, flavour: Flavour) -> Sandbox:
    """The servers of this flavour; of each there is one for all tests of a worker process."""
    return sandboxes(flavour)
