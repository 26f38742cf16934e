"""How quickly the command starts, and what happens if a package that adds commands is broken."""

import json
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from strongroom.cli import main

HEAVY = {"pulumi", "pydantic", "jinja2", "yaml", "hvac", "requests", "grpc", "hypothesis", "psycopg", "cryptography"}


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import atexit, json, sys\n"
        "atexit.register(lambda: print('\\n' + json.dumps(sorted(sys.modules)), file=sys.__stdout__))\n"
        "sys.argv = ['strongroom', '--help']\n"
        "from strongroom.cli.main import main\nmain()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert "Usage" in done.stdout
    assert loaded & HEAVY == set()


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    """The command line without what other packages add."""
    app = typer.Typer(pretty_exceptions_enable=False)

    @app.command()
    def sound() -> None:
        typer.echo("sound")

    monkeypatch.setattr(main, "app", app)
    return app


def _plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> EntryPoint:
    name = f"plugin_{tmp_path.name}".replace("-", "_")
    (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    return EntryPoint(name="extra", value=f"{name}:app", group="strongroom.commands")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("raise RuntimeError('half installed')", "RuntimeError: half installed"),
        ("import a_module_that_is_not_there", "ModuleNotFoundError: No module named 'a_module_that_is_not_there'"),
        ("", "AttributeError"),
        ("def (", "SyntaxError"),
        ("app = 1", "is a int and no typer.Typer"),
    ],
)
def test_a_broken_package_says_so_when_it_is_called_and_breaks_no_other_command(
    app: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, problem: str
) -> None:
    entry = _plugin(tmp_path, monkeypatch, text)
    main.add_commands(entry)
    runner = CliRunner()
    assert runner.invoke(app, ["sound"]).output == "sound\n"
    for arguments in (["extra"], ["extra", "up", "--now"], ["extra", "--help"]):
        done = runner.invoke(app, arguments)
        assert done.exit_code == 1
        assert done.stderr.startswith(f"`strongroom extra` is not available: package {entry.module} cannot be loaded")
        assert problem in done.stderr
        assert done.stderr.endswith("install it again, or remove it.\n")


def test_the_commands_of_a_sound_package_are_added(
    app: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "import typer\napp = typer.Typer()\n@app.command()\ndef one(): typer.echo('one')\n"
    text += "@app.command()\ndef two(): typer.echo('two')\n"
    main.add_commands(_plugin(tmp_path, monkeypatch, text))
    assert CliRunner().invoke(app, ["extra", "two"]).output == "two\n"
