"""The strategies by name. Each imports its driver when it connects, and the package has that one only."""

from collections.abc import Callable, Mapping
from typing import Final

from .alternating_users import AlternatingUsers
from .api_key import ApiKey
from .configuration import STRATEGY, Configuration
from .databases.documentdb import Documentdb
from .databases.mysql import Mysql
from .databases.postgresql import Postgresql
from .databases.redshift import Redshift
from .databases.session import Database
from .errors import RotationError
from .rotation import Strategy
from .single_user import SingleUser

_DATABASES: Final[Mapping[str, type[Database]]] = {
    "postgresql": Postgresql,
    "mysql": Mysql,
    "redshift": Redshift,
    "documentdb": Documentdb,
}
_USERS: Final[Mapping[str, Callable[[Database, Configuration], Strategy]]] = {
    "single-user": SingleUser,
    "alternating-users": AlternatingUsers,
}
API_KEY: Final = "api-key"
NAMES: Final = (*(f"{database}-{users}" for database in _DATABASES for users in _USERS), API_KEY)
"""What the configuration may name."""


def strategy(configuration: Configuration) -> Strategy:
    """The one that the configuration names.

    Raises:
        RotationError: There is none of this name.
    """
    if configuration.strategy not in NAMES:
        raise RotationError(f"{STRATEGY} is {configuration.strategy!r}: write one of {', '.join(NAMES)}")
    if configuration.strategy == API_KEY:
        return ApiKey()
    database, _, users = configuration.strategy.partition("-")
    return _USERS[users](_DATABASES[database](configuration), configuration)
