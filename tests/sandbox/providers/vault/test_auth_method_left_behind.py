"""An auth method whose configuration fails is taken away again, and if that fails too the engine hears of it."""

from typing import Any

import pytest

from strongroom_sandbox.providers.frame.errors import UnansweredError
from strongroom_sandbox.providers.frame.row import Written
from strongroom_sandbox.providers.vault import jwt
from strongroom_sandbox.providers.vault.api import ServerError
from strongroom_sandbox.providers.vault.auth_mount import AuthMountRow

ROW = next(row for row in jwt.ROWS if isinstance(row, AuthMountRow))
SEALED = ServerError("the server is sealed", 503)


@pytest.mark.parametrize("sealed_for_good", [True, False])
def test_a_method_that_cannot_be_taken_away_again_is_told_to_the_engine(
    monkeypatch: pytest.MonkeyPatch, sealed_for_good: bool
) -> None:
    disabled: list[str] = []

    class Place:
        def disable(self) -> None:
            if sealed_for_good:
                raise SEALED
            disabled.append("cluster-prod")

    def refuse(*_: Any) -> None:
        raise SEALED

    monkeypatch.setattr(AuthMountRow, "create", lambda *_: Written("cluster-prod"))
    monkeypatch.setattr(type(ROW), "_configure", refuse)
    monkeypatch.setattr(jwt, "auth_place", lambda *_: Place())
    with pytest.raises(UnansweredError if sealed_for_good else ServerError, match="sealed") as caught:
        ROW.create(None, {"path": "cluster-prod", "type": "jwt"})  # type: ignore[arg-type]
    assert isinstance(caught.value, UnansweredError) == sealed_for_good
    assert disabled == ([] if sealed_for_good else ["cluster-prod"])
    assert ROW.identity_before({"path": "cluster-prod", "type": "jwt"}) == "cluster-prod"
