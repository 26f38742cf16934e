"""`strongroom migrate-eso` on files and folders: what it writes, what it says, and how it ends."""

import os
from pathlib import Path

import pytest

from strongroom.errors import WrongInputError
from strongroom.external_secrets.migrate import files
from strongroom.external_secrets.migrate.files import migrate
from support import command

OLD = "apiVersion: external-secrets.io/v1beta1\nkind: SecretStore\nmetadata: {name: s}\nspec: {}\n"
NEW = OLD.replace("v1beta1", "v1")
OTHER = "apiVersion: v1\nkind: Secret\nstringData: {a: xK9-canary-4711-value}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a" / ".git").mkdir(parents=True)
    (tmp_path / "a/.git/old.yaml").write_text(OLD)
    (tmp_path / "a/store.yaml").write_text(OLD)
    (tmp_path / "a/secret.yml").write_text(OTHER)
    (tmp_path / "a/notes.txt").write_text(OLD)
    return tmp_path


def test_without_being_told_to_nothing_is_written(folder: Path) -> None:
    report = migrate([folder], write=False)
    assert (folder / "a/store.yaml").read_text() == OLD
    assert (report.read, report.changed, report.exit_code) == (2, 1, 3)


def test_a_file_is_written_as_a_whole_with_its_mode_and_a_second_run_finds_nothing(folder: Path) -> None:
    (folder / "a/store.yaml").chmod(0o640)
    assert migrate([folder], write=True).exit_code == 0
    assert (folder / "a/store.yaml").read_text() == NEW
    assert (folder / "a/store.yaml").stat().st_mode & 0o777 == 0o640
    assert (folder / "a/.git/old.yaml").read_text() == OLD
    assert sorted(path.name for path in (folder / "a").iterdir()) == [".git", "notes.txt", "secret.yml", "store.yaml"]
    again = migrate([folder], write=True)
    assert (again.changed, again.problems, again.exit_code) == (0, (), 0)


def test_a_write_that_fails_leaves_the_file_as_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(
        files.StrongroomError, match=r"No space left on device; it is as it was, and a second run goes on"
    ):
        migrate([folder], write=True)
    assert (folder / "a/store.yaml").read_text() == OLD
    assert not [path for path in (folder / "a").iterdir() if path.name.startswith(".store")]


def test_a_byte_order_mark_stays_and_what_is_no_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "mark.yaml").write_bytes(b"\xef\xbb\xbf" + OLD.encode())
    (tmp_path / "latin.yaml").write_bytes(b"# caf\xe9\n" + OLD.encode())
    report = migrate([tmp_path], write=True)
    assert (tmp_path / "mark.yaml").read_bytes() == b"\xef\xbb\xbf" + NEW.encode()
    assert (tmp_path / "latin.yaml").read_bytes() == b"# caf\xe9\n" + OLD.encode()
    assert [problem.message for problem in report.problems] == ["is not UTF-8 (byte 5)"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text(OLD)
    (tmp_path / "link.yaml").symlink_to("real.yaml")
    migrate([tmp_path / "link.yaml"], write=True)
    assert (tmp_path / "link.yaml").is_symlink()
    assert (tmp_path / "real.yaml").read_text() == NEW


def test_a_file_that_two_paths_lead_to_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real.yaml").write_text(OLD)
    (tmp_path / "link.yaml").symlink_to("real.yaml")
    monkeypatch.chdir(tmp_path)
    report = migrate([Path("link.yaml"), Path("real.yaml"), Path(), tmp_path], write=True)
    assert (report.read, report.changed) == (1, 1)


def test_a_pipe_is_no_file_and_nobody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert migrate([tmp_path], write=False).read == 0


def test_a_folder_or_file_that_cannot_be_read_is_not_passed_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(path: str) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "scandir", closed)  # root could read any folder
        with pytest.raises(files.StrongroomError, match=r"cannot be read: Permission denied; nothing was written"):
            migrate([folder], write=True)
    monkeypatch.setattr(Path, "read_bytes", closed)
    with pytest.raises(files.StrongroomError, match=r"secret\.yml cannot be read: Permission denied; nothing was"):
        migrate([folder], write=True)


def test_the_version_that_a_chart_names_in_its_helpers_is_found(tmp_path: Path) -> None:
    (tmp_path / "_helpers.tpl").write_text('{{- define "eso" -}}external-secrets.io/v1beta1{{- end -}}\n')
    (problem,) = migrate([tmp_path], write=False).problems
    assert "is a Helm template" in problem.message


def test_whatever_the_name_of_a_file_is_it_is_shown_in_one_line_without_control_characters(tmp_path: Path) -> None:
    for name in (b"caf\xe9.yaml", b"red\x1b[31m.yaml", b"two\nlines.yaml"):
        (tmp_path / os.fsdecode(name)).write_text(OLD)
    lines = "\n".join(migrate([tmp_path], write=False).lines())
    for shown in (r"caf\xe9.yaml", r"red\x1b[31m.yaml", r"two\nlines.yaml"):
        assert f"/{shown}\n" in lines
    assert lines.encode()


def test_a_path_that_is_not_there_is_refused_before_anything_is_written(folder: Path) -> None:
    with pytest.raises(WrongInputError, match="there is no file or folder"):
        migrate([folder, folder / "elsewhere"], write=True)
    assert (folder / "a/store.yaml").read_text() == OLD


def test_the_command_shows_a_diff_and_what_is_left_to_a_person(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(f"{OTHER}---\n{OLD}---\n{OLD.replace('{}', '{provider: {alibaba: {}}}')}")
    done = command.strongroom("migrate-eso", "m.yaml", cwd=tmp_path, environment=command.environment(tmp_path))
    assert done.returncode == 1
    assert done.stdout == (
        "--- m.yaml\n+++ m.yaml\n@@ -5 +5 @@ SecretStore s\n"
        "-apiVersion: external-secrets.io/v1beta1\n+apiVersion: external-secrets.io/v1\n\n"
        "For a person (1):\n"
        "  m.yaml:13:28: spec.provider.alibaba: the provider alibaba was removed, and its part of the manifest would "
        "be dropped without a word; move the secrets to a store that is supported (the manifest stays v1beta1 until "
        "then)"
        "\n\n1 file read, 1 manifest to rewrite, 1 for a person.\nNothing was written; `--write` does it.\n"
    )
    assert "canary" not in done.stdout + done.stderr
    written = command.strongroom("migrate-eso", "--write", ".", cwd=tmp_path, environment=command.environment(tmp_path))
    assert (written.returncode, "1 manifest rewritten" in written.stdout) == (1, True)
    nothing = command.strongroom("migrate-eso", "nowhere", cwd=tmp_path, environment=command.environment(tmp_path))
    assert nothing.returncode == 2
