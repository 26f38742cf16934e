"""What people write about rotation in AWS Secrets Manager."""

from string import ascii_lowercase, ascii_uppercase, digits
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from strongroom.aws.names import KeyArn
from strongroom.aws.rotation.function.configuration import DEFAULT_EXCLUDED, LONGEST_PASSWORD, SHORTEST_PASSWORD
from strongroom.aws.rotation.published import check_application
from strongroom.aws.rotation.schedule import check_expression, check_window
from strongroom.aws.rotation.strategy import Strategy, alternates
from strongroom.spec.model import Model, StrictBool, StrictInt
from strongroom.spec.names import Duration, check_characters, refuse
from strongroom.vault.aws.arns import PolicyArn, RoleArn

LOG_RETENTION_DAYS: Final = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557)
"""Amazon CloudWatch Logs, "PutRetentionPolicy"; longer ones are left out."""
TIMEOUT_LEAST: Final = 30
"""Seconds: a function that is ended before it gives up by itself does not say what it could not reach."""
TIMEOUT_MOST: Final = 900
"""Seconds: AWS Lambda, "Lambda quotas"."""


def _check_function(text: str) -> str:
    pattern = r"^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9_$-]{1,128})?$"
    return check_characters(text, "the function's ARN", pattern, "A-Za-z0-9:_$-", 250)


def _check_secret(text: str) -> str:
    # With its six random characters: a shorter one could be another secret's, too.
    pattern = r"^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}$"
    return check_characters(text, "the secret's ARN", pattern, "A-Za-z0-9:/_+=.@-", 600)


def _check_path(text: str) -> str:
    if ".." in text.split("/"):
        raise refuse("the path leaves the project", "name something beside the project's files")
    return check_characters(text, "the path", r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$", "A-Za-z0-9_./-", 250)


def _check_version(text: str) -> str:
    return check_characters(text, "the version", r"^[0-9]+\.[0-9]+\.[0-9]+$", "0-9.", 40)


def _check_retention(days: int) -> int:
    if days not in LOG_RETENTION_DAYS:
        raise refuse(
            f"CloudWatch keeps no logs for {days} days", f"write one of {', '.join(map(str, LOG_RETENTION_DAYS))}"
        )
    return days


def _check_excluded(text: str) -> str:
    for kind, characters in (("lower-case", ascii_lowercase), ("upper-case", ascii_uppercase), ("digit", digits)):
        if set(characters) <= set(text):
            raise refuse(f"no {kind} character is left", "databases want one of each kind: exclude fewer")
    return text


Excluded = Annotated[str, Field(max_length=90, pattern=r"^[\x20-\x7e]*$"), AfterValidator(_check_excluded)]
"""ASCII characters that passwords must not have."""
FunctionArn = Annotated[str, AfterValidator(_check_function)]
"""One Lambda function: `arn:aws:lambda:eu-central-1:111122223333:function:rotate`."""
SecretArn = Annotated[str, AfterValidator(_check_secret)]
"""One secret with all of its ARN: `arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/master-AbCdEf`."""
ProjectPath = Annotated[str, AfterValidator(_check_path)]
"""A file or folder of the project, as seen from the folder of the program, `stacks/`."""
SubnetId = Annotated[str, Field(pattern=r"^subnet-[0-9a-f]{8,17}$")]
SecurityGroupId = Annotated[str, Field(pattern=r"^sg-[0-9a-f]{8,17}$")]


class AwsSchedule(Model):
    """When secrets are rotated. Default: as often as each secret's `rotate_every` says."""

    schedule_expression: Annotated[str, AfterValidator(check_expression)] | None = None
    """When, in UTC, instead of the secrets' own `rotate_every`: `rate(10 days)`, `rate(12 hours)`, or
    `cron(0 2 ? * SUN *)`; at most every 4 hours. AWS Secrets Manager, "Schedule expressions"."""
    window: Duration | None = None
    """How long after its beginning a rotation may start, in whole hours. It must not reach into the next UTC day.
    Default: to the end of the day; of a schedule in hours, one hour."""
    rotate_immediately: StrictBool = True
    """Whether the first rotation is now, and not only when it is due. What changes a schedule rotates at once, too."""

    @model_validator(mode="after")
    def _window_fits(self) -> Self:
        if self.window is not None:
            check_window(self.window, self.schedule_expression)
        return self


class AwsManaged(AwsSchedule):
    """Managed rotation: AWS Secrets Manager, "Managed rotation"."""


class Vpc(Model):
    """Where a function reaches its database. It also has to reach Secrets Manager from there: by an endpoint of the VPC
    for it (`com.amazonaws.<region>.secretsmanager`), or by a NAT gateway."""

    subnet_ids: tuple[SubnetId, ...] = Field(min_length=1)
    """Private subnets, in two availability zones or more for a rotation that does not depend on one."""
    security_group_ids: tuple[SecurityGroupId, ...] = Field(min_length=1)
    """What the database and the endpoint have to admit."""


class AwsFunction(AwsSchedule):
    """A rotation function of yours, deployed with its code as all functions are."""

    function_arn: FunctionArn
    """The function. Its resource policy has to let `secretsmanager.amazonaws.com` invoke it."""
    role_arn: RoleArn
    """Its execution role. Secrets with a policy of their own admit it; what it may do is yours to say."""


class AwsApplication(AwsSchedule):
    """A rotation function that AWS publishes in the Serverless Application Repository, with its own role."""

    application: Annotated[str, AfterValidator(check_application)]
    """Its name, such as `SecretsManagerRDSPostgreSQLRotationSingleUser`."""
    semantic_version: Annotated[str, AfterValidator(_check_version)]
    """Its version, such as `1.1.500`: AWS publishes new ones without notice, so it is never left open."""
    master_secret_arn: SecretArn | None = None
    """Of `…MultiUser` applications: the secret by which users are managed."""
    kms_key_arn: KeyArn | None = None
    """The key of the secrets, if it is not AWS's own."""
    exclude_characters: Excluded = DEFAULT_EXCLUDED
    """What passwords must not have."""
    vpc: Vpc | None = None
    """Where it reaches the database."""

    @model_validator(mode="after")
    def _master(self) -> Self:
        _check_master(self.application.endswith("MultiUser"), self.master_secret_arn)
        return self


class AwsRotation(AwsSchedule):
    """Strongroom's own rotation function: docs/aws/rotation.md."""

    strategy: Strategy
    """What it rotates, and how."""
    master_secret_arn: SecretArn | None = None
    """Of alternating users: the secret by which users are managed. All secrets of this rotator are for its database."""
    master_kms_key_arn: KeyArn | None = None
    """The key of that secret, if it is not AWS's own."""
    password_length: Annotated[StrictInt, Field(ge=SHORTEST_PASSWORD, le=LONGEST_PASSWORD)] = 32
    """Characters of a password, 16 to 64."""
    exclude_characters: Excluded = DEFAULT_EXCLUDED
    """What passwords must not have. Default: what databases refuse, and what breaks URLs and shells."""
    ca_file: ProjectPath | None = None
    """PEM file of who vouches for the database, such as Amazon RDS's `global-bundle.pem`. Default: whom the runtime
    trusts, which is enough for Redshift, and not for RDS and DocumentDB."""
    callback: ProjectPath | None = None
    """Of `api-key`: the folder with `callback.py`, and what it imports."""
    vpc: Vpc | None = None
    """Where it reaches the database. Default: the Internet."""
    permissions_boundary_arn: PolicyArn | None = None
    """The most that its role may do."""
    runtime: Literal["python3.12", "python3.13"] = "python3.13"
    """The Lambda runtime."""
    architecture: Literal["arm64", "x86_64"] = "arm64"
    """The processor; the package has no compiled code."""
    memory_mb: Annotated[StrictInt, Field(ge=128, le=10240)] = 256
    """Memory in MB."""
    timeout: Duration = 60
    """How long one step may take, `30s` to `15m`."""
    log_retention_days: Annotated[StrictInt, AfterValidator(_check_retention)] = 365
    """How long its logs are kept. They hold no value."""
    log_kms_key_arn: KeyArn | None = None
    """The key of its logs. Default: CloudWatch's own encryption."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _check_master(alternates(self.strategy), self.master_secret_arn)
        if self.master_kms_key_arn and not self.master_secret_arn:
            raise refuse("master_kms_key_arn has no meaning without master_secret_arn", "leave it out")
        if (self.strategy == "api-key") != (self.callback is not None):
            raise refuse("`callback` belongs to the strategy api-key", "name the folder with callback.py, for it only")
        if not TIMEOUT_LEAST <= self.timeout <= TIMEOUT_MOST:
            raise refuse("the timeout is not possible", "write 30s to 15m")
        return self


def _check_master(needed: bool, arn: str | None) -> None:
    if needed and arn is None:
        raise refuse("alternating users need a master's login", "name `master_secret_arn`")
    if arn is not None and not needed:
        raise refuse("master_secret_arn has no meaning for a single user", "leave it out")
