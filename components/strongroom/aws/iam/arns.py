"""ARNs that policies name: each of one thing, in one account and partition."""

import re

_NOT_IN_NAMES = re.compile(r"[*?$\s]")


def _plain(name: str) -> str:
    """Refuses what a policy reads as a pattern or a variable. Names come checked; a pattern would be a wide grant."""
    if found := _NOT_IN_NAMES.search(name):
        raise ValueError(f"{name!r} has {found[0]!r}, which means more than itself in a policy of AWS: rename it")
    return name


def secret_pattern(partition: str, region: str, account: str, name: str) -> str:
    """One secret of Secrets Manager. Its ARN ends in a hyphen and six characters that are not known before it exists;
    `-*` instead would match `<name>-prod-AbCdEf` too. AWS Secrets Manager, "IAM policy examples"."""
    return f"arn:{partition}:secretsmanager:{region}:{account}:secret:{_plain(name)}-??????"


def parameter_arn(partition: str, region: str, account: str, name: str) -> str:
    """One parameter of Parameter Store; the name begins with a slash, which the ARN has only once."""
    return f"arn:{partition}:ssm:{region}:{account}:parameter/{_plain(name).removeprefix('/')}"


def role_arn(partition: str, account: str, path: str, name: str) -> str:
    """One IAM role; the path begins and ends with a slash."""
    return f"arn:{partition}:iam::{account}:role{path}{name}"


def root_arn(partition: str, account: str) -> str:
    """An account as a whole: whoever its own policies of IAM leave it to."""
    return f"arn:{partition}:iam::{account}:root"


def service_linked_roles(partition: str, account: str) -> str:
    """The roles that AWS's services have in an account, as a pattern: nobody else can assume or change one."""
    return f"arn:{partition}:iam::{account}:role/aws-service-role/*"


def multi_region_role(partition: str, account: str) -> str:
    """The role by which KMS keeps what the copies of a key share: AWS KMS, "Authorizing AWS KMS to synchronize
    multi-Region keys"."""
    role = "mrk.kms.amazonaws.com/AWSServiceRoleForKeyManagementServiceMultiRegionKeys"
    return service_linked_roles(partition, account).removesuffix("*") + role


def environment_of(arn: str) -> str | None:
    """The environment whose workload a role is made for; None if it is another role or user."""
    kind, *path = arn.split(":", 5)[5].split("/")
    return path[1] if kind == "role" and path[0] == "strongroom" and len(path) > 2 else None


def role_path(environment: str) -> str:
    """The IAM path of an environment's roles, by which policies can tell them from all others."""
    return f"/strongroom/{environment}/"
