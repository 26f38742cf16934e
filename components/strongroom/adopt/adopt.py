"""Takes over a server that was configured by hand: reads it, writes the project's files and the file for the import."""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from strongroom.adopt import write
from strongroom.adopt.found import Found, Left
from strongroom.adopt.import_file import import_file
from strongroom.adopt.places import Places
from strongroom.adopt.refused import leave_refused
from strongroom.adopt.registered import Registered, registered
from strongroom.adopt.take import take
from strongroom.errors import WrongInputError
from strongroom.plan.plan import Plan
from strongroom.project import Project
from strongroom.project_files import STACKS
from strongroom.spec.names import check_name
from strongroom.spec.problems import SpecError
from strongroom.vault.connection import Connection, Server, connect
from strongroom.vault.profile import Profile

_TABLES: Final = ("sys/mounts", "sys/auth")


@dataclass(frozen=True)
class Adoption:
    """What was written, and what was not."""

    folder: Path
    written: tuple[str, ...]
    """Files below `folder`."""
    kept: tuple[str, ...]
    """Files that said the same already."""
    import_file: str
    imported: int
    """How many things the import takes over."""
    not_there: tuple[str, ...]
    """What the program would make, as the server does not have it."""
    left: tuple[Left, ...]
    notes: tuple[str, ...]


def adopt(root: Path, stack: str, into: Path | None = None) -> Adoption:
    """Reads the server of a stack and writes its files below `root`, or below `into`.

    No file is ever overwritten. Nothing is written unless what would be written is a sound project, and nothing is ever
    changed on the server. Raises WrongInputError, SpecError or ServerError.
    """
    try:
        check_name(stack)
    except ValueError as error:
        raise WrongInputError(f"stack {stack}: {error}; its environment is called as the stack is") from None
    folder = into or root
    project = Project.read(root)
    server = Server.of(project, stack) if stack in project.stacks else Server()
    connection = connect(server)
    _may_read(connection)
    profile = connection.profile()
    found = take(connection, profile.flavour)
    texts = _texts(stack, found, profile, connection)
    kept = _kept(folder, stack, texts)
    _refuse_to_overwrite(folder, texts.keys() - set(kept))
    plan, texts = _sound(folder, stack, found, kept, lambda: _texts(stack, found, profile, connection))
    resources = registered(plan, Places(connection), _project_name(root), stack)
    name = f"{stack}.import.json"
    texts[name] = import_file(resources)
    kept += _the_same(folder, {name: texts[name]})
    _refuse_to_overwrite(folder, {name} - set(kept))
    for file, text in texts.items():
        if file not in kept:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            with (folder / file).open("x", encoding="utf-8") as new:
                new.write(text)
    return Adoption(
        folder=folder,
        written=tuple(file for file in texts if file not in kept),
        kept=tuple(kept),
        import_file=name,
        imported=sum(resource.id is not None for resource in resources),
        not_there=tuple(_not_there(resources)),
        left=tuple(found.left),
        notes=tuple(found.notes),
    )


def _may_read(connection: Connection) -> None:
    """Asks first for what nothing goes on without, so that the error is one and says which right is missing."""
    for table in _TABLES:
        connection.read(table)


def _texts(stack: str, found: Found, profile: Profile, connection: Connection) -> dict[str, str]:
    texts = {
        f"{STACKS}/Pulumi.{stack}.yaml": write.stack_text(
            stack, connection.address, connection.client.adapter.namespace or None
        ),
        f"{STACKS}/environments/{stack}.yaml": write.environment_text(stack, profile, found),
    }
    for team, secrets in sorted(found.secrets.items()):
        texts[f"{STACKS}/catalog/{team}.yaml"] = write.catalog_text(team, stack, secrets)
    return texts


def _kept(folder: Path, stack: str, texts: Mapping[str, str]) -> list[str]:
    """The files that are there and say it already: an `adopt` that was cut short goes on; and the stack's configuration
    may say more (`pulumi stack init` makes it)."""
    kept = _the_same(folder, texts)
    file = f"{STACKS}/Pulumi.{stack}.yaml"
    if file in kept or not (folder / file).is_file():
        return kept
    there = (yaml.safe_load((folder / file).read_text("utf-8")) or {}).get("config") or {}
    wanted = yaml.safe_load(texts[file])["config"]
    missing = {key: value for key, value in wanted.items() if there.get(key) != value}
    if missing:
        lines = "; ".join(f"pulumi config set --stack {stack} {key} {value}" for key, value in missing.items())
        raise WrongInputError(f"{folder / file} is there and does not say all that it must; run: {lines}")
    return [*kept, file]


def _the_same(folder: Path, texts: Mapping[str, str]) -> list[str]:
    return [
        file for file, text in texts.items() if (folder / file).is_file() and (folder / file).read_text("utf-8") == text
    ]


def _refuse_to_overwrite(folder: Path, files: Iterable[str]) -> None:
    if there := sorted(file for file in files if (folder / file).exists()):
        raise WrongInputError(
            f"{', '.join(there)} {'is' if len(there) == 1 else 'are'} there already, and nothing is overwritten: move "
            "them away, or write elsewhere with --into FOLDER and take over what you need"
        )


def _sound(
    folder: Path, stack: str, found: Found, kept: list[str], write_down: Callable[[], dict[str, str]]
) -> tuple[Plan, dict[str, str]]:
    """The plan and the files; what no environment may have stays on the server, and is listed."""
    while True:
        texts = write_down()
        try:
            with tempfile.TemporaryDirectory(prefix="strongroom-adopt-") as scratch:
                return _planned(Path(scratch), folder, texts, kept, stack), texts
        except SpecError as error:
            refused = leave_refused(found, error.problems)
            if not refused:
                raise
            found.left = sorted([*found.left, *refused])


def _planned(scratch: Path, folder: Path, texts: Mapping[str, str], kept: list[str], stack: str) -> Plan:
    """The plan of what would be written, beside what is there. Raises SpecError with all that is wrong with it."""
    if (folder / STACKS).is_dir():
        shutil.copytree(
            folder / STACKS, scratch / STACKS, ignore=lambda _, names: [n for n in names if n.endswith((".py", "__"))]
        )
    for file, text in texts.items():
        if file not in kept:
            (scratch / file).parent.mkdir(parents=True, exist_ok=True)
            (scratch / file).write_text(text, encoding="utf-8")
    return Project.read(scratch).plan(stack)


def _not_there(resources: list[Registered]) -> list[str]:
    return [f"{resource.type} {resource.name}" for resource in resources if resource.custom and resource.id is None]


def _project_name(root: Path) -> str:
    manifest: dict[str, Any] = yaml.safe_load((root / "Pulumi.yaml").read_text("utf-8"))
    return str(manifest["name"])
