"""The audit device: by API on Vault, as a stanza for OpenBao's configuration file."""

import pytest

from strongroom.vault.audit.component import VaultAuditDevice, VaultAuditDeviceArgs
from support.mocks import record

ARGS: VaultAuditDeviceArgs = {
    "device": "file",
    "type": "file",
    "options": {"mode": "0600", "file_path": "/var/log/vault/audit.log"},
    "declared_by": "api",
}


def test_by_api_the_device_is_made_and_protected() -> None:
    made = record(lambda: VaultAuditDevice("audit-file", ARGS))
    device = made.named("audit-file-device")
    assert device.type == "vault:index/audit:Audit"
    assert device.parent == "audit-file"
    assert device.inputs == {"path": "file", "type": "file", "options": ARGS["options"]}
    assert device.protect
    assert made.outputs["audit-file"] == {"declared_by": "api", "declaration": ""}


def test_it_is_not_protected_where_data_is_not() -> None:
    made = record(lambda: VaultAuditDevice("audit-file", {**ARGS, "protect_data": False}))
    assert not made.named("audit-file-device").protect


def test_by_server_configuration_nothing_is_made_and_the_stanza_is_an_output() -> None:
    made = record(lambda: VaultAuditDevice("audit-file", {**ARGS, "declared_by": "server configuration"}))
    assert made.leaves == []
    assert made.outputs["audit-file"]["declared_by"] == "server configuration"
    declaration = made.outputs["audit-file"]["declaration"]
    assert 'audit "file" "file"' in declaration
    assert '"/var/log/vault/audit.log"' in declaration


@pytest.mark.parametrize("wrong", ["API", "", "server-configuration"])
def test_another_way_to_declare_it_is_refused_with_those_there_are(wrong: str) -> None:
    with pytest.raises(ValueError, match=f"audit-file: declared_by is '{wrong}'; allowed: 'api', 'server conf"):
        record(lambda: VaultAuditDevice("audit-file", {**ARGS, "declared_by": wrong}))
