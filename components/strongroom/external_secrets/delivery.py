"""What a product team writes about how a secret reaches its workload's namespace in a Kubernetes cluster."""

import re
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.kubernetes.labels import MANAGED_BY
from strongroom.kubernetes.secrets.types import BroughtType, SecretKey
from strongroom.spec.identity import KubernetesName
from strongroom.spec.item import Item
from strongroom.spec.model import Model, OneOf, StrictBool
from strongroom.spec.names import Duration, FieldName, Name, QualifiedName, refuse
from strongroom.spec.problems import looks_secret

_NOT_IN_GO: Final = re.compile(r"\(\?(=|!|<=|<!|>|#|\(|P=)|\\[1-9Z]|[*+?}]\+")
"""Go, package regexp (RE2): no lookaround, no references to groups, no comments, nothing possessive."""
STRING: Final = re.compile(r""""(?:[^"\\]|\\.)*"|`[^`]*`|'(?:[^'\\]|\\.)*'|/\*(?:[^*]|\*(?!/))*\*/""", re.DOTALL)
ACTION: Final = re.compile(rf"""\{{\{{((?:{STRING.pattern}|[^"`'/{{]|/(?!\*))*?)\}}\}}""", re.DOTALL)
"""Of templates: a text or comment within an action, and an action. Go, "text/template"."""
_WORD: Final = re.compile(r"(?<![\w.$])[A-Za-z]\w*")
_REFUSED: Final[tuple[tuple[re.Pattern[str], str, str], ...]] = (
    (
        re.compile("ago|gen[A-Z].*|now|rand[A-Z].*|shuffle|uuidv4"),
        "which makes something else at each refresh, and no store has it",
        "keep it as a field of a secret",
    ),
    (
        re.compile("repeat|seq|until|untilStep"),
        "which makes texts of any length in the operator that all teams share",
        "write the text as it is",
    ),
    (re.compile("getHostByName"), "which asks servers of names outside", "write the address, or keep it as a field"),
)
"""Functions of the operator's engine v2 (those of Sprig) that do more than change a value: which, why not, remedy."""
_OF_OTHERS: Final = frozenset({"strongroom", "external-secrets.io", "reconcile.external-secrets.io"})
_LABEL: Final = r"^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$"
_LABEL_KEY: Final = r"^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$"
"""Kubernetes, "Labels and Selectors": syntax and character set."""


def _check_text(text: str) -> str:
    _check_functions(text)
    # What the template names is not in it; what else is in it is written down here for everybody.
    texts = [found for action in ACTION.findall(text) for found in STRING.findall(action)]
    if any(map(looks_secret, (ACTION.sub(" ", text), *texts))):
        raise refuse(
            "the template has a text that looks like a value", "replace that value, and name a field: {{ .api_key }}"
        )
    return text


def _check_functions(text: str) -> str:
    if "{{" in ACTION.sub("", text):
        raise refuse("the template has an action that does not end", "close each `{{` with `}}`, and each quote")
    words = [word for action in ACTION.findall(text) for word in _WORD.findall(STRING.sub('""', action))]
    for functions, why, remedy in _REFUSED:
        if named := next(filter(functions.fullmatch, words), None):
            raise refuse(f"the template calls '{named}', {why}", remedy)
    return text


def _check_annotation(text: str) -> str:
    # The operator fills templates here too, and whoever lists Secrets' metadata reads what comes of them.
    if "{{" in text:
        raise refuse("an annotation with a template would show a value", "name fields in `data`")
    if looks_secret(text):
        raise refuse("the annotation has a text that looks like a value", "remove it, and replace that value")
    return text


def _check_regexp(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise refuse(f"is no regular expression: {error}", "correct it") from None
    if found := _NOT_IN_GO.search(text):
        raise refuse(f"has '{found[0]}', which Go's regular expressions do not know", "write it without")
    return text


def _check_label_key(text: str) -> str:
    if text.partition("/")[0] in _OF_OTHERS or text == MANAGED_BY:
        raise refuse(f"'{text}' says whose the Secret is, which others rely on", "choose a key of your own")
    return text


LabelKey = Annotated[str, Field(pattern=_LABEL_KEY), AfterValidator(_check_label_key)]


class Template(Model):
    """What the Kubernetes Secret is made of the fields: External Secrets Operator, "Advanced Templating" (engine v2).

    Values are never here: a template names the fields, `{{ .api_key }}`.
    """

    type: BroughtType = "Opaque"
    """The type of the Secret, which its consumers look at and which can never be changed."""
    data: dict[SecretKey, Annotated[str, Field(min_length=1, max_length=65536), AfterValidator(_check_text)]] = Field(
        default_factory=dict
    )
    """Keys and their texts. Default: the fields as they are."""
    merge_policy: Literal["Replace", "Merge"] = "Replace"
    """Whether the Secret has only the keys of `data`, or the fields too."""
    labels: dict[LabelKey, Annotated[str, Field(pattern=_LABEL)]] = Field(default_factory=dict)
    """Labels of the Secret."""
    annotations: dict[LabelKey, Annotated[str, AfterValidator(_check_annotation)]] = Field(default_factory=dict)
    """Annotations of the Secret, without templates: they would show values to whoever lists them."""


class Regexp(Model):
    """Names the keys anew by a regular expression (Go's syntax)."""

    source: Annotated[str, Field(min_length=1, max_length=253), AfterValidator(_check_regexp)]
    """What to find in a key."""
    target: Annotated[str, Field(max_length=253)]
    """What to put there; `$1` is the first group."""


class Transform(Model):
    """Names the keys anew by a template."""

    template: Annotated[str, Field(min_length=1, max_length=253), AfterValidator(_check_functions)]
    """What a key becomes: `{{ .value | upper }}`."""


class Rewrite(OneOf):
    """One change of the names of keys, after the ones before it."""

    what: ClassVar[str] = "rewrite"

    regexp: Regexp | None = None
    """By a regular expression."""
    transform: Transform | None = None
    """By a template."""


class Everything(Model):
    """All that a secret has in its store when it is read, so that a field added there arrives without a new plan."""

    rewrite: tuple[Rewrite, ...] = ()
    """How the keys are named, in order. Default: like the fields."""


class DataFrom(OneOf):
    """Instead of single fields: the secret as a whole."""

    what: ClassVar[str] = "way to get the whole secret"

    extract: Everything | None = None
    """The keys of the one JSON object that the secret is. Not in Parameter Store, where each field is a parameter."""
    find: Everything | None = None
    """What a search below the secret's own path finds, by the exact names of its fields. Parameter Store only:
    elsewhere a search needs a right to list what nobody granted."""


class Delivery(Item):
    """One secret of one workload, kept up to date as a Kubernetes Secret in the workload's namespace.

    It gives no right: the workload needs a grant to `read` the secret, and the operator reads as that workload.
    """

    workload: Name
    """A workload of this team, which runs as a service account of Kubernetes."""
    secret: QualifiedName
    """A secret of this team, or `team/secret` if that team has granted it."""
    kubernetes_secret: KubernetesName
    """The name of the Kubernetes Secret, in the namespace of the workload."""
    fields: dict[SecretKey, FieldName] = Field(default_factory=dict)
    """Keys of the Kubernetes Secret, and the field that each holds. Default: all fields, by their names."""
    data_from: DataFrom | None = None
    """Instead of `fields`: the whole secret."""
    template: Template | None = None
    """What the Secret is made of them."""
    refresh: Duration = 3600
    """How often the operator reads the secret again: each time is a request to its store. Default `1h`."""
    refresh_policy: Literal["Periodic", "OnChange", "CreatedOnce"] = "Periodic"
    """When it is read again: every `refresh`, when the ExternalSecret changes, or never."""
    creation_policy: Literal["Owner", "Orphan", "Merge", "CreateOrMerge"] = "Owner"
    """`Owner`: the Secret goes with the delivery. `Orphan`: it stays. `Merge`: the keys are added to one that somebody
    else makes. `CreateOrMerge`: that, or it is made."""
    deletion_policy: Literal["Retain", "Delete", "Merge"] = "Retain"
    """What happens when the secret is gone from its store. `Retain`: nothing, the workload goes on with the last
    values. `Delete`: the Secret goes too. `Merge`: the keys go, the Secret stays."""
    immutable: StrictBool = False
    """Whether the Secret can never be changed, only deleted: then it is not kept up to date."""
    clusters: tuple[Name, ...] | None = Field(default=None, min_length=1)
    """The clusters it is delivered to. Default: all of the environment that have `external_secrets`."""
    secret_store: KubernetesName | None = None
    """The name of the SecretStore, which is made for the workload. Default: `<workload>-<store>`."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.fields and self.data_from:
            raise refuse("fields and data_from are given at once", "keep one: single fields, or the whole secret")
        if self.refresh_policy != "Periodic" and "refresh" in self.model_fields_set:
            raise refuse(
                f"refresh has no meaning with refresh_policy {self.refresh_policy}", "leave it out, or use Periodic"
            )
        if self.immutable and self.refresh_policy == "Periodic":
            raise refuse("an immutable Secret cannot be refreshed", "set refresh_policy to CreatedOnce")
        if self.deletion_policy == "Delete" and self.creation_policy != "Owner":
            # The operator's own webhook refuses this.
            raise refuse(
                f"deletion_policy Delete needs creation_policy Owner, not {self.creation_policy}",
                "the operator deletes only what it owns: use Retain or Merge",
            )
        return self
