"""A Lambda package is the same bytes for the same content."""

import io
import zipfile
from pathlib import Path

import pulumi
import pytest

from strongroom_sandbox.providers.aws.packages import code_hash, package_of
from strongroom_sandbox.providers.frame.errors import StandInError


def content(package: bytes) -> dict[str, bytes]:
    """The files of a package."""
    with zipfile.ZipFile(io.BytesIO(package)) as file:
        return {name: file.read(name) for name in file.namelist()}


def test_texts_files_and_folders_become_one_package(tmp_path: Path) -> None:
    (tmp_path / "folder" / "__pycache__").mkdir(parents=True)
    (tmp_path / "folder" / "b.py").write_text("b")
    (tmp_path / "folder" / "__pycache__" / "b.pyc").write_text("x")
    (tmp_path / "c.py").write_text("c")
    archive = pulumi.AssetArchive(
        {
            "a.py": pulumi.StringAsset("a"),
            "below": pulumi.FileArchive(str(tmp_path / "folder")),
            "c.py": pulumi.FileAsset(str(tmp_path / "c.py")),
        }
    )
    assert content(package_of(archive)) == {"a.py": b"a", "below/b.py": b"b", "c.py": b"c"}


def test_the_order_and_the_time_of_files_make_no_difference(tmp_path: Path) -> None:
    first = pulumi.AssetArchive({"a": pulumi.StringAsset("1"), "b": pulumi.StringAsset("2")})
    second = pulumi.AssetArchive({"b": pulumi.StringAsset("2"), "a": pulumi.StringAsset("1")})
    assert code_hash(package_of(first)) == code_hash(package_of(second))
    for name, text in (("a", "1"), ("b", "2")):
        (tmp_path / name).write_text(text)
    assert package_of(pulumi.FileArchive(str(tmp_path))) == package_of(first)


def test_a_zip_file_is_taken_as_it_is(tmp_path: Path) -> None:
    package = package_of(pulumi.AssetArchive({"a": pulumi.StringAsset("1")}))
    (tmp_path / "package.zip").write_bytes(package)
    assert package_of(pulumi.FileArchive(str(tmp_path / "package.zip"))) == package


@pytest.mark.parametrize(
    ("archive", "why"),
    [
        (pulumi.FileArchive("no/such/folder"), "give an absolute path"),
        (pulumi.AssetArchive({"a": pulumi.FileAsset("no/such/file")}), "give an absolute path"),
        (pulumi.RemoteArchive("https://example.com/a.zip"), "takes no RemoteArchive"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(archive: pulumi.Archive, why: str) -> None:
    with pytest.raises(StandInError, match=why):
        package_of(archive)
