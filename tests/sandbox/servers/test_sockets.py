"""A unix socket has room for 107 bytes."""

import os
from pathlib import Path

import pytest

from strongroom_sandbox.servers.sockets import LONGEST_SOCKET_PATH_BYTES, SHORT, socket_directory

NAME = ".s.PGSQL.65535"


def test_a_socket_lies_in_its_home_if_it_fits() -> None:
    assert socket_directory(Path("/home/me/my projects/.sandbox"), NAME) == Path("/home/me/my projects/.sandbox/socket")


@pytest.mark.parametrize("home", ["/" + "d" * 86, "/" + "ü" * 43, "/a,b", "/it's", '/say "hi"'])
def test_a_socket_whose_path_is_too_long_or_would_be_taken_for_a_list_lies_in_a_short_folder(home: str) -> None:
    directory = socket_directory(Path(home), NAME)
    assert directory.parent == SHORT
    assert len(os.fsencode(directory / NAME)) <= LONGEST_SOCKET_PATH_BYTES


def test_the_short_folder_of_a_home_is_always_the_same_and_nobody_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    first = socket_directory(Path("/" + "d" * 120), NAME)
    monkeypatch.setenv("TMPDIR", "/elsewhere")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/elsewhere")
    assert socket_directory(Path("/" + "d" * 120), NAME) == first
    assert socket_directory(Path("/" + "d" * 121), NAME) != first
