"""The page about rotation: its example is what it says."""

from pathlib import Path

from strongroom.kubernetes.encryption.plan import EncryptionAtRest
from support.docs import example

PAGE = "kubernetes/key-rotation.md"


def test_the_example_has_no_problem_and_says_where_to_look(tmp_path: Path) -> None:
    project = example(PAGE, tmp_path)
    assert project.problems() == []
    (record,) = project.plan("prod").of(EncryptionAtRest)
    assert record.reach.api_servers == tuple(f"https://10.0.0.{node}:6443" for node in (1, 2, 3))
    assert record.reach.etcd is not None
    assert record.reach.etcd.endpoints == tuple(f"https://10.0.0.{node}:2379" for node in (1, 2, 3))
    assert record.reach.etcd.prefix == "/registry"
    assert (record.reach.files, record.reach.request_timeout_seconds) == ((), 60)
    assert record.rotate_every_seconds == 90 * 86400
