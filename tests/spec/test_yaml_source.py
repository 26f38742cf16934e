"""Files on disk and their bytes: what is read, what is refused, and how the refusal reads."""

import os
from pathlib import Path
from typing import Any

import pytest

from strongroom.spec.problems import SpecError
from strongroom.spec.yaml_source import FILE_BYTES_MAX, parse, read


def refusal(content: bytes) -> str:
    with pytest.raises(SpecError) as caught:
        parse(content, "a.yaml")
    return str(caught.value)


def refusal_of(path: Path) -> str:
    with pytest.raises(SpecError) as caught:
        read(path, "stacks/a.yaml")
    return str(caught.value)


def test_a_file_is_read_as_plain_values(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("team: payments\nsecrets:\n  stripe:\n    fields: [api_key]\n    length: 32\n")
    source = read(path, "stacks/a.yaml")
    assert source.data == {"team": "payments", "secrets": {"stripe": {"fields": ["api_key"], "length": 32}}}
    assert source.position(("secrets", "stripe", "length")) == ("stacks/a.yaml", 5, 13)


def test_a_file_is_named_with_forward_slashes_on_every_system() -> None:
    assert parse(b"a: 1", r"stacks\catalog\a.yaml").file == "stacks/catalog/a.yaml"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert refusal_of(tmp_path / "no.yaml") == "stacks/a.yaml: there is no such file; create it or correct the name"


def test_a_directory_is_refused(tmp_path: Path) -> None:
    assert refusal_of(tmp_path) == "stacks/a.yaml: is a directory; name a YAML file"


def test_a_pipe_is_refused_without_waiting_for_its_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert refusal_of(tmp_path / "pipe") == "stacks/a.yaml: is a pipe, socket or device; name a YAML file"


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert "cannot be read: " in refusal_of(tmp_path / "loop")


def test_a_file_without_read_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n")

    def refuse(*arguments: Any, **options: Any) -> None:
        raise PermissionError(13, "Permission denied")

    # Not by its mode: tests may run as root, who reads everything.
    monkeypatch.setattr(Path, "open", refuse)
    assert refusal_of(path) == ("stacks/a.yaml: cannot be read: Permission denied; check the path and its permissions")


def test_a_ten_megabyte_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.yaml"
    path.write_bytes(b"a: 1\n" * (2 * 1024 * 1024))

    def never(*arguments: Any, **options: Any) -> None:
        raise AssertionError("the file was opened")

    monkeypatch.setattr(Path, "open", never)
    assert refusal_of(path) == ("stacks/a.yaml: the file has 10.0 MiB, the limit is 8 MiB; split it into several files")


def test_content_over_the_limit_is_refused_also_if_it_grew_while_it_was_read() -> None:
    assert "the limit is 8 MiB" in refusal(b"#" * (FILE_BYTES_MAX + 1))


def test_content_at_the_limit_is_read() -> None:
    assert parse(b"a: 1 #".ljust(FILE_BYTES_MAX, b"#"), "a.yaml").data == {"a": 1}


@pytest.mark.parametrize("content", [b"", b"   \n\n", b"# nothing yet\n", b"---\n", b"null\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    assert refusal(content) == "a.yaml: the file is empty; write it, or remove it"


def test_an_empty_map_is_not_an_empty_file() -> None:
    assert parse(b"{}\n", "a.yaml").data == {}


def test_a_byte_order_mark_of_utf8_is_tolerated_and_not_counted_as_a_column() -> None:
    source = parse(b"\xef\xbb\xbfteam: payments\n", "a.yaml")
    assert source.data == {"team": "payments"}
    assert source.key_position(("team",)) == ("a.yaml", 1, 1)


def test_a_byte_order_mark_anywhere_else_is_refused() -> None:
    assert refusal("a: 1\nb: \ufeffx\n".encode()) == (
        'a.yaml:2:4: U+FEFF ZERO WIDTH NO-BREAK SPACE is not allowed; remove it, or write "\\uFEFF" in quotes'
    )


@pytest.mark.parametrize(
    ("codec", "name"),
    [("utf-16", "UTF-16"), ("utf-32", "UTF-32"), ("utf-16-be", "UTF-16"), ("utf-32-be", "UTF-32")],
)
def test_utf16_and_utf32_are_refused_by_name(codec: str, name: str) -> None:
    content = ("\ufeff" if codec.endswith("be") else "") + "a: 1\n"
    assert refusal(content.encode(codec)) == f"a.yaml: is encoded as {name}; save it as UTF-8"


def test_bytes_that_are_not_utf8_are_refused_with_their_place() -> None:
    assert refusal("ä: 1\r\ncafé: ".encode() + b"\xe9\n") == (
        "a.yaml:2:7: byte 0xE9 is not UTF-8; save the file as UTF-8"
    )


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x08", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\x9f"])
def test_nul_and_other_control_characters_are_refused_with_their_place(character: str) -> None:
    assert refusal(f"a: 1\nb: x{character}y\n".encode()) == (
        f"a.yaml:2:5: U+{ord(character):04X} control character is not allowed; remove it"
    )


@pytest.mark.parametrize("character", ["\u202e", "\u2066", "\u2028", "\u2029"])
def test_characters_that_make_text_read_differently_are_refused(character: str) -> None:
    assert f"U+{ord(character):04X}" in refusal(f"a: x{character}y\n".encode())


def test_all_bad_characters_are_reported_up_to_a_limit() -> None:
    assert len(refusal(b"a: \x01\nb: \x02\n").splitlines()) == 2
    assert len(refusal(b"\x01\n" * 100_000).splitlines()) == 20


def test_windows_and_unix_line_ends_count_alike() -> None:
    source = parse(b"a: 1\r\nb: 2\r\n", "a.yaml")
    assert source.data == {"a": 1, "b": 2}
    assert source.position(("b",)) == ("a.yaml", 2, 4)
