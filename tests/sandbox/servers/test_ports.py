"""Ports are chosen once and kept as long as nobody else takes them."""

import socket
from pathlib import Path

from strongroom_sandbox.servers import ports


def test_a_port_is_kept_while_it_is_free(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    assert ports.choose(file, ("api", "cluster"))
    chosen = ports.read(file)
    assert not ports.choose(file, ("api", "cluster"))
    assert ports.read(file) == chosen


def test_a_port_that_somebody_took_is_replaced_and_the_others_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    ports.choose(file, ("api", "cluster"))
    before = ports.read(file)
    with socket.create_server((ports.HOST, before["api"])):
        assert ports.choose(file, ("api", "cluster"))
    after = ports.read(file)
    assert after["api"] not in before.values()
    assert after["cluster"] == before["cluster"]


def test_no_port_is_given_twice(tmp_path: Path) -> None:
    names = [f"name-{number}" for number in range(20)]
    ports.choose(tmp_path / "ports.json", names)
    assert len(set(ports.read(tmp_path / "ports.json").values())) == len(names)


def test_ports_lie_below_those_of_outgoing_connections(tmp_path: Path) -> None:
    ports.choose(tmp_path / "ports.json", ("api",))
    assert ports.read(tmp_path / "ports.json")["api"] in ports.CANDIDATES


def test_a_port_in_use_is_not_free() -> None:
    with socket.create_server((ports.HOST, 0)) as taken:
        assert not ports.is_free(taken.getsockname()[1])
