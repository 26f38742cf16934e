"""The file on a control-plane node."""

import fcntl
import os
import stat
from pathlib import Path

import pytest

from strongroom.errors import WrongInputError
from strongroom.kubernetes.encryption.file import alone, differs, write


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
        with pytest.raises(WrongInputError, match="is no regular file"), alone(path):
            pass
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


def test_what_a_writer_that_was_killed_left_beside_it_goes_and_that_of_one_who_lives_stays(tmp_path: Path) -> None:
    path = tmp_path / "encryption.yaml"
    left, alive, other = (
        tmp_path / f".{name}" for name in (f"{path.name}.{'a' * 32}", f"{path.name}.{'b' * 32}", "else")
    )
    for file in (left, alive, other):
        file.write_bytes(b"keys")
    with alive.open("rb") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        with alone(path):
            write(path, b"keys")
    assert {file.name for file in tmp_path.iterdir()} == {path.name, f".{path.name}.lock", alive.name, other.name}


def test_of_two_who_write_a_file_one_waits_for_the_other(tmp_path: Path) -> None:
    path, waited = tmp_path / "encryption.yaml", []

    def meanwhile(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            os.close(other)  # as when the other one is killed

    with alone(path):
        pass
    assert stat.S_IMODE((tmp_path / ".encryption.yaml.lock").stat().st_mode) == 0o600
    other = os.open(tmp_path / ".encryption.yaml.lock", os.O_RDWR)
    fcntl.flock(other, fcntl.LOCK_EX)
    with alone(path, meanwhile):
        assert len(waited) == 2
        with (
            pytest.raises(WrongInputError, match=r"another command has been writing .* for 60 seconds"),
            alone(path, lambda _: None),
        ):
            pass


@pytest.mark.parametrize(("mode", "taken"), [(0o700, True), (0o755, True), (0o775, False), (0o1777, False)])
def test_a_folder_that_others_may_change_holds_no_keys(tmp_path: Path, mode: int, *, taken: bool) -> None:
    folder = tmp_path / "encryption"
    folder.mkdir()
    folder.chmod(mode)
    path = folder / "encryption.yaml"
    if taken:
        with alone(path):
            assert differs(path, b"keys") == "is not there"
        return
    for look in (lambda: alone(path).__enter__(), lambda: differs(path, b"keys")):
        with pytest.raises(WrongInputError, match=f"may be changed by others .mode {mode:04o}.; use a folder that"):
            look()
    assert not list(folder.iterdir())


def test_a_folder_above_that_others_may_change_is_as_bad(tmp_path: Path) -> None:
    (tmp_path / "open" / "encryption").mkdir(parents=True)
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(WrongInputError, match=r"open, in which .* lies, may be changed by others"):
        differs(tmp_path / "open" / "encryption" / "encryption.yaml", b"keys")
    (tmp_path / "open").chmod(0o1777)  # nobody renames there what is somebody else's
    assert differs(tmp_path / "open" / "encryption" / "encryption.yaml", b"keys") == "is not there"


def test_a_file_stays_whose_it_was(tmp_path: Path) -> None:
    path = tmp_path / "encryption.yaml"
    path.write_bytes(b"old")
    if (owner := os.geteuid()) == 0:  # API servers may run as somebody else than root, who alone can give files away
        os.chown(path, owner := 65532, 65532)
    write(path, b"new")
    assert (path.stat().st_uid, stat.S_IMODE(path.stat().st_mode)) == (owner, 0o600)


def test_a_folder_of_somebody_else_holds_no_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() == 0:
        os.chown(tmp_path, 65532, 65532)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 65532)
    with pytest.raises(WrongInputError, match=r"belongs to user \d+, who could put another file there"):
        differs(tmp_path / "encryption.yaml", b"keys")
