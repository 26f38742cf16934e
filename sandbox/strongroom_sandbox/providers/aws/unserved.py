"""What moto has no API for: refused when it is made, with all that can be checked before checked."""

from dataclasses import dataclass

from pulumi_aws import serverlessrepository

from ..frame.errors import StandInError
from ..frame.row import Row, Written, words
from ..frame.values import Properties
from .api import Aws


@dataclass(frozen=True, kw_only=True)
class UnservedRow(Row[Aws]):
    """A type whose inputs are checked and previewed, and that nobody can make here."""

    why: str

    def create(self, server: Aws, inputs: Properties) -> Written:  # noqa: ARG002
        """Refuse."""
        raise StandInError(f"{self.token}: moto has no {self.why}, so that this is made on AWS itself only")

    def read(self, server: Aws, identity: str, known: Properties) -> Properties | None:  # noqa: ARG002
        """Nothing was ever made."""
        return None

    def update(self, server: Aws, identity: str, state: Properties, inputs: Properties) -> None:  # noqa: ARG002
        """Refuse."""
        self.create(server, inputs)

    def delete(self, server: Aws, identity: str, state: Properties) -> None:
        """Nothing was ever made."""


ROWS = (
    UnservedRow(
        resource=serverlessrepository.CloudFormationStack,
        why="Serverless Application Repository, from which AWS' published rotation functions come",
        replaces=words("applicationId name region"),
        computed=words("region semanticVersion"),
    ),
)
