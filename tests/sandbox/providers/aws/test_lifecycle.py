"""Every served type on moto: made, read, settled, imported by its id, changed, deleted, gone."""

import json

import pytest

from strongroom_sandbox.providers.aws.table import ROWS
from support.stand_in import Engine, Json, revealed

ACCOUNT = "123456789012"


def document(action: str, **more: object) -> str:
    """A policy."""
    statement = {"Effect": "Allow", "Action": action, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
TRUST = document("sts:AssumeRole", Principal={"Service": "lambda.amazonaws.com"})
READ = document("secretsmanager:GetSecretValue", Principal=ROOT, Resource="*")
KEYS = document("kms:*", Principal=ROOT, Resource="*")
MAY = document("kms:Decrypt", Resource="*")
TAGS = {"tags": {"team": "payments"}}

PROGRAM: dict[str, tuple[Json, Json]] = {
    "aws:secretsmanager/secret:Secret": (
        {"name": "cycle/a", "description": "first", "recoveryWindowInDays": 7, "policy": READ, **TAGS},
        {"name": "cycle/a", "description": "second", "recoveryWindowInDays": 0, "policy": READ,
         "tags": {"team": "orders", "tier": "1"}, "replicas": [{"region": "eu-west-1"}]},
    ),
    "aws:secretsmanager/secretPolicy:SecretPolicy": (
        {"secretArn": "SECRET", "policy": READ, "blockPublicPolicy": True},
        {"secretArn": "SECRET", "policy": READ.replace("GetSecretValue", "DescribeSecret"), "blockPublicPolicy": True},
    ),
    "aws:secretsmanager/secretRotation:SecretRotation": (
        {"secretId": "SECRET", "rotationRules": {"automaticallyAfterDays": 30}, "rotateImmediately": False},
        {"secretId": "SECRET", "rotationRules": {"scheduleExpression": "rate(10 days)", "duration": "3h"},
         "rotateImmediately": False},
    ),
    "aws:kms/key:Key": (
        {"description": "first", "enableKeyRotation": True, "policy": KEYS, "deletionWindowInDays": 7, **TAGS},
        {"description": "second", "enableKeyRotation": True, "rotationPeriodInDays": 180, "policy": KEYS,
         "isEnabled": True, "tags": {}},
    ),
    "aws:kms/alias:Alias": (
        {"name": "alias/cycle", "targetKeyId": "KEY"}, {"name": "alias/cycle", "targetKeyId": "OTHER_KEY"},
    ),
    "aws:kms/keyPolicy:KeyPolicy": (
        {"keyId": "KEY", "policy": KEYS}, {"keyId": "KEY", "policy": KEYS.replace("kms:*", "kms:Describe*")},
    ),
    "aws:kms/replicaKey:ReplicaKey": (
        {"primaryKeyArn": "MULTI_KEY", "region": "eu-west-1", "description": "first"},
        {"primaryKeyArn": "MULTI_KEY", "region": "eu-west-1", "description": "second"},
    ),
    "aws:iam/role:Role": (
        {"name": "cycle", "path": "/apps/", "assumeRolePolicy": TRUST, "description": "first", **TAGS},
        {"name": "cycle", "path": "/apps/", "assumeRolePolicy": TRUST.replace("lambda", "ec2"), "description": "second",
         "maxSessionDuration": 7200, "permissionsBoundary": "BOUNDARY"},
    ),
    "aws:iam/rolePolicy:RolePolicy": (
        {"role": "ROLE", "name": "may", "policy": MAY},
        {"role": "ROLE", "name": "may", "policy": MAY.replace("De", "En")},
    ),
    "aws:iam/policy:Policy": (
        {"name": "cycle", "policy": MAY, "description": "first", **TAGS},
        {"name": "cycle", "policy": MAY.replace("Decrypt", "Encrypt"), "description": "first"},
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ({"role": "ROLE", "policyArn": "BOUNDARY"}, {}),
    "aws:iam/instanceProfile:InstanceProfile": (
        {"name": "cycle", "role": "ROLE"}, {"name": "cycle", "role": "SECOND_ROLE"},
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": (
        {"url": "https://issuer.example/cycle", "clientIdLists": ["a", "b"], "thumbprintLists": ["a" * 40]},
        {"url": "https://issuer.example/cycle", "clientIdLists": ["b", "c"], "thumbprintLists": ["b" * 40]},
    ),
    "aws:ssm/parameter:Parameter": (
        {"name": "/cycle/a", "type": "SecureString", "valueWo": "hunter2", "valueWoVersion": 1, "tier": "Standard",
         **TAGS},
        {"name": "/cycle/a", "type": "SecureString", "valueWo": "hunter3", "valueWoVersion": 2, "tier": "Advanced",
         "description": "second"},
    ),
}  # fmt: skip
"""One of each type, and another that is the same thing, changed. Words in capitals stand for what `stage` makes."""

IMPORT_LACKS: dict[str, set[str]] = {
    "aws:secretsmanager/secret:Secret": {"recoveryWindowInDays", "forceOverwriteReplicaSecret"},
    "aws:secretsmanager/secretPolicy:SecretPolicy": {"blockPublicPolicy"},
    "aws:secretsmanager/secretRotation:SecretRotation": set(),
    "aws:kms/key:Key": {"deletionWindowInDays"},
    "aws:kms/replicaKey:ReplicaKey": {"primaryKeyArn"},
    "aws:ssm/parameter:Parameter": {"valueWoVersion"},
}
"""What AWS does not tell, so that a program which sets it shows a difference after an import."""
STAY = {"aws:kms/keyPolicy:KeyPolicy"}
"""Types that are a part of something else, which has them always."""


@pytest.fixture(scope="module")
def stage(engine: Engine) -> dict[str, tuple[Json, Json]]:
    """The program, with what it needs made and the words in capitals replaced."""
    words: dict[str, str] = {}
    for word, token, inputs in (
        ("SECRET", "aws:secretsmanager/secret:Secret", {"name": "cycle/other"}),
        ("KEY", "aws:kms/key:Key", {}),
        ("OTHER_KEY", "aws:kms/key:Key", {}),
        ("ROLE", "aws:iam/role:Role", {"name": "cycle-other", "assumeRolePolicy": TRUST}),
        ("SECOND_ROLE", "aws:iam/role:Role", {"name": "cycle-second", "assumeRolePolicy": TRUST}),
        ("BOUNDARY", "aws:iam/policy:Policy", {"name": "cycle-boundary", "policy": MAY}),
    ):
        words[word], _, _ = engine.made(token, inputs)
    _, multi, _ = engine.made("aws:kms/key:Key", {"multiRegion": True})
    words["MULTI_KEY"] = multi["arn"]
    return {token: (_replaced(first, words), _replaced(second, words)) for token, (first, second) in PROGRAM.items()}


def test_every_served_type_has_its_turn() -> None:
    assert {row.token for row in ROWS} == PROGRAM.keys()


@pytest.mark.parametrize("token", PROGRAM)
def test_a_resource_is_made_settles_is_imported_is_changed_and_goes(
    engine: Engine, stage: dict[str, tuple[Json, Json]], token: str
) -> None:
    first, second = stage[token]
    identity, made, inputs = engine.made(token, first)
    state = revealed(made)
    assert state["id"] == identity
    for name in first.keys() - {"valueWo"}:
        assert state[name] not in (None, {}, []), name
    _is_settled(engine, token, identity, state, inputs)

    found = engine.read(token, identity, {"region": first["region"]} if "region" in first else {})
    assert found["id"] == identity
    difference = engine.diff(token, identity, revealed(found["properties"]), revealed(inputs))
    assert difference.get("detailedDiff", {}).keys() <= IMPORT_LACKS.get(token, set())

    if second:
        after, failures = engine.check(token, second, revealed(inputs))
        assert not failures
        difference = engine.diff(token, identity, state, revealed(after))
        assert difference["changes"] == "DIFF_SOME"
        assert "replaces" not in difference
        state = revealed(engine.update(token, identity, state, revealed(after)))
        for name in second.keys() - {"valueWo"}:
            if second[name]:
                assert state[name] is not None, name
        _is_settled(engine, token, identity, state, after)

    engine.delete(token, identity, state)
    if token not in STAY:
        assert engine.read(token, identity, state)["id"] == ""
        engine.delete(token, identity, state)  # what is gone already is no error


def _is_settled(engine: Engine, token: str, identity: str, state: Json, inputs: Json) -> None:
    """A refresh and a second `up` change nothing."""
    again = engine.read(token, identity, state, revealed(inputs))
    assert again["id"] == identity
    assert _set(revealed(again["properties"])) == _set(state)
    for known in (state, revealed(again["properties"])):
        settled = engine.diff(token, identity, known, revealed(inputs))
        assert settled["changes"] == "DIFF_NONE", settled


def _set(state: Json) -> Json:
    """Without what nobody set, which is null after a write and empty after a refresh."""
    return {name: value for name, value in state.items() if value not in (None, {}, [])}


def _replaced(value: object, words: dict[str, str]) -> object:
    if isinstance(value, str):
        return words.get(value, value)
    if isinstance(value, dict):
        return {name: _replaced(item, words) for name, item in value.items()}
    return value
