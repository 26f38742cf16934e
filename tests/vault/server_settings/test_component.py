"""The settings of a server as a component."""

import pytest

from strongroom.vault.server_settings.component import VaultServerSettings
from support.mocks import record


def test_only_what_was_given_is_set() -> None:
    made = record(lambda: VaultServerSettings("s", {"audited_headers": {"X-Request-Id": False}}))
    (header,) = made.leaves
    assert header.inputs == {"name": "X-Request-Id", "hmac": False}


def test_all_settings_become_resources() -> None:
    made = record(
        lambda: VaultServerSettings(
            "s",
            {
                "cors_origins": ["https://a.example"],
                "cors_headers": ["X-Trace"],
                "ui_headers": {"X-Frame-Options": ["DENY"]},
                "rate_limiting": {},
            },
        )
    )
    assert {leaf.name: leaf.inputs for leaf in made.leaves} == {
        "s-cors": {"allowedOrigins": ["https://a.example"], "allowedHeaders": ["X-Trace"]},
        "s-ui-X-Frame-Options": {"name": "X-Frame-Options", "values": ["DENY"]},
        "s-rate-limiting": {"enableRateLimitAuditLogging": True, "enableRateLimitResponseHeaders": True},
    }


def test_every_web_page_is_refused() -> None:
    with pytest.raises(ValueError, match="which is every web page there is: list each origin"):
        record(lambda: VaultServerSettings("s", {"cors_origins": ["*"]}))
