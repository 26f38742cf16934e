"""What people write about folders in a KV store of which each has his own."""

from strongroom.spec.model import Model
from strongroom.spec.names import Name


class PersonalFolder(Model):
    """A folder of a KV version 2 store for each who is granted it: `<team>/<secret>/<entity id>/`.

    Who is in it, the server tells by the identity entity of whoever asks, so one grant to a group of people gives each
    of them his own folder, and nobody another's. An entity that is deleted and made anew has another id.
    """

    store: Name | None = None
    """The store. Default: the environment's `default_store`."""
