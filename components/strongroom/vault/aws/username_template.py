"""Templates of the names of IAM users and sessions."""

from typing import Annotated, Final

from pydantic import AfterValidator

from strongroom.spec.names import refuse
from strongroom.vault.username_template import UNBOUNDED, NameTemplates

LONGEST: Final = 64
"""Characters of the name of an IAM user or of a session of a role: IAM, "IAM and AWS STS quotas"."""
LONGEST_OF_FEDERATION: Final = 32
"""Characters of the name of a federated session: AWS STS, GetFederationToken."""

TEMPLATES: Final = NameTemplates(
    # Of the token and of the role; empty for federated sessions.
    names={".DisplayName": UNBOUNDED, ".PolicyName": UNBOUNDED},
    plain="A-Za-z0-9_+=,.@-",
    refuses="AWS does not take",
)


def _check(text: str) -> str:
    if (most := TEMPLATES.longest(TEMPLATES.check(text))) > LONGEST:
        raise refuse(f"username_template makes names of up to {most} characters, and AWS takes {LONGEST}", "cut parts")
    return text


UsernameTemplate = Annotated[str, AfterValidator(_check)]
"""Text with `{{…}}` actions; the names are different each time and short enough."""
