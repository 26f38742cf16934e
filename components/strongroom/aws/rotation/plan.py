"""What an environment's rotators and secrets become: functions with their rights, and schedules."""

from collections.abc import Iterator
from typing import Final

from strongroom.aws.iam.arns import role_path
from strongroom.aws.iam.names import rotation_role_name
from strongroom.aws.kms.key_ids import stand_in
from strongroom.aws.place import place_of
from strongroom.aws.rotation.document import RotationRights, documents, function_arn, trust_policy
from strongroom.aws.rotation.names import function_name_of
from strongroom.aws.rotation.published import application_id
from strongroom.aws.rotation.records import AwsFunctionVpc, AwsPublishedRotator, AwsRotator, AwsSecretRotation
from strongroom.aws.rotation.schedule import HOUR, check_window, rules
from strongroom.aws.rotation.spec import AwsApplication, AwsSchedule, Vpc
from strongroom.aws.secrets_manager import plan as secrets_manager
from strongroom.plan.record import PLATFORM, Record
from strongroom.plan.scope import Key, Scope, remembered
from strongroom.spec.rotators import Rotator

KINDS: Final = ("aws_managed", "aws_function", "aws_application", "aws_rotation")


@remembered
def rotated(scope: Scope) -> tuple[tuple[Key, str, Rotator], ...]:
    """The secrets of Secrets Manager that something rotates, with its name."""
    return tuple(_rotated(scope))


def _rotated(scope: Scope) -> Iterator[tuple[Key, str, Rotator]]:
    for key in scope.stored.get(secrets_manager.KIND, ()):
        name = scope.secrets[key].rotator or ""
        if (rotator := scope.environment.rotators.get(name)) and rotator.kind in KINDS:
            yield key, name, rotator


def has_schedule(scope: Scope, key: Key, rotator: Rotator) -> bool:
    """Whether somebody says when a secret is rotated. Of managed rotation AWS does, if nobody else."""
    return rotator.value.schedule_expression is not None or scope.secrets[key].rotate_every is not None


def plan(scope: Scope) -> Iterator[Record]:
    if scope.environment.aws is None:
        return
    for name, rotator in sorted(scope.environment.rotators.items()):
        if rotator.aws_rotation:
            yield of_function(scope, name)
        elif rotator.aws_application:
            yield _published(scope, name, rotator.aws_application)
    for key, name, rotator in rotated(scope):
        if has_schedule(scope, key, rotator):
            yield of_secret(scope, key, name, rotator)


@remembered
def of_function(scope: Scope, name: str) -> AwsRotator:
    """Our own function, of a rotator that is one. Raises LimitError."""
    rotator = scope.environment.rotators[name].aws_rotation
    assert rotator is not None
    place, function_name = place_of(scope), function_name_of(scope.name, name)
    rights = documents(
        RotationRights(
            place=place,
            function_name=function_name,
            secrets=tuple(_named(scope, key) for key, its, _ in rotated(scope) if its == name),
            master_secret_arn=rotator.master_secret_arn,
            master_kms_key_arn=rotator.master_kms_key_arn,
            passwords=rotator.strategy != "api-key",
            in_a_vpc=rotator.vpc is not None,
        )
    )
    return AwsRotator(
        slice=PLATFORM,
        place=place,
        name=name,
        function_name=function_name,
        strategy=rotator.strategy,
        role_name=rotation_role_name(scope.name, name),
        role_path=role_path(scope.name),
        trust_policy=trust_policy(),
        inline_policy=rights.inline,
        managed_policies=rights.managed,
        permissions_boundary_arn=rotator.permissions_boundary_arn,
        master_secret_arn=rotator.master_secret_arn,
        password_length=rotator.password_length,
        exclude_characters=rotator.exclude_characters,
        ca_file=rotator.ca_file,
        callback=rotator.callback,
        vpc=_vpc(rotator.vpc),
        runtime=rotator.runtime,
        architecture=rotator.architecture,
        memory_mb=rotator.memory_mb,
        timeout_seconds=rotator.timeout,
        log_retention_days=rotator.log_retention_days,
        log_kms_key_arn=rotator.log_kms_key_arn,
    )


def of_secret(scope: Scope, key: Key, name: str, rotator: Rotator) -> AwsSecretRotation:
    """When one secret is rotated. Raises PydanticCustomError if Secrets Manager cannot do it."""
    team, secret = key
    schedule: AwsSchedule = rotator.value
    days, expression = None, schedule.schedule_expression
    if expression is None:
        days, expression = rules(scope.secrets[key].rotate_every or 0)
        if schedule.window is not None:
            check_window(schedule.window, expression)
    return AwsSecretRotation(
        slice=team,
        place=place_of(scope),
        team=team,
        secret=secret,
        secret_name=_named(scope, key)[0],
        rotator=name,
        function_arn=_function_arn(scope, name, rotator),
        automatically_after_days=days,
        schedule_expression=expression,
        window_hours=schedule.window // HOUR if schedule.window else None,
        rotate_immediately=schedule.rotate_immediately,
    )


def _published(scope: Scope, name: str, rotator: AwsApplication) -> AwsPublishedRotator:
    place = place_of(scope)
    return AwsPublishedRotator(
        slice=PLATFORM,
        place=place,
        name=name,
        function_name=function_name_of(scope.name, name),
        application_id=application_id(place.partition, rotator.application),
        semantic_version=rotator.semantic_version,
        master_secret_arn=rotator.master_secret_arn,
        kms_key_arn=rotator.kms_key_arn,
        exclude_characters=rotator.exclude_characters,
        vpc=_vpc(rotator.vpc),
    )


def _named(scope: Scope, key: Key) -> tuple[str, str | None]:
    store = scope.store_of(scope.secrets[key])[1].value
    return secrets_manager.name_of(scope, key, store), stand_in(store.kms_key) if store.kms_key else None


def _function_arn(scope: Scope, name: str, rotator: Rotator) -> str | None:
    if rotator.aws_managed:
        return None
    if rotator.aws_function:
        return rotator.aws_function.function_arn
    return function_arn(place_of(scope), function_name_of(scope.name, name))


def _vpc(vpc: Vpc | None) -> AwsFunctionVpc | None:
    return AwsFunctionVpc(subnet_ids=vpc.subnet_ids, security_group_ids=vpc.security_group_ids) if vpc else None
