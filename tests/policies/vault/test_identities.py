"""The table of what holds policies, against the classes of the provider's own SDK."""

import importlib.util
import re
from functools import cache
from pathlib import Path

import pytest

from strongroom_policies.vault.identities import PRINCIPALS

PROPERTY = re.compile(r"""__props__\.__dict__\["(\w+)"\]""")


@cache
def sdk() -> dict[str, set[str]]:
    """Resource type -> its properties, read from the SDK's source (importing all of it would take seconds)."""
    spec = importlib.util.find_spec("pulumi_vault")
    assert spec is not None
    assert spec.origin is not None
    found = {}
    for path in Path(spec.origin).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if token := re.search(r"^\s*'(vault:[\w/]+:\w+)',\s*$", text, re.MULTILINE):
            found[token[1]] = {_camel(name) for name in PROPERTY.findall(text)}
    return found


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


@pytest.mark.parametrize("token", PRINCIPALS)
def test_every_principal_exists_with_the_properties_that_are_read(token: str) -> None:
    key, template = PRINCIPALS[token]
    assert {key, *re.findall(r"\{(\w+)", template)} <= sdk()[token]


def test_no_resource_with_token_policies_is_missing() -> None:
    assert {token for token, properties in sdk().items() if "tokenPolicies" in properties} <= set(PRINCIPALS)
