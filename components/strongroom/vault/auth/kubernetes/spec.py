"""What people write about a Kubernetes auth method."""

from typing import ClassVar, Self

from pydantic import model_validator

from strongroom.spec.claims import ClaimText
from strongroom.spec.names import HttpsUrl, refuse
from strongroom.spec.value_source import ValueSource
from strongroom.vault.auth.jwt.spec import Pem
from strongroom.vault.auth.spec import AuthMethodBase


class KubernetesAuth(AuthMethodBase):
    """The service accounts of one cluster. The server asks the cluster about each token (TokenReview), so that the
    token of a deleted pod or service account ends at once; `jwt` checks signatures only, until they expire.

    Where the server itself runs as a pod of that cluster, `ca_pem` and `token_reviewer_jwt` are both left out: it uses
    its pod's own, which the cluster renews. Elsewhere both are needed: HashiCorp, "Kubernetes auth method".
    """

    accepts: ClassVar[tuple[str, ...]] = ("kubernetes",)

    kubernetes_host: HttpsUrl
    """The cluster's API server, as seen from the Vault server."""
    audience: ClaimText
    """The `aud` a token must carry. Name this server and environment, so that a token for another is refused."""
    ca_pem: Pem = ""
    """The certificate authority of the API server."""
    token_reviewer_jwt: ValueSource | None = None
    """Where the token comes from that may create TokenReviews (ClusterRole `system:auth-delegator`). A workload's own
    token cannot review itself: it carries the `audience` above, not the API server's."""

    @model_validator(mode="after")
    def _reviewer(self) -> Self:
        if bool(self.ca_pem) != (self.token_reviewer_jwt is not None):
            given, missing = ("ca_pem", "token_reviewer_jwt") if self.ca_pem else ("token_reviewer_jwt", "ca_pem")
            raise refuse(
                f"{given} is given without {missing}",
                "outside the cluster the server needs both; as a pod of the cluster it has its own, leave both out",
            )
        return self
