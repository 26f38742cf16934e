"""Every served type on moto: made, read, settled, imported by its id, changed, deleted, gone."""

import json

import pytest
from pulumi.runtime.rpc import _special_archive_sig, _special_asset_sig, _special_sig_key

from strongroom_sandbox.providers.aws.table import ROWS
from strongroom_sandbox.servers.moto import Moto
from support.stand_in import Engine, Json, ProviderError, revealed

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

BUCKET = document("s3:GetObject", Principal=ROOT, Resource="arn:aws:s3:::cycle-other/*")
STACK = "aws:serverlessrepository/cloudFormationStack:CloudFormationStack"


def archive(text: str) -> Json:
    """A package of one file, as the engine hands it over."""
    asset = {_special_sig_key: _special_asset_sig, "text": f"handler = {text}"}
    return {_special_sig_key: _special_archive_sig, "assets": {"app.py": asset}}


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
        {"secretId": "SECRET", "rotationRules": {"automaticallyAfterDays": 30}, "rotateImmediately": False,
         "rotationLambdaArn": "FUNCTION_ARN"},
        {"secretId": "SECRET", "rotationRules": {"scheduleExpression": "rate(10 days)", "duration": "3h"},
         "rotateImmediately": False, "rotationLambdaArn": "FUNCTION_ARN"},
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
    "aws:lambda/function:Function": (
        {"name": "cycle", "role": "ROLE_ARN", "runtime": "python3.13", "handler": "app.handler", "code": archive("1"),
         "environment": {"variables": {"A": "1"}}, "timeout": 30, **TAGS},
        {"name": "cycle", "role": "ROLE_ARN", "runtime": "python3.13", "handler": "app.handler", "code": archive("2"),
         "environment": {"variables": {"A": "2"}}, "timeout": 60, "memorySize": 256},
    ),
    "aws:lambda/permission:Permission": (
        {"function": "FUNCTION", "action": "lambda:InvokeFunction", "principal": "secretsmanager.amazonaws.com",
         "sourceAccount": ACCOUNT, "statementId": "rotates"}, {},
    ),
    "aws:cloudwatch/logGroup:LogGroup": (
        {"name": "/cycle", "retentionInDays": 30, **TAGS},
        {"name": "/cycle", "retentionInDays": 90, "tags": {"a": "b"}},
    ),
    "aws:cloudwatch/eventRule:EventRule": (
        {"name": "cycle", "eventPattern": '{"source": ["aws.secretsmanager"]}', "description": "first", **TAGS},
        {"name": "cycle", "eventPattern": '{"source": ["aws.kms"]}', "description": "second", "state": "DISABLED"},
    ),
    "aws:cloudwatch/eventTarget:EventTarget": (
        {"rule": "RULE", "targetId": "alarm", "arn": "TOPIC"},
        {"rule": "RULE", "targetId": "alarm", "arn": "TOPIC", "inputPath": "$.detail"},
    ),
    "aws:sns/topic:Topic": (
        {"name": "cycle", "displayName": "first", "kmsMasterKeyId": "KEY", **TAGS},
        {"name": "cycle", "displayName": "second", "kmsMasterKeyId": "KEY"},
    ),
    "aws:sns/topicPolicy:TopicPolicy": (
        {"arn": "TOPIC", "policy": document("sns:Publish", Principal={"Service": "a.example"}, Resource="*")},
        {"arn": "TOPIC", "policy": document("sns:Publish", Principal=ROOT, Resource="*")},
    ),
    "aws:sns/topicSubscription:TopicSubscription": (
        {"topic": "TOPIC", "protocol": "https", "endpoint": "https://alarm.example/hook"},
        {"topic": "TOPIC", "protocol": "https", "endpoint": "https://alarm.example/hook", "rawMessageDelivery": True},
    ),
    "aws:cloudtrail/trail:Trail": (
        {"name": "cycle", "s3BucketName": "cycle-other", "isMultiRegionTrail": True, "enableLogFileValidation": True,
         **TAGS},
        {"name": "cycle", "s3BucketName": "cycle-other", "isMultiRegionTrail": True, "enableLogging": False},
    ),
    "aws:s3/bucket:Bucket": (
        {"bucket": "cycle-bucket", **TAGS}, {"bucket": "cycle-bucket", "tags": {"a": "b"}, "forceDestroy": True},
    ),
    "aws:s3/bucketPolicy:BucketPolicy": (
        {"bucket": "cycle-other", "policy": BUCKET}, {"bucket": "cycle-other", "policy": BUCKET.replace("Get", "Put")},
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": (
        {"bucket": "cycle-other", "blockPublicAcls": True},
        {"bucket": "cycle-other", "blockPublicAcls": True, "blockPublicPolicy": True},
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        {"bucket": "cycle-other", "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]},
        {"bucket": "cycle-other", "rules": [{"bucketKeyEnabled": True, "applyServerSideEncryptionByDefault": {
            "sseAlgorithm": "aws:kms", "kmsMasterKeyId": "KEY"}}]},
    ),
    "aws:s3/bucketVersioning:BucketVersioning": (
        {"bucket": "cycle-other", "versioningConfiguration": {"status": "Enabled"}},
        {"bucket": "cycle-other", "versioningConfiguration": {"status": "Suspended"}},
    ),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": (
        {"bucket": "cycle-locked", "rule": {"defaultRetention": {"mode": "GOVERNANCE", "days": 30}}},
        {"bucket": "cycle-locked", "rule": {"defaultRetention": {"mode": "COMPLIANCE", "days": 60}}},
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": (
        {"bucket": "cycle-other", "rules": [{"id": "a", "status": "Enabled", "filter": {"prefix": ""},
                                             "expiration": {"days": 30}}]},
        {"bucket": "cycle-other", "rules": [{"id": "a", "status": "Enabled", "filter": {"prefix": "x/"},
                                             "noncurrentVersionExpiration": {"noncurrentDays": 1}}]},
    ),
    "aws:ec2/securityGroup:SecurityGroup": (
        {"name": "cycle", "description": "first", **TAGS,
         "egress": [{"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["10.0.0.0/8"]}]},
        {"name": "cycle", "description": "first",
         "egress": [{"protocol": "tcp", "fromPort": 5432, "toPort": 5432, "cidrBlocks": ["10.0.0.0/8"]}]},
    ),
    "aws:ec2/securityGroupRule:SecurityGroupRule": (
        {"securityGroupId": "GROUP", "type": "ingress", "protocol": "tcp", "fromPort": 5432, "toPort": 5432,
         "cidrBlocks": ["10.0.0.0/8"], "description": "first"},
        {"securityGroupId": "GROUP", "type": "ingress", "protocol": "tcp", "fromPort": 5432, "toPort": 5432,
         "cidrBlocks": ["10.0.0.0/8"], "description": "second"},
    ),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": (
        {"clusterName": "cycle", "namespace": "n", "serviceAccount": "a", "roleArn": "ROLE_ARN", **TAGS},
        {"clusterName": "cycle", "namespace": "n", "serviceAccount": "a", "roleArn": "SECOND_ROLE_ARN"},
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
    "aws:lambda/function:Function": {"publish", "skipDestroy"},
    "aws:cloudwatch/logGroup:LogGroup": {"skipDestroy"},
    "aws:sns/topicSubscription:TopicSubscription": {"confirmationTimeoutInMinutes", "endpointAutoConfirms"},
}
"""What AWS does not tell, so that a program which sets it shows a difference after an import."""
STAY = {"aws:kms/keyPolicy:KeyPolicy", "aws:sns/topicPolicy:TopicPolicy", "aws:s3/bucketVersioning:BucketVersioning"}
"""Types that are a part of something else, which has them always."""


@pytest.fixture(scope="module")
def stage(engine: Engine, moto: Moto) -> dict[str, tuple[Json, Json]]:
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
    moto.client("secretsmanager").put_secret_value(SecretId=words["SECRET"], SecretString="first-value")
    _, multi, _ = engine.made("aws:kms/key:Key", {"multiRegion": True})
    words["MULTI_KEY"] = multi["arn"]
    for word in ("ROLE", "SECOND_ROLE"):
        words[f"{word}_ARN"] = f"arn:aws:iam::{ACCOUNT}:role/{words[word]}"
    function = PROGRAM["aws:lambda/function:Function"][0] | {"name": "cycle-other", "role": words["ROLE_ARN"]}
    words["FUNCTION"], made, _ = engine.made("aws:lambda/function:Function", function)
    words["FUNCTION_ARN"] = revealed(made)["arn"]
    words["TOPIC"], _, _ = engine.made("aws:sns/topic:Topic", {"name": "cycle-other"})
    rule = {"name": "cycle-other", "scheduleExpression": "rate(1 hour)"}
    words["RULE"], _, _ = engine.made("aws:cloudwatch/eventRule:EventRule", rule)
    words["GROUP"], _, _ = engine.made("aws:ec2/securityGroup:SecurityGroup", {"name": "cycle-other"})
    engine.made("aws:s3/bucket:Bucket", {"bucket": "cycle-other"})
    engine.made("aws:s3/bucket:Bucket", {"bucket": "cycle-locked", "objectLockEnabled": True})
    network = {"subnetIds": [], "securityGroupIds": []}
    moto.client("eks").create_cluster(name="cycle", roleArn=words["ROLE_ARN"], resourcesVpcConfig=network)
    return {token: (_replaced(first, words), _replaced(second, words)) for token, (first, second) in PROGRAM.items()}


def test_every_served_type_has_its_turn() -> None:
    assert {row.token for row in ROWS} == PROGRAM.keys() | {STACK}


def test_a_published_application_is_checked_and_previewed_and_refused_when_it_is_made(engine: Engine) -> None:
    application = (
        "arn:aws:serverlessrepo:us-east-1:297356227824:applications/SecretsManagerRDSPostgreSQLRotationSingleUser"
    )
    inputs, failures = engine.check(STACK, {"applicationId": application, "capabilities": ["CAPABILITY_IAM"]})
    assert not failures
    assert engine.create(STACK, inputs, preview=True)[1]["applicationId"] == application
    with pytest.raises(ProviderError, match="moto has no Serverless Application Repository"):
        engine.create(STACK, inputs)


@pytest.mark.parametrize("token", PROGRAM)
def test_a_resource_is_made_settles_is_imported_is_changed_and_goes(
    engine: Engine, stage: dict[str, tuple[Json, Json]], token: str
) -> None:
    first, second = stage[token]
    identity, made, inputs = engine.made(token, first)
    state = revealed(made)
    assert state["id"] == identity
    for name in first.keys() - {"valueWo", "code"}:
        assert state[name] not in (None, {}, []), name
    _is_settled(engine, token, identity, state, inputs)

    found = engine.read(token, IMPORT_ID.get(token, "{}").format(identity), _placed(first))
    assert found["id"].endswith(identity.removeprefix("cycle-other-"))
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


IMPORT_ID = {
    "aws:lambda/permission:Permission": "cycle-other/{}",
    "aws:cloudwatch/eventTarget:EventTarget": "default/cycle-other/alarm",
}
"""Types whose id alone does not say where they are."""


def _placed(inputs: Json) -> Json:
    """Where an import looks, if not where the provider is."""
    return {"region": inputs["region"]} if "region" in inputs else {}


def _set(state: Json) -> Json:
    """Without what nobody set, which is null after a write and empty after a refresh."""
    return {name: value for name, value in state.items() if value not in (None, {}, [])}


def _replaced(value: object, words: dict[str, str]) -> object:
    if isinstance(value, str):
        return words.get(value, value)
    if isinstance(value, dict):
        return {name: _replaced(item, words) for name, item in value.items()}
    return value
