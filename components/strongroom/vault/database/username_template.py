"""Templates of the names of database users."""

from typing import Annotated, Final

from pydantic import AfterValidator

from strongroom.vault.username_template import UNBOUNDED, NameTemplates

TEMPLATES: Final = NameTemplates(
    # A role's name is two of our names and a dot.
    names={".DisplayName": UNBOUNDED, ".RoleName": 81},
    plain="A-Za-z0-9_-",
    refuses="some database would have to quote",
)
longest = TEMPLATES.longest

UsernameTemplate = Annotated[str, AfterValidator(TEMPLATES.check)]
"""Text with `{{…}}` actions; the names are different each time and have a known length."""
