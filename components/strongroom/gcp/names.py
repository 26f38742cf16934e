"""The small languages of Google Cloud: projects, locations, keys, service accounts, labels."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from strongroom.spec.names import check_characters, refuse

PROJECT_PATTERN: Final = r"^[a-z][a-z0-9-]{4,28}[a-z0-9]$"
"""Resource Manager, "Creating and managing projects"."""
NUMBER_PATTERN: Final = r"^[1-9][0-9]{5,18}$"
LOCATION_PATTERN: Final = r"^[a-z]+(-[a-z]+)*[0-9]+$"
KEY_PATTERN: Final = (
    r"^projects/[a-z][a-z0-9-]{4,28}[a-z0-9]/locations/[a-z0-9-]{1,63}/keyRings/[A-Za-z0-9_-]{1,63}"
    r"/cryptoKeys/[A-Za-z0-9_-]{1,63}$"
)
"""Cloud KMS, "Cloud KMS resources"."""
_DEFAULT_ACCOUNTS: Final = re.compile(r".*@(developer|appspot)\.gserviceaccount\.com")


def _quoted(number: object) -> object:
    """Refuses a number, which files of other kinds would round."""
    if isinstance(number, int):
        raise refuse("a project number is text", f'write it as "{number}"')
    return number


def _check_project(text: str) -> str:
    return check_characters(text, "the project", PROJECT_PATTERN, "a-z0-9-", 30)


def _check_location(text: str) -> str:
    return check_characters(text, "the location", LOCATION_PATTERN, "a-z0-9-", 32)


def _check_key(text: str) -> str:
    return check_characters(text, "the key", KEY_PATTERN, "A-Za-z0-9/_-", 256)


def _check_email(text: str) -> str:
    if _DEFAULT_ACCOUNTS.fullmatch(text):
        raise refuse(
            "that is a default service account, which everything in its project runs as unless somebody said otherwise",
            "make a service account for this alone",
        )
    pattern = r"^[a-z][a-z0-9-]{4,28}[a-z0-9]@[a-z][a-z0-9-]{4,28}[a-z0-9]\.iam\.gserviceaccount\.com$"
    return check_characters(text, "the service account", pattern, "a-z0-9.@-", 100)


def _check_prefix(text: str) -> str:
    # Secret Manager, "projects.secrets.create": characters of an id. Slashes become `--`: see secret_manager/plan.py.
    part = "[A-Za-z0-9_]+(-[A-Za-z0-9_]+)*"
    return text and check_characters(text, "the prefix", rf"^{part}(/{part})*/$", "A-Za-z0-9/_-", 150)


ProjectId = Annotated[
    str, AfterValidator(_check_project), WithJsonSchema({"type": "string", "pattern": PROJECT_PATTERN})
]
"""Such as `acme-prod`: 6 to 30 lower-case letters, digits and hyphens."""
ProjectNumber = Annotated[str, BeforeValidator(_quoted), Field(pattern=NUMBER_PATTERN)]
"""Digits, in quotes: Google's own name of a project, which is never given to another one."""
Location = Annotated[
    str,
    AfterValidator(_check_location),
    WithJsonSchema({"type": "string", "pattern": LOCATION_PATTERN, "maxLength": 32}),
]
"""Such as `europe-west3`."""
CryptoKeyName = Annotated[str, AfterValidator(_check_key)]
"""One key of Cloud KMS: `projects/acme-keys/locations/europe-west3/keyRings/secrets/cryptoKeys/main`."""
ServiceAccountEmail = Annotated[str, AfterValidator(_check_email)]
"""Such as `checkout@acme-prod.iam.gserviceaccount.com`."""
Member = Annotated[
    str, Field(pattern=r"^(user|group|serviceAccount):[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$")
]
"""One account, or a group of them: `group:operators@acme.example`. Nothing else: `allUsers` is everybody on earth."""
NamePrefix = Annotated[str, AfterValidator(_check_prefix)]
"""What names begin with, with a slash at the end; may be empty."""
# Secret Manager, "Secret": letters of any script would do; these are the ones that every tool shows alike.
LabelKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
LabelValue = Annotated[str, Field(pattern=r"^[a-z0-9_-]{0,63}$")]
AnnotationKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$")]
AnnotationValue = Annotated[str, Field(max_length=1024)]
VersionAlias = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,62}$")]
