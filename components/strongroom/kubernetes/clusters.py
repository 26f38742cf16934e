"""Clusters as the caller's own credentials reach them."""

from collections.abc import Callable, Iterable
from threading import Lock
from typing import TypeVar

from kubernetes.client import ApiClient
from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

from strongroom.kubernetes.kubeconfig import client_of
from strongroom.kubernetes.place import ClusterPlace
from strongroom.kubernetes.refusals import explained

T = TypeVar("T")


class Clusters:
    """A client for each cluster, made when it is first asked for."""

    def __init__(self) -> None:
        self._clients: dict[ClusterPlace, ApiClient] = {}
        self._making = Lock()

    def ask(self, place: ClusterPlace, what: str, request: Callable[[ApiClient], T], hide: Iterable[str] = ()) -> T:
        """One request; `what` names it in errors. `hide` is what no error may repeat.

        Raises KubernetesError with the remedy, and StrongroomError if the caller's context leads elsewhere.
        """
        client = self._client(place)
        try:
            return request(client)
        except (ApiException, HTTPError) as error:
            refusal = explained(error, what, place, hide)
        # Raised out here, so that no exception is chained whose frames hold the request.
        raise refusal

    def _client(self, place: ClusterPlace) -> ApiClient:
        with self._making:
            if place not in self._clients:
                self._clients[place] = client_of(place)
            return self._clients[place]
