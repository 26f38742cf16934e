"""A package cannot put its own commands in the place of ours: `strongroom values` is given secrets."""

from importlib.metadata import EntryPoint

import pytest

from strongroom.cli import main


@pytest.mark.parametrize("name", ["values", "review", "check", "plan", "schema"])
def test_a_package_that_takes_the_name_of_a_command_is_left_out_and_not_loaded(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = list(main.app.registered_commands), list(main.app.registered_groups)
    main.add_commands(EntryPoint(name, "antigravity_that_must_not_be_imported:app", "strongroom.commands"))
    assert (main.app.registered_commands, main.app.registered_groups) == before
    said = capsys.readouterr().err
    assert said == (
        f"package antigravity_that_must_not_be_imported is left out: there is a command `strongroom {name}` already.\n"
    )
