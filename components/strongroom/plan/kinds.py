"""The kinds of secret, one line each: the room that knows what a verb on such a secret needs."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

from strongroom.plan.scope import Key, Scope
from strongroom.spec.catalog import Secret
from strongroom.vault.adopted import grants as adopted
from strongroom.vault.aws import plan as aws
from strongroom.vault.database import plan as database
from strongroom.vault.database import static_roles
from strongroom.vault.kubernetes_engine import plan as kubernetes_engine
from strongroom.vault.kv import plan as kv
from strongroom.vault.kv_personal import plan as kv_personal
from strongroom.vault.pki import plan as pki
from strongroom.vault.ssh import plan as ssh
from strongroom.vault.totp import plan as totp
from strongroom.vault.transit import plan as transit


class Kind(Protocol):
    """What a room says of its kind of secret (a module is one)."""

    WHAT: str
    """For error messages, in the plural: `credentials made on demand`."""
    VERBS: Mapping[str, Any]
    """The verbs that a grant may use."""
    LEASED: bool
    """Whether reading it gives a lease, which its holder may extend."""

    def rules(self, scope: Scope, secret: Key, verb: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The paths and capabilities that one verb on one secret needs, and nothing more."""


KINDS: Final[Mapping[str, Kind]] = {
    "fields": kv,
    "personal": kv_personal,
    "database": database,
    "aws": aws,
    "database_static_role": static_roles,
    "encryption_key": transit,
    "ssh_certificate": ssh,
    "certificate": pki,
    "totp": totp,
    "kubernetes_token": kubernetes_engine,
    "adopted_role": adopted,
}
"""The key that makes a secret this kind (see `Secret.kind`) -> the room."""


def kind_of(secret: Secret) -> Kind:
    return KINDS[secret.kind]
