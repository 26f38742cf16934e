"""Claims of signed tokens: what may be compared with them."""

from typing import Annotated

from pydantic import AfterValidator

from strongroom.spec.names import refuse


def _check_claim(text: str) -> str:
    if "*" in text:
        raise refuse("a claim is compared literally, '*' has no meaning here", "name one subject or value exactly")
    if not text or not text.isprintable() or len(text) > 512:
        raise refuse("a claim needs 1 to 512 printable characters")
    return text


def _check_claim_value(text: str) -> str:
    if "," in text:
        # pulumi-vault splits them: `jwt.AuthBackendRole`, input boundClaims.
        raise refuse("',' would make this several values, of which any one would do", "bind a claim without commas")
    return _check_claim(text)


def _check_ref(text: str) -> str:
    if not text.startswith(("refs/heads/", "refs/tags/")):
        raise refuse(
            "the ref is no branch or tag",
            "write it as refs/heads/main; the ref of a pull request would admit code that nobody has reviewed",
        )
    return _check_claim_value(text)


ClaimText = Annotated[str, AfterValidator(_check_claim)]
"""A claim's name, or a value that is compared as a whole."""
ClaimValue = Annotated[str, AfterValidator(_check_claim_value)]
"""One value of a claim, exactly."""
GitRef = Annotated[str, AfterValidator(_check_ref)]
"""A branch or tag in full: `refs/heads/main`, `refs/tags/v1`."""
