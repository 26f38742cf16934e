"""The Kubernetes auth method: its configuration and its roles."""

from pulumi_vault import kubernetes

from ..frame.row import words
from .path_row import PathRow
from .token_fields import TOKEN_CONVERT, TOKEN_DEFAULTS, TOKEN_SAME, TOKEN_UNORDERED

ROWS = (
    PathRow(
        resource=kubernetes.AuthBackendConfig,
        path="auth/{backend}/config",
        replaces=words("backend namespace"),
        defaults={"backend": "kubernetes"},
        computed=words("disableIssValidation disableLocalCaJwt kubernetesCaCert"),
        secret=words("tokenReviewerJwt tokenReviewerJwtWo"),
        ephemeral=words("tokenReviewerJwtWo"),
        write_only=words("tokenReviewerJwt"),
        zeroed=words("useAnnotationsAsAliasMetadata"),
        deletable=False,
    ),
    PathRow(
        resource=kubernetes.AuthBackendRole,
        path="auth/{backend}/role/{roleName}",
        replaces=words("backend namespace roleName"),
        defaults={"backend": "kubernetes", **TOKEN_DEFAULTS},
        computed=words("aliasNameSource"),
        unordered=TOKEN_UNORDERED | words("boundServiceAccountNames boundServiceAccountNamespaces"),
        convert=TOKEN_CONVERT,
        same=TOKEN_SAME,
    ),
)
