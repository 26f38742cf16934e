"""Audit devices by API: refused by OpenBao as it comes, taken where it is configured to, as by HashiCorp Vault."""

import os

import pytest

from support.flavours import only_on
from support.stand_in import Engine, ProviderError, serving

from .conftest import DevServer

AUDIT = "vault:index/audit:Audit"


@only_on("openbao")
def test_an_openbao_as_it_comes_refuses_devices_by_api_in_its_own_words(engine: Engine) -> None:
    with pytest.raises(ProviderError, match="use declarative, config-based audit device management instead"):
        engine.made(AUDIT, {"type": "file", "options": {"file_path": "/nowhere/audit.log"}})


def test_a_server_that_takes_devices_by_api_has_one_made_read_replaced_imported_and_deleted(
    dev_server: DevServer,
) -> None:
    file = str(dev_server.folder / "audit.log")
    with serving(dev_server.token_file, dict(os.environ)) as engine:
        engine.configure({"address": dev_server.address})
        identity, state, inputs = engine.made(AUDIT, {"type": "file", "path": "log", "options": {"file_path": file}})
        assert identity == "log"
        assert state["options"] == {"file_path": file}
        again = engine.read(AUDIT, identity, state, inputs)
        assert engine.diff(AUDIT, identity, again["properties"], inputs)["changes"] == "DIFF_NONE"
        changed = inputs | {"options": {"file_path": f"{file}.2"}}
        assert engine.diff(AUDIT, identity, state, changed)["replaces"] == ["options"]
        assert engine.read(AUDIT, "log")["inputs"] == {"type": "file", "path": "log", "options": {"file_path": file}}
        engine.delete(AUDIT, identity, state)
        assert engine.read(AUDIT, identity, state, inputs)["id"] == ""


def test_a_device_without_a_path_lives_at_the_name_of_its_type(dev_server: DevServer) -> None:
    options = {"file_path": str(dev_server.folder / "audit.log")}
    with serving(dev_server.token_file, dict(os.environ)) as engine:
        engine.configure({"address": dev_server.address})
        identity, state, inputs = engine.made(AUDIT, {"type": "file", "options": options})
        assert identity == "file"
        assert engine.diff(AUDIT, identity, state, inputs)["changes"] == "DIFF_NONE"
