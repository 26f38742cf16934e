"""What people write about rotation in Azure."""

from typing import Annotated

from pydantic import Field

from strongroom.azure.names import FunctionAppId, Uuid
from strongroom.spec.model import Model


class AzureFunction(Model):
    """A function of yours that is told 30 days before a secret expires, and puts a new value into it."""

    function_app: FunctionAppId
    """The id of the function app, which is deployed with its code, as all functions are."""
    function: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,126}$")]
    """The function in it, with an Event Grid trigger."""
    principal_id: Uuid
    """The object id of the app's managed identity. It may write the secrets that name this rotator, and no other."""
