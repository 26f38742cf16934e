"""Versions: what programs print, what fits, and that there is one pin."""

from __future__ import annotations

from importlib.metadata import version as installed
from pathlib import Path

import pytest

from strongroom_sandbox.toolchain.gotools import TOOLS
from strongroom_sandbox.toolchain.versions import Version, minimum_go, pinned
from support.toolchain import ROOT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v3.259.0\n", Version(3, 259, 0)),
        ("3.260.1-alpha.1+dirty", Version(3, 260, 1)),
        ("go version go1.26.8 linux/amd64", Version(1, 26, 8)),
        ("go1.26", Version(1, 26, 0)),
        ("1.7.12\ninstalled by building from source\nbuilt with go1.26.8", Version(1, 7, 12)),
        ("warning: a new version is available\nv3.259.0", Version(3, 259, 0)),
    ],
)
def test_a_version_is_found_in_what_a_program_prints(text: str, expected: Version) -> None:
    assert Version.find(text) == expected


@pytest.mark.parametrize("text", ["", "devel", "version 3", "unknown"])
def test_text_without_a_version_has_none(text: str) -> None:
    assert Version.find(text) is None
    with pytest.raises(ValueError, match="no version number"):
        Version.parse(text)


@pytest.mark.parametrize(
    ("version", "fits"),
    [
        (Version(3, 259, 0), True),
        (Version(3, 259, 1), True),
        (Version(3, 300, 0), True),
        (Version(3, 258, 9), False),
        (Version(2, 999, 0), False),
        (Version(4, 0, 0), False),
    ],
)
def test_the_pinned_release_and_newer_ones_of_its_major_version_fit(version: Version, fits: bool) -> None:
    assert version.fits(Version(3, 259, 0)) is fits


def test_versions_are_ordered_by_number_and_not_by_text() -> None:
    assert Version.parse("3.9.0") < Version.parse("3.10.0")


def test_the_pin_is_that_of_the_module_that_holds_the_package(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text(
        "module x\n\ngo 1.26\n\nrequire (\n\texample.org/a v1.0.0\n\texample.org/a/b v2.3.4 // indirect\n)\n"
    )
    assert pinned(tmp_path, "example.org/a/b/cmd/c") == Version(2, 3, 4)
    assert pinned(tmp_path, "example.org/a/bc") == Version(1, 0, 0)
    assert minimum_go(tmp_path) == Version(1, 26, 0)


def test_a_package_that_no_required_module_holds_is_an_error_with_the_file(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("module x\n\nrequire example.org/a v1.0.0\n")
    with pytest.raises(ValueError, match=r"go\.mod requires no module that holds example\.org/other"):
        pinned(tmp_path, "example.org/other")
    with pytest.raises(ValueError, match="no go line"):
        minimum_go(tmp_path)


def test_every_declared_tool_is_pinned_in_its_tools_module() -> None:
    for tool in TOOLS.values():
        assert tool.version(ROOT) > Version(0, 0, 0)


def test_the_cli_and_the_python_sdk_are_of_one_release() -> None:
    assert str(TOOLS["pulumi"].version(ROOT)) == installed("pulumi")
