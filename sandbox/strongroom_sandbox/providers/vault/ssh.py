"""SSH engine: the signing key and roles."""

from pulumi_vault import ssh

from ..frame.row import words
from .conversions import Conversion
from .path_row import PathRow

KEY_LENGTHS = Conversion(
    lambda configs: {config["type"]: config["lengths"] for config in configs},
    lambda lengths: [
        {"type": kind, "lengths": allowed if isinstance(allowed, list) else [allowed]}
        for kind, allowed in sorted(lengths.items())
    ],
)
"""Pulumi has a list of kinds with their lengths, the server a map."""

ROWS = (
    PathRow(
        resource=ssh.SecretBackendCa,
        id="{backend}",
        path="{backend}/config/ca",
        replaces=words(
            "backend generateSigningKey keyBits keyType managedKeyId managedKeyName namespace privateKey publicKey"
        ),
        defaults={"backend": "ssh", "generateSigningKey": True, "keyType": "ssh-rsa"},
        computed=words("publicKey"),
        secret=words("privateKey"),
        write_only=words("generateSigningKey keyBits keyType managedKeyId managedKeyName privateKey"),
        missing="no default issuer currently configured|keys haven't been configured yet",  # OpenBao, Vault
    ),
    PathRow(
        resource=ssh.SecretBackendRole,
        path="{backend}/roles/{name}",
        autonamed=True,
        replaces=words("backend name namespace"),
        keys={"allowedUserKeyConfigs": "allowed_user_key_lengths", "excludeCidrLists": "exclude_cidr_list"},
        convert={"allowedUserKeyConfigs": KEY_LENGTHS},
        computed=words("algorithmSigner allowedUserKeyConfigs maxTtl notBeforeDuration ttl"),
        unsaid=words("excludeCidrLists"),
        zeroed=words("cidrList port"),
    ),
)
