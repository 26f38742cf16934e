"""A stand-in talks to this machine only."""

import pytest

from strongroom_sandbox.providers.frame.errors import StandInError
from strongroom_sandbox.providers.frame.loopback import require_loopback


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8200", "https://127.1.2.3:8200", "https://[::1]:8200", "https://localhost:8200"]
)
def test_loopback_addresses_are_taken(address: str) -> None:
    assert require_loopback(address) == address


def test_a_trailing_slash_is_dropped() -> None:
    assert require_loopback("https://127.0.0.1:8200/") == "https://127.0.0.1:8200"


@pytest.mark.parametrize(
    "address",
    [
        "https://vault.example.com:8200",
        "https://10.0.0.1:8200",
        "https://0.0.0.0:8200",
        "https://127.0.0.1.example.com:8200",
        "https://localhost.example.com",
        "https://[::ffff:10.0.0.1]:8200",
        "https://2130706433:8200",
    ],
)
def test_any_other_address_is_refused_with_the_reason_and_the_remedy(address: str) -> None:
    with pytest.raises(StandInError, match=r"not on loopback.*sandbox only.*official provider"):
        require_loopback(address)


@pytest.mark.parametrize("address", ["", "127.0.0.1:8200", "ftp://127.0.0.1", "file:///etc/passwd", "https://"])
def test_what_is_no_http_url_is_refused(address: str) -> None:
    with pytest.raises(StandInError, match=r"no http\(s\) URL"):
        require_loopback(address)


def test_credentials_in_the_address_are_refused_and_not_repeated() -> None:
    with pytest.raises(StandInError, match="--token-file") as refused:
        require_loopback("https://somebody:hunter2@127.0.0.1:8200")
    assert "hunter2" not in str(refused.value)
