"""The certificate auth method: its roles, each with the authority that it trusts.

The SDK of pulumi-vault 7.14 says that another `certificate` is an update in place; 7.11 replaced the role.
"""

import pulumi_vault

from ..frame.row import words
from ..frame.values import Properties
from .path_row import PathRow
from .token_fields import TOKEN_CONVERT, TOKEN_DEFAULTS, TOKEN_SAME, TOKEN_UNORDERED


def _one_authority(inputs: Properties) -> tuple[str, str] | None:
    if len(inputs.keys() & {"certificate", "certificateWo"}) == 1:
        return None
    return "certificate", "exactly one of certificate and certificateWo must be specified"


ROWS = (
    PathRow(
        resource=pulumi_vault.CertAuthBackendRole,
        path="auth/{backend}/certs/{name}",
        autonamed=True,
        replaces=words("backend name namespace"),
        defaults={"backend": "cert", **TOKEN_DEFAULTS},
        secret=words("certificateWo"),
        ephemeral=words("certificateWo"),
        rules=(_one_authority,),
        computed=words("certificate displayName ocspThisUpdateMaxAge ocspMaxRetries"),
        unordered=TOKEN_UNORDERED
        | words(
            "allowedCommonNames allowedDnsSans allowedEmailSans allowedNames allowedOrganizationalUnits "
            "allowedUriSans requiredExtensions"
        ),
        convert=TOKEN_CONVERT,
        same=TOKEN_SAME,
    ),
)
