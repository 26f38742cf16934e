"""Files are whole or absent, and secret from the first byte on."""

import os
from pathlib import Path

import pytest

from strongroom_sandbox import files


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_secret_file_is_for_its_owner_only_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        files.write_secret(tmp_path / "secret", "text")
        files.write(tmp_path / "public", "text")
    finally:
        os.umask(before)
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "public").stat().st_mode & 0o777 == 0o644


def test_a_file_readable_by_others_becomes_secret_when_a_secret_is_written_to_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("public")
    files.write_secret(tmp_path / "file", "secret")
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


def test_writing_leaves_nothing_else_behind(tmp_path: Path) -> None:
    files.write(tmp_path / "file", "one")
    files.write(tmp_path / "file", "two")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "two"
