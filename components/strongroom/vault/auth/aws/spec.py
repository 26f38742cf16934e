"""What people write about an AWS auth method."""

from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, model_validator

from strongroom.spec.model import StrictBool
from strongroom.spec.names import check_characters, refuse
from strongroom.vault.auth.spec import AuthMethodBase
from strongroom.vault.aws.arns import Endpoint, Region
from strongroom.vault.aws.credentials import InstanceRole, ServerCredentials


def _check_header(text: str) -> str:
    return check_characters(text, "iam_server_id_header_value", r"^[A-Za-z0-9._:/-]+$", "A-Za-z0-9._:/-", 253)


class AwsAuth(AuthMethodBase):
    """IAM roles and users of AWS. A workload signs a request to AWS that asks who it is, and does not send it: the
    server does, and AWS answers with the name. No secret is handed over, to nobody."""

    accepts: ClassVar[tuple[str, ...]] = ("aws_iam",)

    iam_server_id_header_value: Annotated[str, AfterValidator(_check_header)]
    """What the header `X-Vault-AWS-IAM-Server-ID` must say, as a part of what is signed: this server and environment,
    such as `vault.acme.example/prod`. Without it a request that another server was given would be good here too."""
    sts_region: Region
    """The region whose STS is asked, and for which workloads sign."""
    sts_endpoint: Endpoint | None = None
    """Its URL. Default: AWS's own in `sts_region`."""
    iam_endpoint: Endpoint | None = None
    """IAM's URL. Default: AWS's own."""
    resolve_aws_unique_ids: StrictBool = True
    """Whether a role holds for the very principal that had the ARN when it was made, and not for one of the same name
    that is made after a deletion. The server then asks IAM (`iam:GetRole`, `iam:GetUser`). It cannot be turned off
    again for roles that exist."""
    credentials: ServerCredentials = ServerCredentials(instance_role=InstanceRole())
    """How the server is known to AWS when it asks IAM. Default: `instance_role: {}`."""

    @model_validator(mode="after")
    def _needs_credentials(self) -> Self:
        if not self.resolve_aws_unique_ids and self.credentials.kind != "instance_role":
            raise refuse(
                f"{self.credentials.kind} has no meaning without resolve_aws_unique_ids",
                "leave `credentials` out: that request is signed by the workload alone",
            )
        return self
