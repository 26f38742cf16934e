"""The models behind a project's files, each made once, and what is wrong with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from strongroom.project_files import STACKS
from strongroom.spec.catalog import Catalog
from strongroom.spec.environment import Environment
from strongroom.spec.placeholders import fill
from strongroom.spec.problems import Problem, nearest
from strongroom.spec.remainder import remainder
from strongroom.spec.stack import Stack
from strongroom.spec.validate import validate
from strongroom.spec.yaml_nodes import Node, Source, child

CONFIG_PREFIX: Final = "strongroom:"

VAULT_TOKEN: Final = "vault:token"  # noqa: S105  the name of a setting
CLOUD_CREDENTIALS: Final = frozenset(
    {
        "aws:accessKey",
        "aws:secretKey",
        "aws:token",
        "azure-native:clientCertificatePassword",
        "azure-native:clientSecret",
        "azure-native:oidcToken",
        "gcp:accessToken",
        "gcp:credentials",
        "kubernetes:kubeconfig",
    }
)
"""What the providers' own pages ("Installation & Configuration") call credentials. Not even encrypted: whatever a
provider is configured with stands in the state of every stack, and each finds its caller's own login without."""

Settings = tuple[tuple[str, str], ...]
"""Settings that a stack sets anew, in order of their names."""
Values = Mapping[str, str]
"""What placeholders stand for."""
FilledCatalog = tuple[Catalog | None, Source, list[Problem]]


@dataclass(frozen=True)
class EnvironmentModel:
    """An environment with its settings filled in; of a broken file, what is sound of it."""

    model: Environment | None
    source: Source
    values: Values
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class CatalogModels:
    """All catalogs by team, as one environment fills them; of broken files, what is sound of them."""

    models: dict[str, Catalog]
    sources: dict[str, Source]
    twice: frozenset[str]
    """Teams that several files declare."""
    complete: bool
    """False if a file is so broken that it is not known which workloads it declares."""
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Models:
    """Makes models from files, and remembers them: four stacks read each catalog once."""

    environments: Mapping[str, Source]
    catalog_files: tuple[Source, ...]
    _environments: dict[tuple[str, Settings], EnvironmentModel] = field(default_factory=dict, init=False)
    _plain: dict[int, FilledCatalog | None] = field(default_factory=dict, init=False)
    """Catalogs without placeholders, by position: they are the same in every environment. None: it has some."""

    def environment(self, name: str, settings: Settings) -> EnvironmentModel:
        """One environment of the project, with the settings of a stack in the place of its own."""
        if (name, settings) not in self._environments:
            self._environments[name, settings] = self._environment(name, settings)
        return self._environments[name, settings]

    def waits_for_settings(self, name: str) -> bool:
        """Whether an environment uses a setting that its own files do not give."""
        source = self.environments[name]
        return bool(fill(source, _values(source, name, ()))[1])

    def catalogs(self, values: Values) -> CatalogModels:
        """All catalogs, with placeholders filled."""
        models: dict[str, Catalog] = {}
        sources: dict[str, Source] = {}
        problems: list[Problem] = []
        twice: set[str] = set()
        complete = True
        for position in range(len(self.catalog_files)):
            model, source, found = self._catalog(position, values)
            problems += found
            if model is None:
                complete = False
            elif other := sources.get(model.team):
                message = f"team {model.team} is declared in {other.file} already"
                problems.append(source.problem(("team",), message, "one team has one file"))
                twice.add(model.team)
            else:
                models[model.team], sources[model.team] = model, source
        return CatalogModels(models, sources, frozenset(twice), complete, tuple(problems))

    def _environment(self, name: str, settings: Settings) -> EnvironmentModel:
        values = _values(self.environments[name], name, settings)
        filled, problems = fill(self.environments[name], values, settings_in=f"{STACKS}/Pulumi.<stack>.yaml")
        model, found = validate(Environment, filled)
        if model and model.environment != name:
            message = f"says '{model.environment}' in a file called {name}.yaml"
            found = [filled.problem(("environment",), message, "use one name for both")]
            # The file's name is the one that stacks use, and placeholders were filled with.
            model = model.model_copy(update={"environment": name})
        source = filled
        if model is None:
            model, source = remainder(Environment, filled, found)
        return EnvironmentModel(model, source, values, (*problems, *_beside(problems, found)))

    def _catalog(self, position: int, values: Values) -> FilledCatalog:
        source = self.catalog_files[position]
        if position not in self._plain:
            self._plain[position] = None if _has_placeholder(source.root) else _checked(source, [])
        if plain := self._plain[position]:
            return plain
        model, left, problems = _checked(*fill(source, values))
        team = child(source.root, "team")
        if team and _has_placeholder(team):
            problems.append(source.problem(("team",), "a team is called the same in every environment", "write it out"))
            model = None
        return model, left, problems


def read_stack(source: Source) -> tuple[Stack | None, list[Problem]]:
    """The `strongroom:` keys of a stack's configuration. Encrypted values are kept, and not looked at; whatever needs
    to be encrypted and is not is a problem, and so are credentials of a cloud."""
    root = source.root.value
    config = root.get("config") if isinstance(root, dict) else None
    entries = config.value if config and isinstance(config.value, dict) else {}
    plain = {key: node for key, node in entries.items() if not _is_encrypted(node)}
    bare = [key for key in plain if key == VAULT_TOKEN or _is_value_of_ours(key)]
    own = {
        key.removeprefix(CONFIG_PREFIX): node
        for key, node in plain.items()
        if key.startswith(CONFIG_PREFIX) and key not in bare
    }
    stack, problems = validate(Stack, Source(Node(own, source.root.at, source.root.key_at)))
    misplaced = [_credentials(source, key, key in plain) for key in entries if key in CLOUD_CREDENTIALS]
    return stack, [*problems, *(_in_plain_text(source, key) for key in bare), *misplaced]


def _is_encrypted(node: Node) -> bool:
    return isinstance(node.value, dict) and "secure" in node.value


def _is_value_of_ours(key: str) -> bool:
    """Whether a key of the configuration is what a `pulumi_config` reference names, and no setting or near one."""
    name = key.removeprefix(CONFIG_PREFIX)
    return name != key and name not in Stack.model_fields and nearest(name, Stack.model_fields) is None


def _in_plain_text(source: Source, key: str) -> Problem:
    return source.problem(
        ("config", key),
        "stands in plain text",
        f"replace it, as others may have read it, and encrypt the new one: `pulumi config set --secret {key}`",
    )


def _credentials(source: Source, key: str, plain: bool) -> Problem:
    exposed = " and replace it, as others may have read it" if plain else ""
    return source.problem(
        ("config", key),
        "is a credential, which would stand in the state of the stack",
        f"remove it (`pulumi config rm {key}`){exposed}; the provider uses the login of whoever runs it",
    )


def _checked(source: Source, problems: list[Problem]) -> FilledCatalog:
    model, found = validate(Catalog, source)
    left = source
    if model is None:
        model, left = remainder(Catalog, source, found)
    return model, left, [*problems, *_beside(problems, found)]


def _beside(unfilled: list[Problem], found: list[Problem]) -> list[Problem]:
    """What was found without what only follows from a placeholder that was not filled."""
    places = {problem.where for problem in unfilled}
    return [problem for problem in found if problem.where not in places]


def _has_placeholder(node: Node) -> bool:
    value = node.value
    if isinstance(value, str):
        return "{{" in value or "}}" in value
    if isinstance(value, dict):
        return any(_has_placeholder(inner) for inner in value.values())
    return isinstance(value, list) and any(_has_placeholder(inner) for inner in value)


def _values(environment: Source, name: str, settings: Settings) -> Values:
    root = environment.root.value
    declared = root.get("settings") if isinstance(root, dict) else None
    nodes = declared.value if declared and isinstance(declared.value, dict) else {}
    own = {key: node.value for key, node in nodes.items() if isinstance(node.value, str)}
    return {"environment": name, **{f"settings.{key}": text for key, text in {**own, **dict(settings)}.items()}}
