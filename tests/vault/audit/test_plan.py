"""Audit devices of every kind: what is planned, and the stanza that a server's configuration file gets."""

from pathlib import Path
from textwrap import indent
from typing import Any

import hcl2
import pytest

from strongroom.plan.plan import Plan
from strongroom.vault.audit.plan import BY_API, BY_SERVER_CONFIGURATION, AuditDevice
from strongroom.vault.audit.render import audit_stanza
from support.docs import example
from support.projects import COMMON, ProjectFolder
from support.toolchain import ROOT

EACH_KIND = pytest.mark.parametrize(
    ("written", "kind", "options"),
    [
        ("{file: {path: /var/log/audit.log}}", "file", {"file_path": "/var/log/audit.log", "mode": "0600"}),
        ("{syslog: {}}", "syslog", {"facility": "AUTH", "tag": "vault"}),
        ("{syslog: {facility: LOCAL3, tag: bao}}", "syslog", {"facility": "LOCAL3", "tag": "bao"}),
        ("{socket: {address: 'siem:514'}}", "socket", {"address": "siem:514", "socket_type": "tcp"}),
        (
            "{socket: {address: /run/audit.sock, socket_type: unix}}",
            "socket",
            {"address": "/run/audit.sock", "socket_type": "unix"},
        ),
    ],
)


def _folder(tmp_path: Path, written: str, flavour: str = "vault") -> ProjectFolder:
    folder = ProjectFolder(tmp_path)
    return folder.replace(COMMON, "\nvault:\n", f"\nvault:\n  flavour: {flavour}\n  audit: {{trail: {written}}}\n")


def _device(plan: Plan) -> AuditDevice:
    (device,) = plan.of(AuditDevice)
    return device


@EACH_KIND
def test_a_device_is_planned_with_the_vendors_own_options(
    tmp_path: Path, written: str, kind: str, options: dict[str, str]
) -> None:
    device = _device(_folder(tmp_path, written).plan("dev"))
    assert (device.name, device.type, dict(device.options)) == ("trail-dev", kind, options)
    assert device.slice == "platform"


@EACH_KIND
def test_the_stanza_reads_back_as_what_was_planned(
    tmp_path: Path, written: str, kind: str, options: dict[str, str]
) -> None:
    device = _device(_folder(tmp_path, written).plan("dev"))
    parsed: Any = hcl2.loads(audit_stanza(device.name, device.type, dict(device.options)))  # type: ignore[attr-defined]
    (stanza,) = parsed["audit"]
    assert _unquoted(stanza)[kind]["trail-dev"]["options"] == [options]


@pytest.mark.parametrize(("flavour", "way"), [("vault", BY_API), ("openbao", BY_SERVER_CONFIGURATION)])
def test_each_server_takes_devices_its_own_way(tmp_path: Path, flavour: str, way: str) -> None:
    assert _device(_folder(tmp_path, "{syslog: {}}", flavour).plan("dev")).declared_by == way


@pytest.mark.parametrize(
    "written",
    [
        "{file: {path: relative.log}}",
        "{file: {path: '/a\"b'}}",
        "{file: {path: '/a${b}'}}",
        "{file: {path: /a, mode: '644'}}",
        "{syslog: {facility: MAIL}}",
        "{syslog: {tag: 'a b'}}",
        "{socket: {address: 'a\"b:1'}}",
        "{socket: {address: 'a:1', socket_type: tls}}",
        "{file: {path: /a}, syslog: {}}",
        "{}",
    ],
)
def test_what_no_device_can_be_or_could_leave_its_place_is_refused(tmp_path: Path, written: str) -> None:
    problems = _folder(tmp_path, written).problems()
    assert problems
    assert all(
        problem.startswith("environments/common.yaml:") and "vault.audit.trail" in problem for problem in problems
    )


def test_the_documentation_shows_an_example_that_is_sound_and_the_stanza_of_its_device(tmp_path: Path) -> None:
    trail, siem = sorted(example("vault/audit.md", tmp_path).plan("prod").of(AuditDevice), key=lambda it: it.type)
    assert (trail.name, siem.name, trail.declared_by) == ("trail-prod", "siem-prod", BY_API)
    stanza = audit_stanza(trail.name, trail.type, dict(trail.options))
    assert indent(stanza, "    ") in (ROOT / "docs" / "vault" / "audit.md").read_text("utf-8")


def _unquoted(value: Any) -> Any:
    """hcl2 keeps the quotes of labels and texts."""
    if isinstance(value, dict):
        return {key.strip('"'): _unquoted(inner) for key, inner in value.items() if not key.startswith("__")}
    if isinstance(value, list):
        return [_unquoted(inner) for inner in value]
    return value.strip('"') if isinstance(value, str) else value
