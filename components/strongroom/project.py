"""A project on disk: its stacks, environments and catalogs, read once, checked and planned as often as needed."""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from strongroom.access.separation import crossings, names_of
from strongroom.aws.iam.accounts import principals as aws_principals
from strongroom.azure import references as azure
from strongroom.external_secrets.reachability import follow as reachability
from strongroom.gcp.iam import shared as gcp
from strongroom.kubernetes import references as kubernetes
from strongroom.plan import references
from strongroom.plan.mounts import mounts, overlap
from strongroom.plan.plan import Plan, make_plan, slices
from strongroom.plan.record import WHOLE
from strongroom.plan.scope import Scope
from strongroom.project_files import STACKS, Reader
from strongroom.project_models import CONFIG_PREFIX, CatalogModels, EnvironmentModel, Models, Settings, read_stack
from strongroom.spec.environment import Environment
from strongroom.spec.problems import Loc, Problem, SpecError, did_you_mean
from strongroom.spec.stack import Stack
from strongroom.spec.yaml_nodes import Source
from strongroom.spec.yaml_source import read
from strongroom.vault import needs
from strongroom.vault.profile import Profile

CATALOGS: Final = f"{STACKS}/catalog/"

Planned = tuple[Plan | None, tuple[str, ...], list[Problem]]
"""The whole plan of an environment (None if something is wrong), the names of its slices, and what is wrong."""


@contextmanager
def _no_collection() -> Iterator[None]:
    """Pauses the search for cycles. Of the many small values made here none is in one, and looking through all of them
    again and again took half of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


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
    unusable: frozenset[str] = frozenset()
    """Environments whose files are there and cannot be used."""
    _plans: dict[tuple[str, Settings], Planned] = field(default_factory=dict, init=False, repr=False, compare=False)
    _filled: dict[str, Scope] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    @_no_collection()
    def read(cls, root: Path) -> "Project":
        """Reads every file below `<root>/stacks`."""
        reader = Reader(root)
        stacks, environments, catalogs = reader.stacks(), reader.environments(), reader.catalogs()
        return cls(root, stacks, environments, catalogs, tuple(reader.problems), frozenset(reader.unusable))

    @classmethod
    def of_stack(cls, root: Path, stack: str, config_file: Path | None) -> "Project":
        """As a command on one stack sees it, with another configuration file for it if one is named."""
        project = cls.read(root)
        return project.with_stack_file(stack, config_file) if config_file else project

    def with_stack_file(self, stack: str, path: Path) -> "Project":
        """The same project with another configuration file for one stack, as `pulumi --config-file`."""
        return replace(self, stacks={**self.stacks, stack: read(path, path.name)})

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

    @_no_collection()
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

    def server(self, stack_name: str) -> Profile | None:
        """The Vault or OpenBao that the environment of a stack declares, None if it uses none. Raises SpecError."""
        vault = self._sound(stack_name)[0].environment.vault
        return needs.profile_of(vault) if vault else None

    def unserved(self, stack_name: str, profile: Profile) -> list[Problem]:
        """What a server, other than the declared one, would lack for the environment of a stack. Raises SpecError."""
        return sorted(needs.check(*self._sound(stack_name), profile))

    def _sound(self, stack_name: str) -> tuple[Scope, references.Sources]:
        self.plan(stack_name)  # raises if there is anything wrong
        stack = self.stack(stack_name)
        environment = self._models.environment(stack.environment, _settings(stack))
        assert environment.model is not None
        return self._scope(environment.model, environment.source, self._models.catalogs(environment.values))

    @_no_collection()
    def check(self) -> dict[str, Plan]:
        """The plans of all stacks. Raises SpecError with all that is wrong with any of them, or with a file that no
        stack uses."""
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
        for name in self.environments:
            # One that waits for settings of a stack cannot be judged without one.
            if name not in self._stack_of and not self._models.waits_for_settings(name):
                problems += self._whole(name, ())[2]
        if not self.environments:
            problems += self._models.catalogs({"environment": "environment"}).problems
        if not self.stacks:
            remedy = "`pulumi stack init NAME` makes Pulumi.NAME.yaml"
            problems.append(Problem(STACKS, 0, 0, "", "there is no stack", remedy))
        if problems:
            raise SpecError(problems)
        return plans

    def _stack(self, name: str) -> tuple[Stack | None, list[Problem]]:
        source = self.stacks.get(name)
        if source is None:
            remedy = did_you_mean(name, self.stacks, f"there are: {', '.join(self.stacks) or 'none'}")
            return None, [Problem(f"{STACKS}/Pulumi.{name}.yaml", 0, 0, "", "there is no such stack", remedy)]
        return read_stack(source)

    @cached_property
    def _models(self) -> Models:
        return Models(self.environments, self.catalogs)

    def _plan(self, stack_name: str, stack: Stack) -> tuple[Plan | None, list[Problem]]:
        """The part of its environment's plan that a stack applies, and all that is wrong with either."""
        if stack.environment in self.unusable:
            return None, []  # `problems` says why
        if stack.environment not in self.environments:
            message = f"there is no environment '{stack.environment}'"
            remedy = did_you_mean(
                stack.environment,
                self.environments,
                f"write {STACKS}/environments/{stack.environment}.yaml with `environment: {stack.environment}`",
            )
            return None, [self._problem_of(stack_name, "environment", message, remedy)]
        whole, names, problems = self._whole(stack.environment, _settings(stack))
        if stack.slice != WHOLE and stack.slice not in names:
            message = f"'{stack.slice}' is no slice of {stack.environment}"
            remedy = did_you_mean(stack.slice, [WHOLE, *names], f"there are: {', '.join([WHOLE, *names])}")
            return None, [*problems, self._problem_of(stack_name, "slice", message, remedy)]
        return whole.cut(stack.slice) if whole else None, problems

    def _problem_of(self, stack_name: str, key: str, message: str, remedy: str) -> Problem:
        if source := self.stacks.get(stack_name):
            return source.problem(("config", f"{CONFIG_PREFIX}{key}"), message, remedy)
        return Problem(f"{STACKS}/Pulumi.{stack_name}.yaml", 0, 0, f"{CONFIG_PREFIX}{key}", message, remedy)

    def _whole(self, name: str, settings: Settings) -> Planned:
        """Made once for all stacks that are slices of the same environment with the same settings."""
        if (name, settings) not in self._plans:
            self._plans[name, settings] = self._make(name, settings)
        return self._plans[name, settings]

    def _make(self, name: str, settings: Settings) -> Planned:
        environment = self._models.environment(name, settings)
        catalogs = self._models.catalogs(environment.values)
        problems = [*environment.problems, *catalogs.problems]
        names = slices(catalogs.models)
        if environment.model is None:
            return None, names, problems
        scope, sources = self._scope(environment.model, environment.source, catalogs)
        problems += references.check(scope, sources)
        problems += self._shared_mounts(scope, environment.source)
        problems += self._shared_vaults(scope, environment.source)
        problems += self._shared_principals(scope, environment.source)
        problems += azure.shared_identities(scope, sources, self._others(scope, "azure"))
        problems += gcp.shared_identities(scope, sources, self._others(scope, "gcp"))
        problems += kubernetes.shared(scope, self._others(scope, "clusters"), sources)
        if problems:
            return None, names, problems
        plan = make_plan(scope)
        problems += self._crossings(plan, environment.source)
        problems += reachability.check(plan, scope, sources)
        return plan, names, problems

    def _scope(
        self, environment: Environment, source: Source, catalogs: CatalogModels
    ) -> tuple[Scope, references.Sources]:
        sources = references.Sources(
            environment=source,
            catalogs=catalogs.sources,
            environments=frozenset(self.environments),
            twice=catalogs.twice,
            complete=catalogs.complete and not any(p.file.startswith(CATALOGS) for p in self.problems),
        )
        return Scope(environment, catalogs.models), sources

    @cached_property
    def _stack_of(self) -> dict[str, Stack]:
        """For each environment, a stack that applies it (for its settings)."""
        found = {stack.environment: stack for name in self.stacks if (stack := self._stack(name)[0])}
        return {name: stack for name, stack in found.items() if name in self.environments}

    @cached_property
    def _scopes(self) -> dict[str, Scope]:
        """Every environment that can be read, without catalogs."""
        return {name: Scope(model, {}) for name in self.environments if (model := self._applied(name).model)}

    def _applied(self, name: str) -> EnvironmentModel:
        """An environment with the settings of a stack that applies it."""
        stack = self._stack_of.get(name)
        return self._models.environment(name, _settings(stack) if stack else ())

    @cached_property
    def _mounts(self) -> dict[str, list[str]]:
        """The mounts of every environment, as the server as a whole knows them."""
        return {
            name: [scope.within_namespace(path) for path, _ in mounts(scope)] for name, scope in self._scopes.items()
        }

    def _shared_mounts(self, scope: Scope, source: Source) -> Iterator[Problem]:
        owners = [(path, other) for other, paths in self._mounts.items() if other != scope.name for path in paths]
        for relative, loc in mounts(scope):
            path = scope.within_namespace(relative)
            for taken, other in owners:
                if overlap(path, taken):
                    where = "which" if path == taken else f"and '{taken}'"
                    yield source.problem(
                        loc,
                        f"is mounted at '{path}', {where} belongs to environment {other}",
                        "no two environments share a mount, or lie within one another's: set another `mount`",
                    )
                    break

    def _shared_vaults(self, scope: Scope, source: Source) -> Iterator[Problem]:
        """The same for vaults of Azure, each of which is one environment's."""
        for vault, loc, owner in self._named_elsewhere(scope, azure.vaults):
            remedy = "no two environments share a vault: name another, for example with {{ environment }} in it"
            yield source.problem(loc, f"{vault} is the vault of environment {owner}", remedy)

    def _shared_principals(self, scope: Scope, source: Source) -> Iterator[Problem]:
        """The same for roles and users of AWS that environments name as workloads."""
        for arn, loc, owner in self._named_elsewhere(scope, lambda named: aws_principals(named).items()):
            remedy = "no two environments share an identity: name another, for example with {{ environment }} in it"
            yield source.problem(loc, f"{arn} is a workload of environment {owner} too", remedy)

    def _named_elsewhere(
        self, scope: Scope, named_in: Callable[[Scope], Iterable[tuple[str, Loc]]]
    ) -> Iterator[tuple[str, Loc, str]]:
        """What an environment file names and another one does too, where, and for which environment that is."""
        owners = {
            what: name for name, other in self._scopes.items() if name != scope.name for what, _ in named_in(other)
        }
        yield from ((what, loc, owners[what]) for what, loc in named_in(scope) if what in owners)

    def _others(self, scope: Scope, system: str) -> Iterator[Scope]:
        """The other environments that have a section for a system, with what of the catalogs is in them."""
        for name, other in self._scopes.items():
            if name != scope.name and getattr(other.environment, system):
                if name not in self._filled:
                    catalogs = self._models.catalogs(self._applied(name).values)
                    self._filled[name] = Scope(other.environment, catalogs.models)
                yield self._filled[name]

    def _crossings(self, plan: Plan, source: Source) -> Iterator[Problem]:
        others = {name: scope for name, scope in self._scopes.items() if name != plan.environment}
        names = {name: [scope.within_namespace(path) for path in names_of(name)] for name, scope in others.items()}
        for crossing in crossings(plan, {name: self._mounts[name] for name in others}, names):
            loc: Loc = ("vault", "policies", crossing.policy.rpartition(".")[2])
            if crossing.adopted:
                loc = ("vault", "adopted", "policies", crossing.policy)
            yield source.problem(loc, str(crossing), "environments cannot reach each other: narrow the rule's path")


def _settings(stack: Stack) -> Settings:
    return tuple(sorted(stack.settings.items()))
