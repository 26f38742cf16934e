"""What an API server refuses, in one clear sentence with the remedy, and without values."""

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Final

from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

from strongroom.errors import StrongroomError
from strongroom.kubernetes.place import ClusterPlace
from strongroom.repeats import repeats


class KubernetesError(StrongroomError):
    """An API server refused something, or could not be asked."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status
        """The HTTP status; 0: there was no answer."""


_REMEDIES: Final[Mapping[int, str]] = {
    401: "the credentials of the context are not valid, or not any more: log in again with your platform's tool",
    403: "the caller needs a Role with that verb on that resource there",
    404: "is the namespace made, and is this the right cluster?",
    429: "the API server limits requests, and did so again: wait a minute and repeat",
}
"""HTTP status -> what to do. The server's own sentence stands in front of it."""


def explained(
    error: ApiException | HTTPError, what: str, place: ClusterPlace, hide: Iterable[str] = ()
) -> KubernetesError:
    """The error as people see it. `what` is the request, `hide` what the text may not repeat."""
    status = int(error.status or 0) if isinstance(error, ApiException) else 0
    if status:
        said, remedy = _message(error), _REMEDIES.get(status, "")
    else:
        # The texts of these have addresses and ports, and could have parts of a request.
        said, remedy = (
            f"{place.server} cannot be reached safely ({type(error).__name__})",
            ("look at network, proxy and the cluster's certificate authority in the kubeconfig"),
        )
    # The API server leaves values of Secrets out of what it says. A webhook that admits objects need not.
    if repeats(said, (form for value in hide for form in (value, base64.b64encode(value.encode()).decode()))):
        said = "its own words repeat a value, and are left out"
    said = " ".join(said.split()).rstrip(".")
    code = f" [{status}]" if status else ""
    return KubernetesError(f"{what} (cluster {place}): {said}{code}" + (f"; {remedy}" if remedy else ""), status)


def _message(error: ApiException | HTTPError) -> str:
    """The sentence of a `Status` object; of what a proxy answers only the status is told."""
    body = getattr(error, "body", None)
    try:
        told = json.loads(body or "")
    except ValueError:
        told = None
    message = told.get("message") if isinstance(told, dict) else None
    return str(message or getattr(error, "reason", "") or "it says nothing")
