"""Token roles: what a token may be like that is made with one."""

from pulumi_vault import tokenauth

from ..frame.row import words
from .path_row import PathRow
from .token_fields import TOKEN_CONVERT, TOKEN_SAME, TOKEN_UNORDERED

ROWS = (
    PathRow(
        resource=tokenauth.AuthBackendRole,
        path="auth/token/roles/{roleName}",
        keys={"allowedPoliciesGlobs": "allowed_policies_glob", "disallowedPoliciesGlobs": "disallowed_policies_glob"},
        replaces=words("namespace roleName"),
        defaults={"renewable": True, "tokenType": "default-service"},
        unordered=TOKEN_UNORDERED
        | words("allowedEntityAliases allowedPolicies allowedPoliciesGlobs disallowedPolicies disallowedPoliciesGlobs"),
        convert=TOKEN_CONVERT,
        same=TOKEN_SAME,
    ),
)
