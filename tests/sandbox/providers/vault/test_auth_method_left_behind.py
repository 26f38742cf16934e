"""An auth method whose configuration fails is taken away again, and if that fails too the engine hears of it."""

from typing import Any

import pytest

from strongroom_sandbox.providers.frame.errors import UnansweredError
from strongroom_sandbox.providers.vault import auth_mount, jwt
from strongroom_sandbox.providers.vault.api import ServerError
from strongroom_sandbox.providers.vault.auth_mount import AuthMountRow

CONFIGURED = next(row for row in jwt.ROWS if isinstance(row, AuthMountRow))
TUNED = next(row for row in auth_mount.ROWS if isinstance(row, AuthMountRow))
SEALED = ServerError("the server is sealed", 503)


def refuse(*_: Any) -> None:
    raise SEALED


@pytest.mark.parametrize("sealed_for_good", [True, False])
@pytest.mark.parametrize("row", [CONFIGURED, TUNED], ids=["configured", "tuned"])
def test_a_method_that_cannot_be_taken_away_again_is_told_to_the_engine(
    monkeypatch: pytest.MonkeyPatch, row: AuthMountRow, sealed_for_good: bool
) -> None:
    disabled: list[str] = []

    class Place:
        server, path = None, "cluster-prod"

        def enable(self, body: Any) -> None:
            assert body["type"] == "jwt"

        def tune(self, settings: Any) -> None:
            if row is TUNED:
                refuse(settings)

        def disable(self) -> None:
            if sealed_for_good:
                raise SEALED
            disabled.append(self.path)

    monkeypatch.setattr(type(CONFIGURED), "_configure", refuse)
    monkeypatch.setattr(auth_mount, "auth_place", lambda *_: Place())
    with pytest.raises(UnansweredError if sealed_for_good else ServerError, match="sealed") as caught:
        row.create(None, {"path": "cluster-prod", "type": "jwt"})  # type: ignore[arg-type]
    assert isinstance(caught.value, UnansweredError) == sealed_for_good
    assert disabled == ([] if sealed_for_good else ["cluster-prod"])
    assert row.identity_before({"path": "cluster-prod", "type": "jwt"}) == "cluster-prod"
