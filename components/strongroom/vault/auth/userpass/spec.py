"""What people write about a userpass auth method."""

from typing import ClassVar

from strongroom.vault.auth.spec import AuthMethodBase


class UserpassAuth(AuthMethodBase):
    """Names and passwords, for the time before there is anything better: a first operator, a break-glass account.

    Passwords are set on the server by hand and are known to nothing else here. What a user may do hangs on the name, as
    an identity entity, so that it is declared and deployed without the password. The lifetimes are the method's own
    limits: they hold whatever a user's entry on the server says.
    """

    accepts: ClassVar[tuple[str, ...]] = ("userpass",)
