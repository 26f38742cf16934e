"""What Google Cloud refuses, in one clear sentence with the remedy, and without values."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from strongroom.errors import StrongroomError
from strongroom.gcp.place import GcpPlace


class GcpError(StrongroomError):
    """Google Cloud refused something, or could not be asked."""

    def __init__(self, text: str, code: str) -> None:
        super().__init__(text)
        self.code = code
        """Google's own name of the error, such as `NOT_FOUND`."""


LOG_IN: Final = "log in (`gcloud auth application-default login`), or set GOOGLE_APPLICATION_CREDENTIALS"
_REMEDIES: Final[Mapping[str, str]] = {
    "UNAUTHENTICATED": f"these credentials are not valid, or not any more: {LOG_IN}",
    "PERMISSION_DENIED": "the caller may not do that: see who is among `gcp.operators`, or whose grant it is",
    "NOT_FOUND": "there is no such thing in this project: deploy the stack first",
    "RESOURCE_EXHAUSTED": "Google throttles the project's requests: wait a minute and repeat",
    "FAILED_PRECONDITION": "its key, or this version, is disabled or destroyed: enable it, or write a new version",
    "UNAVAILABLE": "Secret Manager is not available now: repeat in a minute",
}
"""Google's name of an error -> what to do. The service's own sentence stands in front of it."""
_DISABLED: Final = (
    "enable it with `gcloud services enable secretmanager.googleapis.com`, wait a few minutes, and repeat"
)
_BY_STATUS: Final[Mapping[int, str]] = {
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}
"""For answers that are not Google's, such as those of a proxy."""


def refused(status: int, body: Any, what: str, place: GcpPlace, hide: Iterable[str]) -> GcpError:
    """The error as people see it. `what` is the request, `hide` what the text may not repeat."""
    error = body.get("error") if isinstance(body, Mapping) else None
    if isinstance(error, Mapping):
        code, said = str(error.get("status") or status), str(error.get("message") or "").rstrip(". ")
    else:
        code, said = _BY_STATUS.get(status, str(status)), f"the answer has HTTP status {status}, and is not Google's"
    remedy = _DISABLED if "SERVICE_DISABLED" in _reasons(error) else _REMEDIES.get(code)
    hide = [value for value in hide if value]
    if hide and code == "INVALID_ARGUMENT":
        said = "what was sent is not accepted"  # its text may quote any part of it
    for value in sorted(hide, key=len, reverse=True):
        said = said.replace(value, "[secret]")
    return GcpError(f"{what} (project {place.project}): {said} [{code}]" + (f"; {remedy}" if remedy else ""), code)


def _reasons(error: Any) -> set[str]:
    """Google's finer names, of `google.rpc.ErrorInfo`."""
    details = error.get("details") if isinstance(error, Mapping) else None
    return {str(detail.get("reason")) for detail in details or () if isinstance(detail, Mapping)}
