"""The differences that the migration knows beside those of the published definitions, so that none is forgotten.

Without `../shared/reference` there are no published definitions, and the differences of `test_rewrite` are all that is
tested.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from strongroom.external_secrets.migrate.differences import KINDS, differences
from strongroom.external_secrets.migrate.tree import read
from support.external_secrets_crds import FOLDER

STRICTER = ("required", "minProperties", "maxProperties", "minLength", "x-kubernetes-validations", "pattern")
KNOWN = {
    # Where v1 of 2.9.0 takes less than v1beta1 beside it; each is a rule of `differences`.
    "spec.provider.alibaba",
    "spec.provider.device42",
    "spec.provider.conjur.auth",
    "spec.provider.kubernetes.auth.cert",
    "spec.provider.kubernetes.auth.token",
    "spec.provider.pulumi",
    "spec.provider.secretserver.username",
    "spec.provider.secretserver.password",
}
WIDER = {
    # Where what is asked for is only said in another way: a value that v1beta1 took is taken.
    "spec.provider.doppler.auth",
    "spec.provider.secretserver",
    "spec.provider.secretserver.username.value",  # an empty user name or password logs in nowhere
    "spec.provider.secretserver.password.value",
}


def _definitions(kind: str) -> dict[str, dict[str, Any]]:
    for path in sorted(FOLDER.glob("*.yaml")):
        found = yaml.safe_load(path.read_text("utf-8"))
        if found["spec"]["names"]["kind"] == kind:
            return {v["name"]: v["schema"]["openAPIV3Schema"] for v in found["spec"]["versions"]}
    raise AssertionError(kind)


def _less(old: Mapping[str, Any], new: Mapping[str, Any] | None, where: str) -> Iterator[str]:
    """Where the new schema takes less than the old one."""
    if new is None:
        yield where
        return
    asked = set(new.get("required", ())) - set(old.get("required", ()))
    gone = set(old.get("enum", ())) - set(new.get("enum", old.get("enum", ())))
    if asked or gone or any(key in new and key not in old for key in STRICTER if key != "required"):
        yield where
    for key, inner in old.get("properties", {}).items():
        yield from _less(inner, new.get("properties", {}).get(key), f"{where}.{key}".lstrip("."))
    if isinstance(old.get("items"), Mapping):
        yield from _less(old["items"], new.get("items"), f"{where}[]")


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the published definitions are not here; test_rewrite has the rules")
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_wherever_v1_takes_less_than_v1beta1_there_is_a_rule_or_a_reason(kind: str) -> None:
    versions = _definitions(kind)
    found = set(_less(versions["v1beta1"]["properties"]["spec"], versions["v1"]["properties"]["spec"], "spec"))
    assert {where for where in found if where not in KNOWN | WIDER} == set()
    if kind == "SecretStore":
        assert found - WIDER == KNOWN


EXAMPLES = {
    "spec.provider.alibaba": "{alibaba: {}}",
    "spec.provider.device42": "{device42: {}}",
    "spec.provider.conjur.auth": "{conjur: {auth: {}}}",
    "spec.provider.kubernetes.auth.cert": "{kubernetes: {auth: {cert: {}}}}",
    "spec.provider.kubernetes.auth.token": "{kubernetes: {auth: {token: {}}}}",
    "spec.provider.pulumi": "{pulumi: {accessToken: {}, auth: {}}}",
    "spec.provider.secretserver.username": "{secretserver: {username: {}}}",
    "spec.provider.secretserver.password": "{secretserver: {password: {value: a, secretRef: {}}}}",
}


@pytest.mark.parametrize("where", sorted(KNOWN))
def test_each_of_them_keeps_a_manifest_from_being_rewritten(where: str) -> None:
    manifest = read(f"{{kind: SecretStore, spec: {{provider: {EXAMPLES[where]}}}}}")
    assert manifest is not None
    (found,) = differences("SecretStore", manifest)
    assert re.match(re.escape(where), found.where)
    assert found.blocks
