"""Free text of a catalog on a terminal: nothing in it hides, or makes other text read differently from what it is."""

from pathlib import Path

import pytest

from strongroom.cli.show import plan_text
from support.projects import PAYMENTS, ProjectFolder


@pytest.mark.parametrize("code", ["202e", "200b", "2066", "feff"])
def test_invisible_characters_of_a_description_are_shown_as_escapes(tmp_path: Path, code: str) -> None:
    folder = ProjectFolder(tmp_path)
    folder.replace(PAYMENTS, "  stripe:\n", f'  stripe:\n    description: "paid \\u{code} nothing"\n')
    text = plan_text(folder.plan("dev"))
    assert f"paid \\u{code} nothing" in " ".join(text.split())
    assert all(line.isprintable() for line in text.splitlines())


def test_letters_of_other_languages_stay_as_they_are(tmp_path: Path) -> None:
    folder = ProjectFolder(tmp_path)
    folder.replace(PAYMENTS, "  stripe:\n", "  stripe:\n    description: für Zahlungen ✓\n")
    assert "für Zahlungen ✓" in " ".join(plan_text(folder.plan("dev")).split())
