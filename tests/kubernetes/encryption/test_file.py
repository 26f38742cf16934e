"""The file on a control-plane node."""

import os
import stat
from pathlib import Path

import pytest

from strongroom.errors import WrongInputError
from strongroom.kubernetes.encryption.file import differs, write


def test_the_file_is_for_its_owner_only_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write(tmp_path / "encryption.yaml", b"keys")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "encryption.yaml").stat().st_mode) == 0o600
    assert (tmp_path / "encryption.yaml").read_bytes() == b"keys"


def test_it_replaces_the_old_one_in_one_step_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "encryption.yaml"
    path.write_bytes(b"old")
    path.chmod(0o644)
    with path.open("rb") as reader:
        write(path, b"new")
        assert reader.read() == b"old"  # who has it open reads the old one to its end
    assert [file.name for file in tmp_path.iterdir()] == ["encryption.yaml"]
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o600)


def test_what_cannot_be_written_leaves_the_old_one_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(WrongInputError, match="cannot be written: No such file or directory; nothing was changed"):
        write(tmp_path / "absent" / "encryption.yaml", b"keys")


def test_keys_go_neither_through_a_link_nor_to_a_device(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for path in (tmp_path / "link", Path("/dev/null"), Path("/dev/stdout"), tmp_path):
        with pytest.raises(WrongInputError, match="is no regular file"):
            write(path, b"keys")
    assert (tmp_path / "elsewhere").read_bytes() == b""


def test_a_file_that_is_as_it_should_be_differs_in_nothing(tmp_path: Path) -> None:
    path = tmp_path / "encryption.yaml"
    assert differs(path, b"keys") == "is not there"
    write(path, b"keys")
    assert differs(path, b"keys") == ""
    assert differs(path, b"other keys") == "has other content"
    path.chmod(0o640)
    assert differs(path, b"keys") == "may be read by others (mode 0640)"
    assert differs(tmp_path, b"keys") == "is no regular file"
