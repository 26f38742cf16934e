"""What people write about an AppRole auth method."""

from typing import ClassVar

from strongroom.vault.auth.spec import AuthMethodBase


class AppRoleAuth(AuthMethodBase):
    """Role id and secret id, for workloads without a platform identity."""

    accepts: ClassVar[tuple[str, ...]] = ("approle",)
