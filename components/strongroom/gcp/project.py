"""Secret Manager of one project as the caller's own credentials reach it, over its REST API.

Google's own client would bring gRPC with generated messages, in versions that do not go with those of Pulumi.
"""

import logging
import os
from collections.abc import Iterable, Mapping
from functools import cached_property
from threading import Lock
from typing import Any, Final
from urllib.parse import urlsplit

import google.auth
import requests
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, TransportError
from google.auth.transport.requests import Request
from requests import RequestException
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from strongroom.gcp.place import GcpPlace
from strongroom.gcp.refusals import LOG_IN, GcpError, refused
from strongroom.spec.names import is_loopback

ENDPOINT: Final = "https://secretmanager.googleapis.com"
OVERRIDE: Final = "CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER"
"""The variable by which every tool of Google is pointed elsewhere: `gcloud topic configurations`."""
_SCOPE: Final = "https://www.googleapis.com/auth/cloud-platform"
_TIMEOUT_SECONDS: Final = 30
RETRIES: Final = Retry(
    total=5, backoff_factor=1, status_forcelist=(429, 503), allowed_methods=("GET",), raise_on_status=False
)
"""What only looks is asked again, later each time; whether a write that was not answered was done, nobody knows."""


class GcpProject:
    """Secret Manager of one project. It is asked for by the project's number, which no other project ever has."""

    def __init__(self, place: GcpPlace) -> None:
        self.place = place
        self._lock = Lock()

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        hide: Iterable[str] = (),
        **parameters: str | int,
    ) -> dict[str, Any]:
        """One request, for example `ask("GET", "secrets/prod--payments--stripe")`. `hide` is what no error may repeat.

        Raises GcpError with the remedy; its `code` is Google's own name of what was wrong.
        """
        what = f"Secret Manager {method} {path}"
        url = f"{self._endpoint}/v1/projects/{self.place.number}/{path}"
        try:
            answer = self._session.request(
                method,
                url,
                params=parameters,
                json=body,
                headers=self._authorization(method, url),
                timeout=_TIMEOUT_SECONDS,
                allow_redirects=False,  # to wherever: a value and a token would go along
            )
            if answer.status_code == 200:
                return self._checked(answer.json(), what)
            refusal = refused(answer.status_code, _json(answer), what, self.place, hide)
        except DefaultCredentialsError:
            refusal = GcpError(f"{what}: there are no credentials for Google Cloud; {LOG_IN}", "NO_CREDENTIALS")
        except (TransportError, RequestException) as error:
            # Their texts could hold the request.
            refusal = GcpError(
                f"{what}: {self._endpoint} cannot be reached ({type(error).__name__}); look at network and proxy",
                "UNREACHABLE",
            )
        except GoogleAuthError as error:
            refusal = GcpError(
                f"{what}: these credentials are not valid, or not any more ({type(error).__name__}); {LOG_IN}",
                "UNAUTHENTICATED",
            )
        # Raised out here, so that no exception is chained whose frames hold the request.
        raise refusal

    def _checked(self, answer: Any, what: str) -> dict[str, Any]:
        """Whatever has a name is of this project: else nobody knows who answers."""
        if not isinstance(answer, dict):
            raise GcpError(f"{what}: the answer is not Secret Manager's", "UNREADABLE")
        name = str(answer.get("name") or "")
        if name and not name.startswith(f"projects/{self.place.number}/"):
            raise GcpError(
                f"{what}: the answer is about {name.partition('/secrets/')[0]}, and the environment is in project "
                f"{self.place.project} ({self.place.number})",
                "WRONG_PROJECT",
            )
        return answer

    @cached_property
    def _endpoint(self) -> str:
        endpoint = (os.environ.get(OVERRIDE) or ENDPOINT).rstrip("/")
        url = urlsplit(endpoint)
        if url.scheme != "https" and not (url.scheme == "http" and is_loopback(url.hostname or "")):
            raise GcpError(f"{OVERRIDE} is no https:// address, and values travel over TLS only", "INSECURE")
        return endpoint

    def _authorization(self, method: str, url: str) -> dict[str, str]:
        """The header with a token, which is made or renewed if need be.

        Google's own session would add it, and log the bodies of requests where somebody looks for errors.
        """
        headers: dict[str, str] = {}
        with self._lock:
            credentials: Any = self._credentials
            credentials.before_request(Request(), method, url, headers)
        return headers

    @cached_property
    def _credentials(self) -> Any:
        # It warns of people's logins, which belong to no project; ours is declared.
        logging.getLogger("google.auth._default").setLevel(logging.ERROR)
        return google.auth.default(scopes=[_SCOPE])[0]

    @cached_property
    def _session(self) -> requests.Session:
        session = requests.Session()
        for scheme in ("https://", "http://"):
            session.mount(scheme, HTTPAdapter(max_retries=RETRIES, pool_maxsize=8))
        return session


def _json(answer: Any) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None
