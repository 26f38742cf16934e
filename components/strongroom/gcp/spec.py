"""What people write about an environment's part of Google Cloud."""

from pydantic import Field

from strongroom.gcp.iam.spec import GcpIdentities
from strongroom.gcp.kms.spec import GcpKey
from strongroom.gcp.names import Member, ProjectId, ProjectNumber
from strongroom.spec.model import Model, StrictBool
from strongroom.spec.names import Name


class Gcp(Model):
    """One environment's project. Credentials are never named here: they are whoever runs the command."""

    project: ProjectId
    """The project that everything lies in."""
    project_number: ProjectNumber
    """Its number, in quotes. If the project of that name has another number, nothing is made, read or written."""
    identities: GcpIdentities = Field(default_factory=GcpIdentities)
    """Where workloads come from."""
    operators: tuple[Member, ...] = ()
    """Who brings and looks after values with `strongroom values`, such as `group:secrets-operators@acme.example`: on
    each secret they read, write, disable and destroy versions. Default: who may so on the project."""
    keys: dict[Name, GcpKey] = Field(default_factory=dict)
    """Keys of Cloud KMS by which stores encrypt, by name."""
    audit_logs: StrictBool = True
    """Whether the project records every look at and every write of a secret (Data Access audit logs of Secret Manager),
    with nobody exempted. `false` only where an organisation or folder does that for all of its projects."""
