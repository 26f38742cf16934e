"""Settings of a server as a whole: what may be written and what is planned."""

from pathlib import Path

import pytest

from strongroom.vault.server_settings.plan import ServerSettings
from support.docs import example
from support.projects import PROD, ProjectFolder


def _with(folder: ProjectFolder, settings: str) -> ProjectFolder:
    return folder.append(PROD, f"vault: {{server: {settings}}}\n")


def test_all_settings_are_planned_in_order(folder: ProjectFolder) -> None:
    _with(
        folder,
        "{cors: {origins: ['https://b.example', 'https://a.example:8443'], headers: [X-Trace]}, "
        "ui_headers: {X-Frame-Options: [DENY]}, audited_headers: {X-Request-Id: {hmac: false}, User-Agent: {}}, "
        "rate_limiting: {}}",
    )
    assert folder.plan("prod").of(ServerSettings) == (
        ServerSettings(
            slice="platform",
            cors_origins=("https://a.example:8443", "https://b.example"),
            cors_headers=("X-Trace",),
            ui_headers=(("X-Frame-Options", ("DENY",)),),
            audited_headers=(("User-Agent", True), ("X-Request-Id", False)),
            rate_limiting=(True, True),
        ),
    )
    assert folder.plan("dev").of(ServerSettings) == ()


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ("{cors: {origins: ['*']}}", ".cors.origins[0]: the URL must begin with https://"),
        ("{cors: {origins: ['http://a.example']}}", ".cors.origins[0]: the URL must begin with https://"),
        ("{cors: {origins: ['https://a.example/x']}}", ".cors.origins[0]: an origin has no path"),
        ("{cors: {origins: []}}", ".cors.origins: "),
        ("{cors: {origins: ['https://a.example'], headers: [X-Vault-Token]}}", "allows 'X-Vault-Token' anyway"),
        ("{ui_headers: {X-Vault-Foo: [a]}}", "headers that begin with X-Vault- are the server's own"),
        ("{ui_headers: {X-Foo: []}}", ".ui_headers.X-Foo: "),
        ('{ui_headers: {X-Foo: ["a\\nb"]}}', ".ui_headers.X-Foo[0]: "),
        ("{audited_headers: {'X Y': {}}}", "the header has U+0020 SPACE at character 2"),
        ("{audited_headers: {Authorization: {hmac: false}}}", "'Authorization' carries a credential"),
        ("{audited_headers: {x-a: {}, X-A: {}}}", "'x-a' and 'X-A' are one header"),
    ],
)
def test_what_opens_a_server_or_means_nothing_is_refused(folder: ProjectFolder, settings: str, problem: str) -> None:
    (found,) = _with(folder, settings).problems()
    assert "environments/prod.yaml:4:" in found
    assert problem in found


def test_the_example_of_the_documentation_is_sound(tmp_path: Path) -> None:
    (settings,) = example("vault/server-settings.md", tmp_path).plan("prod").of(ServerSettings)
    assert settings.audited_headers == (("User-Agent", True), ("X-Forwarded-For", False))
    assert settings.rate_limiting == (True, True)
