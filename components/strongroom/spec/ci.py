"""Jobs of CI systems as workloads: each is pinned to one repository, and in it to an environment or a git ref."""

from typing import Annotated, Self

from pydantic import AfterValidator, model_validator

from strongroom.spec.claims import ClaimText, ClaimValue, GitRef
from strongroom.spec.model import Model, StrictBool
from strongroom.spec.names import check_characters, refuse


def _check_repository(text: str) -> str:
    return check_characters(text, "the repository", r"^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", "A-Za-z0-9._/-", 140)


def _check_project_path(text: str) -> str:
    # GitLab, "Reserved project and group names"; groups nest.
    one = "[A-Za-z0-9_][A-Za-z0-9_.-]*"
    return check_characters(text, "the project path", rf"^{one}(/{one})+$", "A-Za-z0-9_./-", 255)


class PinnedJob(Model):
    """What pins a job within its repository."""

    environment: ClaimValue | None = None
    """The deployment environment of the job; preferred, as it can carry required reviewers."""
    ref: GitRef | None = None
    """The git ref instead, for example `refs/heads/main`."""
    subject: ClaimText | None = None
    """The exact `sub` claim, in addition: where its form was customised, or to tell jobs of one repository apart in the
    identity store."""

    @model_validator(mode="after")
    def _pinned(self) -> Self:
        if (self.environment is None) == (self.ref is None):
            raise refuse("name exactly one of environment and ref", "a repository alone would admit its pull requests")
        return self


class GithubActions(PinnedJob):
    """A workflow job of one repository, pinned to one deployment environment or one git ref."""

    repository: Annotated[str, AfterValidator(_check_repository)]
    """`owner/name`. Wildcards are not possible: they would admit other repositories and pull requests."""

    @property
    def claims(self) -> dict[str, str]:
        """The claims a token must carry: GitHub, "OpenID Connect reference"."""
        pinned = {"environment": self.environment} if self.environment else {"ref": self.ref or ""}
        return {"repository": self.repository, **pinned}

    @property
    def sub(self) -> str:
        """The `sub` claim, for who compares nothing else, as it is unless somebody customised it: GitHub, "OpenID
        Connect reference", example subject claims. With an environment it has no ref; `:` is written `%3A` there."""
        if self.subject:
            return self.subject
        pinned = f"environment:{self.environment.replace(':', '%3A')}" if self.environment else f"ref:{self.ref}"
        return f"repo:{self.repository}:{pinned}"


class GitlabCi(PinnedJob):
    """A job of one GitLab project (`id_tokens`), pinned to one deployment environment or one git ref."""

    project_path: Annotated[str, AfterValidator(_check_project_path)]
    """`group/project`, subgroups included. Wildcards are not possible: they would admit other projects."""
    ref_protected: StrictBool = True
    """Whether the job's branch or tag must be protected. Anybody who can push can run a job on one that is not, so only
    an environment that admits its own people may do without."""

    @model_validator(mode="after")
    def _protected(self) -> Self:
        if self.ref and not self.ref_protected:
            raise refuse(
                "ref_protected: false lets everybody who can push be this workload",
                "protect the branch or tag in GitLab, or pin an environment",
            )
        return self

    @property
    def claims(self) -> dict[str, str]:
        """The claims a token must carry: GitLab, "OpenID Connect (OIDC) authentication using ID tokens"."""
        claims = {"project_path": self.project_path}
        if self.ref_protected:
            claims["ref_protected"] = "true"  # GitLab writes this one as text
        if self.environment:
            return {**claims, "environment": self.environment}
        _, kind, name = (self.ref or "").split("/", 2)
        # Of the two claims `ref` is the bare name, which a branch and a tag may share.
        return {**claims, "ref": name, "ref_type": {"heads": "branch", "tags": "tag"}[kind]}
