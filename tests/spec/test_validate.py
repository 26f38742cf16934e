"""What pydantic finds, said in words of the file. The models here are made for the purpose: any model will do."""

import json
from enum import Enum
from typing import Annotated, Any, ClassVar, Literal, NewType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    Tag,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from strongroom.spec.merge import merge
from strongroom.spec.validate import validate
from strongroom.spec.yaml_source import parse


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


def _lower(text: str) -> str:
    if text != text.lower():
        raise PydanticCustomError("ours", "{text}", {"text": "has upper-case letters", "remedy": "write it small"})
    return text


Name = Annotated[str, AfterValidator(_lower)]
Path = NewType("Path", str)


class Secret(Model):
    fields: tuple[Name, ...]
    """The names of its values. A second sentence, e.g. this one, is not shown."""
    rotate_every: str | None = None
    length: Annotated[int, Field(ge=8, le=64, strict=True)] = 32
    access: Literal["readonly", "readwrite"] = "readonly"
    path: Path | None = None


class Verb(Enum):
    READ = "read"
    LIST = "list"


class Grant(Model):
    workload: str
    can: frozenset[Verb]


class Kv(Model):
    kind: Literal["kv"]
    mount: str


class Aws(Model):
    kind: Literal["aws"]
    prefix: str
    region: str

    @model_validator(mode="after")
    def _region(self) -> "Aws":
        if self.region == "moon":
            raise ValueError("there is no such region")
        return self


class Plain(Model):
    user: str


Person = TypeAliasType("Person", Plain)


def _which(value: Any) -> str:
    return "long" if isinstance(value, dict) and "kind" in value else "short"


class Settings(RootModel[dict[str, int]]):
    pass


class File(Model):
    team: Name = "t"
    secrets: dict[Name, Secret] = Field(default_factory=dict)
    grants: list[Grant] = Field(default_factory=list)
    store: Annotated[Kv | Aws, Field(discriminator="kind")] | None = None
    stores: dict[str, Annotated[Kv | Aws, Field(discriminator="kind")]] = Field(default_factory=dict)
    picked: Annotated[Annotated[Kv, Tag("long")] | Annotated[Plain, Tag("short")], Discriminator(_which)] | None = None
    nested: Annotated[Kv | Aws, Field(discriminator="kind")] | list[int] | None = None
    aliased: Person | None = None
    either: Plain | Aws | int | None = None
    count: Annotated[int, Field(strict=True)] = 0
    words: int | str | None = None
    settings: Settings | None = None
    pair: tuple[int, str] | None = None
    ratio: float | None = None
    strict: Annotated[bool, Field(strict=True)] = False
    named: Annotated[int | None, Field(alias="named-so")] = None
    pattern: Annotated[str, Field(pattern="^[a-z]+$", max_length=5)] | None = None
    few: Annotated[list[int], Field(min_length=1, max_length=2)] | None = None
    password: Annotated[int, Field(ge=10)] | None = None


def found(text: str, model: type[BaseModel] = File) -> list[str]:
    value, problems = validate(model, parse(text.encode(), "a.yaml"))
    assert value is None
    assert problems == sorted(problems)
    return [str(problem).removeprefix("a.yaml:") for problem in problems]


def test_a_good_file_becomes_the_model_without_problems() -> None:
    model, problems = validate(File, parse(b"team: payments\nsecrets: {stripe: {fields: [key]}}\n", "a.yaml"))
    assert problems == []
    assert model is not None
    assert model.secrets["stripe"].fields == ("key",)


# Unknown and missing keys


def test_an_unknown_key_points_at_the_key_and_names_the_nearest_known_one() -> None:
    assert found("secrets:\n  stripe:\n    fields: [a]\n    rotate_evry: 90d\n") == [
        "4:5: secrets.stripe.rotate_evry: unknown key; did you mean 'rotate_every'?"
    ]


def test_an_unknown_key_that_is_near_to_none_lists_the_known_ones() -> None:
    assert found("grants:\n  - {workload: w, can: [read], banana: 1}\n") == [
        "2:32: grants[0].banana: unknown key; known keys: workload, can"
    ]


def test_known_keys_are_called_what_they_are_called_in_the_file() -> None:
    assert found("named_so: 1\n") == ["1:1: named_so: unknown key; did you mean 'named-so'?"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("team: a\nstore: {kind: kv, mount: m, munt: 1}\n", "2:29: store.munt: unknown key; did you mean 'mount'?"),
        ("stores:\n  x: {kind: kv, mount: m, mont: 1}\n", "2:27: stores.x.mont: unknown key; did you mean 'mount'?"),
        ("picked: {kind: kv, mount: m, mont: 1}\n", "1:30: picked.mont: unknown key; did you mean 'mount'?"),
        ("picked: {user: u, usre: 1}\n", "1:19: picked.usre: unknown key; did you mean 'user'?"),
        ("nested: {kind: kv, mount: m, mont: 1}\n", "1:30: nested.mont: unknown key; did you mean 'mount'?"),
        ("aliased: {user: u, usr: 1}\n", "1:20: aliased.usr: unknown key; did you mean 'user'?"),
        ("either: {user: u, usr: 1}\n", "1:19: either.usr: unknown key; did you mean 'user'?"),
    ],
)  # fmt: skip
def test_unknown_keys_are_placed_in_optional_tagged_and_plain_unions_too(text: str, problem: str) -> None:
    assert found(text) == [problem]


def test_a_missing_key_points_at_the_map_around_it_and_says_what_it_is_for() -> None:
    assert found("secrets:\n  stripe:\n    length: 16\n") == [
        "3:5: secrets.stripe: 'fields' is missing (The names of its values)"
    ]


def test_a_missing_key_of_the_whole_file_points_at_its_beginning() -> None:
    assert found("# a comment\n\nmount: x\n", Kv) == ["3:1: 'kind' is missing"]


def test_a_missing_list_item_is_counted_from_one() -> None:
    assert found("pair: [1]\n") == ["1:7: pair: item 2 of the list is missing"]


def test_a_missing_key_of_a_tagged_alternative_is_looked_for_in_that_alternative() -> None:
    assert found("stores:\n  x:\n    kind: kv\n") == ["3:5: stores.x: 'mount' is missing"]


def test_the_key_that_tells_the_kind_may_be_missing() -> None:
    assert found("store: {mount: m}\n") == ["1:8: store: 'kind' is missing, which tells the kind"]


# Types

UNQUOTED = "write it without quotes and leading zeros"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("team: 5", "1:7: team: needs text, found a whole number 5; put it in quotes"),
        ("team: true", "1:7: team: needs text, found true; put it in quotes"),
        ("team: 1e3", "1:7: team: needs text, found a number 1000.0; put it in quotes"),
        ("team: [a]", "1:7: team: needs text, found a list"),
        ("team:", "1:6: team: needs text, found nothing; write the value, or remove the key"),
        ("secrets: []", "1:10: secrets: needs a map, found a list"),
        ("secrets: {a: x}", "1:14: secrets.a: needs a map, found text 'x'"),
        ("grants: {a: 1}", "1:9: grants: needs a list, found a map"),
        ("few: x", "1:6: few: needs a list, found text 'x'; write a single item as [item]"),
        ("count: ten", "1:8: count: needs a whole number, found text 'ten'"),
        ("count: '16'", f"1:8: count: needs a whole number, found text '16'; {UNQUOTED}"),
        ("count: 012", f"1:8: count: needs a whole number, found text '012'; {UNQUOTED}"),
        ("count: 9.5", "1:8: count: needs a whole number, found a number 9.5"),
        ("count: true", "1:8: count: needs a whole number, found true"),
        ("ratio: half", "1:8: ratio: needs a number, found text 'half'"),
        ("strict: yes", "1:9: strict: needs true or false, found text 'yes'; write true"),
        ("strict: 'off'", "1:9: strict: needs true or false, found text 'off'; write false"),
        ("strict: 1", "1:9: strict: needs true or false, found a whole number 1"),
        ("settings: {a: x}", "1:15: settings.a: needs a whole number, found text 'x'"),
        ("words: []", "1:8: words: needs a whole number or text, found a list"),
        ("either: []", "1:9: either: needs a map or a whole number, found a list"),
    ],
)  # fmt: skip
def test_a_wrong_type_is_said_in_plain_words(text: str, problem: str) -> None:
    assert found(text) == [problem]


@pytest.mark.parametrize(
    ("text", "kind"), [("[1]", "a list"), ("just text", "text 'just text'"), ("5", "a whole number 5")]
)
def test_a_file_that_is_no_map_is_refused(text: str, kind: str) -> None:
    assert found(text) == [f"1:1: needs a map, found {kind}"]


# Choices, limits, lengths


def test_a_wrong_choice_names_all_and_the_nearest() -> None:
    assert found("secrets: {a: {fields: [a], access: redonly}}") == [
        "1:36: secrets.a.access: must be 'readonly' or 'readwrite', found 'redonly'; did you mean 'readonly'?"
    ]


def test_a_wrong_member_of_an_enum_is_placed_at_its_list_item() -> None:
    assert found("grants:\n  - workload: w\n    can: [read, lst]\n") == [
        "3:17: grants[0].can[1]: must be 'read' or 'list', found 'lst'; did you mean 'list'?"
    ]


def test_a_list_whose_items_are_wrong_is_not_called_too_short_as_well() -> None:
    assert found("few: [x]") == ["1:7: few[0]: needs a whole number, found text 'x'"]


def test_a_wrong_kind_names_the_kinds() -> None:
    assert found("store: {kind: awss, prefix: p}") == [
        "1:15: store.kind: must be one of 'kv', 'aws', found 'awss'; did you mean 'aws'?"
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("secrets: {a: {fields: [a], length: 7}}", "1:36: secrets.a.length: must be at least 8, found 7"),
        ("secrets: {a: {fields: [a], length: 65}}", "1:36: secrets.a.length: must be at most 64, found 65"),
        ("pattern: 'A'", "1:10: pattern: must match ^[a-z]+$, found 'A'"),
        ("pattern: abcdef", "1:10: pattern: can have at most 5 characters"),
        ("few: []", "1:6: few: needs at least 1 of them, has 0"),
        ("few: [1, 2, 3]", "1:6: few: can have at most 2 of them, has 3"),
    ],
)
def test_limits_and_lengths_are_said_with_what_was_found(text: str, problem: str) -> None:
    assert found(text) == [problem]


# Errors of our own validators


def test_an_error_of_our_own_keeps_its_message_and_remedy() -> None:
    assert found("team: Payments") == ["1:7: team: has upper-case letters; write it small"]


def test_an_error_in_a_key_points_at_the_key() -> None:
    assert found("secrets:\n  Stripe: {fields: [a]}\n") == [
        "2:3: secrets.Stripe: has upper-case letters; write it small"
    ]


def test_an_error_of_a_whole_map_points_at_the_map() -> None:
    assert found("stores:\n  x: {kind: aws, prefix: p, region: moon}\n") == ["2:6: stores.x: there is no such region"]


class _ExplainedError(ValueError):
    remedy = "choose another"


class Raising(Model):
    what: ClassVar[str] = "raises"
    explained: int = 0
    asserted: int = 0

    @field_validator("explained")
    @classmethod
    def _explain(cls, value: int) -> int:
        raise _ExplainedError(f"{value} is taken")

    @field_validator("asserted")
    @classmethod
    def _assert(cls, value: int) -> int:
        if value:
            raise AssertionError
        return value


def test_a_value_error_may_carry_a_remedy_and_an_assertion_may_say_nothing() -> None:
    assert found("explained: 5\nasserted: 6\n", Raising) == [
        "1:12: explained: 5 is taken; choose another",
        "2:11: asserted: is not valid",
    ]


class Shorthand(Model):
    who: Annotated[Plain, BeforeValidator(lambda value: {"usr": value} if isinstance(value, str) else value)]


def test_an_error_inside_what_a_validator_made_of_a_short_form_points_at_the_short_form() -> None:
    assert found("who: me\n", Shorthand) == [
        "1:6: who: 'user' is missing",
        "1:6: who: unknown key 'usr'; did you mean 'user'?",
    ]


class Tree(Model):
    children: dict[str, "Tree"] = Field(default_factory=dict)
    size: int = 0


def test_errors_in_recursive_models_are_placed() -> None:
    assert found("children:\n  a:\n    children:\n      b: {size: x, sice: 1}\n", Tree) == [
        "4:17: children.a.children.b.size: needs a whole number, found text 'x'",
        "4:20: children.a.children.b.sice: unknown key; did you mean 'size'?",
    ]


def test_an_error_after_a_merge_points_at_the_file_the_value_came_from() -> None:
    base = parse(b"team: t\nstore: {kind: kv, mount: 5}\n", "common.yaml")
    override = parse(b"strict: no\n", "prod.yaml")
    _, problems = validate(File, merge(base, override))
    assert [str(problem).split(": needs")[0] for problem in problems] == [
        "common.yaml:2:26: store.mount",
        "prod.yaml:1:9: strict",
    ]


def test_all_errors_are_reported_at_once_sorted_by_position() -> None:
    text = "strict: 1\nbanana: 2\nteam: X\nsecrets:\n  a: {length: 1}\n  b: 5\ngrants: [{}]\n"
    places = [problem.split(" ")[0] for problem in found(text)]
    assert places == ["1:9:", "2:1:", "3:7:", "5:6:", "5:15:", "6:6:", "7:10:", "7:10:"]


# Secrets


@pytest.mark.parametrize(
    "text",
    [
        "password: {s}",
        "team: {{{s}: 1}}",
        "{s}: 1",
        "secrets: {{a: {{fields: [a], access: {s}}}}}",
        "secrets: {{a: {{fields: [a], length: {s}}}}}",
        "store: {{kind: {s}}}",
        "grants: [{{workload: w, can: [{s}]}}]",
        "pattern: {s}",
        "words: [{s}]",
        "strict: {s}",
        "settings: {{{s}: {s}}}",
    ],
)
def test_no_problem_repeats_a_pasted_token(text: str) -> None:
    token = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"
    assert token[4:12] not in "\n".join(found(text.format(s=token)))


def test_a_short_value_under_a_key_that_names_a_secret_is_not_repeated() -> None:
    assert found("password: hunter2") == ["1:11: password: needs a whole number, found text"]
    assert found("password: 5") == ["1:11: password: must be at least 10, found (not shown)"]


_yaml = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["kv", "aws", "x", "read"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["kind", "fields", "mount", "x", "Y", "can"]), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from([*File.model_fields, "x"]), _yaml, max_size=6))
def test_whatever_a_file_holds_every_problem_has_a_place_and_a_path_in_it(data: dict[str, Any]) -> None:
    source = parse(json.dumps(data, indent=1).encode(), "a.yaml")
    model, problems = validate(File, source)
    assert (model is None) == bool(problems)
    for problem in problems:
        assert problem.line > 0
        assert problem.message
        first = problem.where.split(".")[0].split("[")[0]
        assert first in {*data, ""}
