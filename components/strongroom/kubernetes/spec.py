"""What the platform team writes about the Kubernetes clusters of an environment."""

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from strongroom.external_secrets.spec import ExternalSecrets
from strongroom.kubernetes.encryption.spec import Encryption
from strongroom.kubernetes.secrets.spec import DeployedSecret, ValuesInState
from strongroom.spec.model import Model
from strongroom.spec.names import HttpsUrl, Name, check_characters, refuse


def _check_context(text: str) -> str:
    # Cloud vendors' tools name contexts by ARN or path: `aws eks update-kubeconfig`, `gcloud container clusters`.
    return check_characters(text, "the context", r"^[A-Za-z0-9][A-Za-z0-9 ._:@/-]*$", "A-Za-z0-9 ._:@/-", 253)


def address(url: str) -> str:
    """An API server's address in the one way that all are compared in: small letters, no port 443, no slash at the end.

    What cannot be read as an address is returned as it is.
    """
    try:
        parts = urlsplit(url)
        host = parts.netloc.lower().removesuffix(":443")
    except ValueError:
        return url
    return parts._replace(netloc=host, path=parts.path.rstrip("/")).geturl()


class Cluster(Model):
    """One Kubernetes cluster. Environments that share one share no namespace: what lies there, both could reach."""

    context: Annotated[str, AfterValidator(_check_context)]
    """The context of the caller's kubeconfig (`KUBECONFIG`) that leads there. Credentials stay in that file."""
    server: Annotated[HttpsUrl, AfterValidator(address)]
    """The address of its API server. A context that leads to another is refused before anything is made."""
    vault_auth: Name | None = None
    """The auth method of Vault that its service accounts log in at. Needed only where the environment has several that
    accept them."""
    external_secrets: ExternalSecrets | None = None
    """The External Secrets Operator, which brings secrets there."""
    encryption: Encryption | None = None
    """How its API servers encrypt what they keep in etcd. Default: that is nobody's business here."""
    allow_values_in_state: ValuesInState | None = None
    """Whether `secrets` may be declared, and why. Default: no value is in any state."""
    secrets: dict[Name, DeployedSecret] = Field(default_factory=dict)
    """Kubernetes Secrets that the deployment brings, by name. Others are a catalog's, in a store `kubernetes_secrets`,
    or delivered."""

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.secrets and not self.allow_values_in_state:
            raise refuse(
                "the values of `secrets` are in the state of the stack, which this cluster does not allow",
                "keep them in a store (`kubernetes_secrets`, or one that External Secrets reads), or write "
                "`allow_values_in_state: {reason: …}`",
            )
        return self
