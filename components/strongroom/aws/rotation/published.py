"""The rotation functions that AWS publishes: AWS Secrets Manager, "Rotation function templates"."""

from typing import Final

from strongroom.spec.names import refuse

_DATABASES: Final = (
    "RDSPostgreSQL",
    "RDSMySQL",
    "RDSMariaDB",
    "RDSOracle",
    "RDSSQLServer",
    "RDSDb2",
    "Redshift",
    "MongoDB",
    "InfluxDB",
)
APPLICATIONS: Final = tuple(
    f"SecretsManager{database}Rotation{users}User" for database in _DATABASES for users in ("Single", "Multi")
)
"""DocumentDB uses those of MongoDB."""
_PUBLISHERS: Final = {
    "aws": "arn:aws:serverlessrepo:us-east-1:297356227824",
    "aws-cn": "arn:aws-cn:serverlessrepo:cn-north-1:193023089310",
    "aws-us-gov": "arn:aws-us-gov:serverlessrepo:us-gov-west-1:023102451235",
}
"""Who publishes them, in each partition."""


def check_application(name: str) -> str:
    """One that AWS publishes."""
    if name not in APPLICATIONS:
        raise refuse(f"AWS publishes no rotation function {name!r}", f"there are {', '.join(APPLICATIONS)}")
    return name


def application_id(partition: str, name: str) -> str:
    """The ARN by which the repository knows it."""
    return f"{_PUBLISHERS[partition]}:applications/{name}"
