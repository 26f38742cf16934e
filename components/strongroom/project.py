"""A project on disk: its stacks, environments and catalogs, read once, checked and planned as often as needed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from strongroom.access.separation import crossings
from strongroom.plan import references
from strongroom.plan.mounts import mounts
from strongroom.plan.plan import Plan, make_plan, slices
from strongroom.plan.record import WHOLE
from strongroom.plan.scope import Scope
from strongroom.spec.catalog import Catalog
from strongroom.spec.environment import Environment
from strongroom.spec.merge import merge
from strongroom.spec.placeholders import fill
from strongroom.spec.problems import Problem, SpecError, did_you_mean
from strongroom.spec.stack import Stack
from strongroom.spec.validate import validate
from strongroom.spec.yaml_nodes import Node, Source
from strongroom.spec.yaml_source import read

STACKS: Final = "stacks"
CONFIG_PREFIX: Final = "strongroom:"


@dataclass(frozen=True)
class Project:
    """The files below `stacks/`. Reading keeps what is wrong with them; planning raises it."""

    root: Path
    stacks: Mapping[str, Source]
    """`Pulumi.<stack>.yaml` by stack."""
    environments: Mapping[str, Source]
    """Environment files by file name without ending, what they extend merged in."""
    catalogs: tuple[Source, ...]
    problems: tuple[Problem, ...]
    """What was wrong with the files themselves."""
    _environments: dict[tuple[str, tuple[tuple[str, str], ...]], tuple[Environment | None, Source, list[Problem]]] = (
        field(default_factory=dict, repr=False)
    )

    @classmethod
    def read(cls, root: Path) -> "Project":
        """Reads every file below `<root>/stacks`."""
        reader = _Reader(root)
        return cls(
            root=root,
            stacks={path.stem.removeprefix("Pulumi."): s for path, s in reader.folder(".", "Pulumi.*.yaml")},
            environments={
                path.stem: s
                for path, found in reader.folder("environments", "*.yaml")
                if (s := reader.extended(path, found))
                and isinstance(s.root.value, dict)
                and "environment" in s.root.value
            },
            catalogs=tuple(source for _, source in reader.folder("catalog", "*.yaml")),
            problems=tuple(reader.problems),
        )

    def with_stack_file(self, stack: str, path: Path) -> "Project":
        """The same project with another configuration file for one stack, as `pulumi --config-file`."""
        return Project(
            self.root,
            {**self.stacks, stack: read(path, path.name)},
            self.environments,
            self.catalogs,
            self.problems,
        )

    def stack(self, name: str) -> Stack:
        """What a stack's file says. Raises SpecError."""
        stack, problems = self._stack(name)
        if stack is None or problems:
            raise SpecError(problems)
        return stack

    def provider_setting(self, stack: str, key: str) -> str | None:
        """A plain text of a stack's configuration that is not ours, such as `vault:address`; None if there is none."""
        data = self.stacks[stack].data
        value = (data.get("config") or {}).get(key) if isinstance(data, dict) else None
        return value if isinstance(value, str) else None

    def plan(self, stack_name: str, stack: Stack | None = None) -> Plan:
        """The plan of one stack; `stack` replaces what its file says. Raises SpecError with all that is wrong."""
        problems = list(self.problems)
        if stack is None:
            stack, found = self._stack(stack_name)
            problems += found
        plan, found = self._plan(stack_name, stack) if stack else (None, [])
        problems += found
        if plan is None or problems:
            raise SpecError(problems)
        return plan

    def check(self) -> dict[str, Plan]:
        """The plans of all stacks. Raises SpecError with all that is wrong with any of them."""
        problems = list(self.problems)
        plans: dict[str, Plan] = {}
        for name in self.stacks:
            stack, found = self._stack(name)
            problems += found
            if stack:
                plan, found = self._plan(name, stack)
                problems += found
                if plan:
                    plans[name] = plan
        if not self.stacks:
            problems.append(
                Problem(STACKS, 0, 0, "", "there is no stack", "`pulumi stack init NAME` makes Pulumi.NAME.yaml")
            )
        if problems:
            raise SpecError(problems)
        return plans

    def _stack(self, name: str) -> tuple[Stack | None, list[Problem]]:
        source = self.stacks.get(name)
        if source is None:
            remedy = did_you_mean(name, self.stacks, f"there are: {', '.join(self.stacks) or 'none'}")
            return None, [Problem(f"{STACKS}/Pulumi.{name}.yaml", 0, 0, "", "there is no such stack", remedy)]
        return _read_stack(source)

    def _environment(self, name: str, stack: Stack | None) -> tuple[Environment | None, Source, list[Problem]]:
        """One environment with its settings filled in; `stack` may replace settings."""
        settings = tuple(sorted((stack.settings if stack else {}).items()))
        if (name, settings) not in self._environments:
            source = self.environments[name]
            file = f"{STACKS}/Pulumi.<stack>.yaml"
            filled, problems = fill(source, _values(source, name, dict(settings)), settings_in=file)
            environment, found = validate(Environment, filled)
            problems += found
            if environment and environment.environment != name:
                problems.append(
                    filled.problem(
                        ("environment",),
                        f"says '{environment.environment}' in a file called {name}.yaml",
                        "use one name for both",
                    )
                )
            self._environments[name, settings] = (environment, filled, problems)
        return self._environments[name, settings]

    def _plan(self, stack_name: str, stack: Stack) -> tuple[Plan | None, list[Problem]]:
        if stack.environment not in self.environments:
            where = self.stacks.get(stack_name)
            message = f"there is no environment '{stack.environment}'"
            remedy = did_you_mean(
                stack.environment,
                self.environments,
                f"write {STACKS}/environments/{stack.environment}.yaml with `environment: {stack.environment}`",
            )
            loc = ("config", f"{CONFIG_PREFIX}environment")
            return None, [where.problem(loc, message, remedy) if where else Problem(STACKS, 0, 0, "", message, remedy)]
        environment, environment_source, problems = self._environment(stack.environment, stack)
        values = _values(environment_source, stack.environment, stack.settings)
        catalogs, catalog_sources, found = self._catalogs(values)
        problems = [*problems, *found]
        if environment is None or found:
            return None, problems
        scope = Scope(environment, catalogs)
        sources = references.Sources(environment_source, catalog_sources, frozenset(self.environments))
        problems += references.check(scope, sources)
        problems += self._shared_mounts(scope, environment_source)
        if stack.slice != WHOLE and stack.slice not in slices(catalogs):
            message = f"'{stack.slice}' is no slice of {stack.environment}"
            remedy = did_you_mean(
                stack.slice, [WHOLE, *slices(catalogs)], f"there are: {', '.join([WHOLE, *slices(catalogs)])}"
            )
            place = self.stacks.get(stack_name, environment_source)
            problems.append(place.problem(("config", f"{CONFIG_PREFIX}slice"), message, remedy))
        if problems:
            return None, problems
        plan = make_plan(environment, catalogs)
        problems += self._crossings(plan, environment_source)
        return plan.cut(stack.slice), problems

    def _catalogs(self, values: Mapping[str, str]) -> tuple[dict[str, Catalog], dict[str, Source], list[Problem]]:
        problems: list[Problem] = []
        catalogs: dict[str, Catalog] = {}
        sources: dict[str, Source] = {}
        for source in self.catalogs:
            filled, found = fill(source, values)
            catalog, more = validate(Catalog, filled)
            problems += [*found, *more]
            if catalog is None:
                continue
            if other := sources.get(catalog.team):
                problems.append(
                    filled.problem(
                        ("team",),
                        f"team {catalog.team} is declared in {other.file} already",
                        "one team has one file",
                    )
                )
                continue
            catalogs[catalog.team], sources[catalog.team] = catalog, filled
        return catalogs, sources, problems

    @cached_property
    def _stack_of(self) -> dict[str, Stack]:
        """For each environment, a stack that applies it (for its settings)."""
        found = {stack.environment: stack for name in self.stacks if (stack := self._stack(name)[0])}
        return {name: stack for name, stack in found.items() if name in self.environments}

    def _mounts_of_others(self, name: str) -> dict[str, list[str]]:
        others = {}
        for other in self.environments:
            environment = self._environment(other, self._stack_of.get(other))[0] if other != name else None
            if environment:
                others[other] = [path for path, _ in mounts(Scope(environment, {}))]
        return others

    def _shared_mounts(self, scope: Scope, source: Source) -> Iterator[Problem]:
        owners = {path: other for other, paths in self._mounts_of_others(scope.name).items() for path in paths}
        for path, loc in mounts(scope):
            if path in owners:
                yield source.problem(
                    loc,
                    f"is mounted at '{path}', which belongs to environment {owners[path]}",
                    "no two environments share a mount",
                )

    def _crossings(self, plan: Plan, source: Source) -> Iterator[Problem]:
        for crossing in crossings(plan, self._mounts_of_others(plan.environment)):
            loc = ("vault", "policies", crossing.policy.rpartition(".")[2])
            yield source.problem(loc, str(crossing), "environments cannot reach each other: narrow the rule's path")


def _values(environment: Source, name: str, settings: Mapping[str, str]) -> dict[str, str]:
    data = environment.data
    declared = data.get("settings") if isinstance(data, dict) else None
    own = (
        {key: text for key, text in (declared or {}).items() if isinstance(text, str)}
        if isinstance(declared, dict)
        else {}
    )
    return {"environment": name, **{f"settings.{key}": text for key, text in {**own, **settings}.items()}}


def _read_stack(source: Source) -> tuple[Stack | None, list[Problem]]:
    """The `strongroom:` keys of a stack's configuration. Encrypted values are kept, and not looked at."""
    root = source.root.value
    config = root.get("config") if isinstance(root, dict) else None
    entries = config.value if config and isinstance(config.value, dict) else {}
    own = {key.removeprefix(CONFIG_PREFIX): node for key, node in entries.items() if key.startswith(CONFIG_PREFIX)}
    own = {key: node for key, node in own.items() if not (isinstance(node.value, dict) and "secure" in node.value)}
    return validate(Stack, Source(Node(own, source.root.at, source.root.key_at)))


class _Reader:
    """Reads files and keeps what is wrong with them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []

    def folder(self, folder: str, pattern: str) -> Iterator[tuple[Path, Source]]:
        for path in sorted((self.root / STACKS / folder).glob(pattern)):
            if source := self.file(path):
                yield path, source

    def file(self, path: Path) -> Source | None:
        try:
            return read(path, path.relative_to(self.root).as_posix())
        except SpecError as error:
            self.problems += error.problems
            return None

    def extended(self, path: Path, source: Source, seen: tuple[Path, ...] = ()) -> Source | None:
        """A file with what it `extends` merged in, below its own values."""
        if not isinstance(source.root.value, dict) or (node := source.root.value.get("extends")) is None:
            return source
        own = Source(source.root._replace(value={k: v for k, v in source.root.value.items() if k != "extends"}))
        if not isinstance(node.value, str) or not node.value or "/" in node.value:
            self.problems.append(
                source.problem(
                    ("extends",), "needs the name of a file beside this one", "for example `extends: common`"
                )
            )
            return None
        below = path.with_name(f"{node.value}.yaml")
        if below in (*seen, path):
            self.problems.append(
                source.problem(("extends",), "extends itself, over " + " and ".join(p.name for p in seen or (path,)))
            )
            return None
        if not below.is_file():
            names = [other.stem for other in path.parent.glob("*.yaml")]
            self.problems.append(
                source.problem(
                    ("extends",), f"there is no file {below.name} beside it", did_you_mean(node.value, names)
                )
            )
            return None
        base = self.file(below)
        base = self.extended(below, base, (*seen, path)) if base else None
        return merge(base, own) if base else None
