"""AWS: the roles of the secrets engine, and the auth method's client, identity settings and roles.

The engine itself is a mount and writes to `config/root`: see `strongroom.vault.aws.first_key` for why.
"""

from pulumi_vault import aws

from ..frame.row import words
from ..frame.rules import json_object
from .conversions import same_json, snake
from .path_row import PathRow
from .token_fields import TOKEN_CONVERT, TOKEN_DEFAULTS, TOKEN_SAME, TOKEN_UNORDERED

_ONE_ON_THE_SERVER = words(
    "boundAccountIds boundAmiIds boundEc2InstanceIds boundIamInstanceProfileArns boundIamPrincipalArns "
    "boundIamRoleArns boundRegions boundSubnetIds boundVpcIds"
)
"""Lists whose names are in the singular there."""

_OF_ENTERPRISE = words(
    "disableAutomatedRotation identityTokenAudience identityTokenTtl roleArn rotationPeriod rotationSchedule "
    "rotationWindow"
)
"""What the official provider leaves null as long as nobody set it, as only Vault Enterprise can."""

ROWS = (
    PathRow(
        resource=aws.SecretBackendRole,
        path="{backend}/roles/{name}",
        autonamed=True,
        replaces=words("backend name namespace roleArns"),
        computed=words("defaultStsTtl maxStsTtl"),
        unordered=words("iamGroups policyArns roleArns"),
        same={"policyDocument": same_json},
        rules=(json_object("policyDocument"),),
    ),
    PathRow(
        resource=aws.SecretBackendStaticRole,
        path="{backend}/static-roles/{name}",
        autonamed=True,
        replaces=words("name namespace username"),
        defaults={"backend": "aws"},
    ),
    PathRow(
        resource=aws.AuthBackendClient,
        path="auth/{backend}/config/client",
        replaces=words("backend namespace"),
        defaults={"backend": "aws", "maxRetries": -1},
        keys={"ec2Endpoint": "endpoint"},
        secret=words("accessKey secretKey secretKeyWo"),
        ephemeral=words("secretKeyWo"),
        write_only=words("secretKey"),
        unordered=words("allowedStsHeaderValues"),
        unsaid=_OF_ENTERPRISE,
    ),
    PathRow(
        resource=aws.AuthBackendConfigIdentity,
        path="auth/{backend}/config/identity",
        replaces=words("backend namespace"),
        defaults={"backend": "aws"},
        keys={"ec2Metadatas": "ec2_metadata", "iamMetadatas": "iam_metadata"},
        computed=words("ec2Alias ec2Metadatas iamAlias iamMetadatas"),
        unordered=words("ec2Metadatas iamMetadatas"),
        deletable=False,
    ),
    PathRow(
        resource=aws.AuthBackendRole,
        path="auth/{backend}/role/{role}",
        replaces=words("authType backend namespace role"),
        defaults={"backend": "aws", **TOKEN_DEFAULTS},
        keys={name: snake(name.removesuffix("s")) for name in _ONE_ON_THE_SERVER},
        computed=words("authType inferredAwsRegion inferredEntityType"),
        unordered=TOKEN_UNORDERED | _ONE_ON_THE_SERVER,
        convert=TOKEN_CONVERT,
        same=TOKEN_SAME,
    ),
)
