"""Resources in a file: every change is whole, whoever else has the file open."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from strongroom_sandbox.providers.frame.errors import StandInError
from strongroom_sandbox.providers.frame.file_store import FileStore


def test_what_was_kept_is_found_by_another_view_of_the_file_which_is_the_owner_s_alone(tmp_path: Path) -> None:
    file = tmp_path / "below" / "resources.json"
    with FileStore(file).changing() as resources:
        resources["a"] = {"name": "A"}
    assert FileStore(file).read("a") == {"name": "A"}
    assert FileStore(file).read("b") is None
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_change_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "resources.json")
    with store.changing() as resources:
        resources["a"] = {}
    with pytest.raises(ZeroDivisionError), store.changing() as resources:
        resources["b"] = {"number": 1 // 0}
    assert store.all() == {"a": {}}


def test_many_changes_at_once_are_all_kept(tmp_path: Path) -> None:
    file = tmp_path / "resources.json"

    def keep(number: int) -> None:
        with FileStore(file).changing() as resources:
            resources[str(number)] = {}

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(keep, range(40)))
    assert len(FileStore(file).all()) == 40


def test_a_file_that_is_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "resources.json").write_text("nothing of ours")
    with pytest.raises(StandInError, match="is not the file of a stand-in: remove it"):
        FileStore(tmp_path / "resources.json").all()
