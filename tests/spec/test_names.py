"""The small languages of names, addresses and durations: what they admit, refuse and mean."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from strongroom.spec.claims import ClaimValue
from strongroom.spec.names import (
    DURATION_MAX_SECONDS,
    NAME_MAX,
    AuthMountPath,
    FieldName,
    Host,
    HttpsUrl,
    MountPath,
    Name,
    Port,
    QualifiedName,
    SecretPath,
    SqlIdentifier,
    duration,
    is_loopback,
    seconds,
)


def accepts(kind: Any, value: object) -> bool:
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True


def complaint(kind: Any, value: object) -> str:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    (error,) = caught.value.errors()
    return f"{error['msg']}; {error['ctx']['remedy']}" if error.get("ctx", {}).get("remedy") else error["msg"]


@given(st.integers(1, DURATION_MAX_SECONDS))
def test_a_duration_is_read_back_as_it_was_spelt(total: int) -> None:
    assert seconds(duration(total)) == total


@pytest.mark.parametrize(("text", "total"), [("90d", 7776000), ("24h", 86400), ("030m", 1800), ("1s", 1)])
def test_durations_have_a_unit(text: str, total: int) -> None:
    assert seconds(text) == total


@pytest.mark.parametrize(
    "text", ["", "1", "1w", "1.5h", "-1h", "+1h", " 1h", "1h ", "1h\n", "1H", "1h30m", "١h", 60, True, None]
)
def test_anything_else_is_no_duration(text: object) -> None:
    with pytest.raises(PydanticCustomError, match="needs a duration"):
        seconds(text)


@pytest.mark.parametrize(("text", "message"), [("0s", "the duration is 0"), ("999999999d", "longer than 100 years")])
def test_a_duration_is_neither_nothing_nor_forever(text: str, message: str) -> None:
    with pytest.raises(PydanticCustomError, match=message):
        seconds(text)


@pytest.mark.parametrize(
    ("total", "text"), [(1, "1s"), (60, "1m"), (90, "90s"), (3600, "1h"), (86400, "1d"), (90000, "25h")]
)
def test_a_duration_is_spelt_in_its_largest_whole_unit(total: int, text: str) -> None:
    assert duration(total) == text


@given(st.from_regex(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", fullmatch=True))
def test_plain_words_are_names_up_to_the_limit(text: str) -> None:
    assert accepts(Name, text) == (len(text) <= NAME_MAX)


@given(st.text(max_size=50))
def test_whatever_is_accepted_as_a_name_is_harmless_everywhere(text: str) -> None:
    for kind in (Name, QualifiedName, SecretPath, MountPath, FieldName, SqlIdentifier, Host):
        if accepts(kind, text):
            assert text.isascii()
            assert not set(text) & set(" \t\r\n\0\"'`\\{}<>$%&;*+?#|()=,~^@!")
            assert ".." not in text.split("/")


@given(st.text(st.sampled_from("ab1.-:/[]%@?#'\"\\{} \n"), max_size=12))
def test_whatever_is_accepted_as_a_host_stays_within_a_url(text: str) -> None:
    if accepts(Host, text):
        host = TypeAdapter(Host).validate_python(text)
        assert not set(host) & set("/[]%@?#'\"\\{} \n")


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("db.example", "db.example"),
        ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:DB8:0::1", "2001:db8::1"),
    ],
)
def test_hosts_are_names_and_addresses(written: str, means: str) -> None:
    assert TypeAdapter(Host).validate_python(written) == means


@pytest.mark.parametrize(
    "written",
    ["", "a b", "a/b", "a:5432", "a@b", "-a", "a-", "a..b", ".a", "fe80::1%eth0", "fe80::1%@evil?sslmode=disable",
     "[::1", "::1]", "[127.0.0.1]", "[[::1]]", "{{username}}", "a" * 64, "a." * 127, "а.example", "a\n"],
)  # fmt: skip
def test_anything_else_is_no_host(written: str) -> None:
    assert not accepts(Host, written)


@pytest.mark.parametrize(
    ("host", "local"),
    [("localhost", True), ("127.0.0.1", True), ("127.8.9.1", True), ("::1", True), ("10.0.0.1", False),
     ("10.255.255.255", False), ("localhost.example", False), ("127.0.0.1.example", False)],
)  # fmt: skip
def test_only_this_machine_is_loopback(host: str, local: bool) -> None:
    assert is_loopback(host) is local


@pytest.mark.parametrize("url", ["https://a", "https://a.example:8443/x?y=1", "https://[::1]:1/", "https://a/%7Bx%7D"])
def test_https_urls_are_accepted(url: str) -> None:
    assert accepts(HttpsUrl, url)


@pytest.mark.parametrize(
    "url",
    ["", "http://a", "https://", "https:///x", "https://u:p@a", "https://u@a", "https://a:0", "https://a:99999",
     "https://a:x", "https://a b", "https://a\n", 'https://a/"', "https://a/{x}", "https://a\\@b", "https://ä", "ftp://a"],
)  # fmt: skip
def test_anything_else_is_no_https_url(url: str) -> None:
    assert not accepts(HttpsUrl, url)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("a//b", "the path has an empty, '.' or '..' segment; write it as a/b/c, without a slash at either end"),
        ("/a", "the path has an empty, '.' or '..' segment; write it as a/b/c, without a slash at either end"),
        ("a/../b", "the path has an empty, '.' or '..' segment; write it as a/b/c, without a slash at either end"),
        ("a*", "the path has '*' at character 2; "
         "it must match ^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$"),
        ("a" * 251, "the path has 251 characters, the limit is 250; choose a shorter one"),
    ],
)  # fmt: skip
def test_paths_are_plain(path: str, message: str) -> None:
    assert complaint(SecretPath, path) == message


@pytest.mark.parametrize("mount", ["sys", "sys/x", "auth/x", "identity", "cubbyhole/a", "audit"])
def test_nothing_is_mounted_on_the_servers_own_paths(mount: str) -> None:
    assert "is a path of the server itself" in complaint(MountPath, mount)


def test_no_auth_method_is_mounted_over_the_servers_own() -> None:
    assert complaint(AuthMountPath, "token") == "'token' is the server's own auth method; choose another mount path"
    assert accepts(AuthMountPath, "tokens")


@pytest.mark.parametrize(
    ("value", "accepted"),
    [(1, True), ("65535", True), (0, False), ("0", False), (65536, False), ("99999", False), ("", False),
     ("a", False), (True, False), (1.0, False)],
)  # fmt: skip
def test_ports_are_numbers_or_their_text(value: object, accepted: bool) -> None:
    assert accepts(Port, value) is accepted


def test_one_sql_identifier_fits_into_postgresqls_63_bytes() -> None:
    assert accepts(SqlIdentifier, "a" * 63)
    assert not accepts(SqlIdentifier, "a" * 64)


@pytest.mark.parametrize(
    ("value", "part"), [("a,b", "several values"), ("a*", "compared literally"), ("", "1 to 512"), ("a\n", "printable")]
)
def test_a_claim_is_one_value_compared_literally(value: str, part: str) -> None:
    assert part in complaint(ClaimValue, value)
