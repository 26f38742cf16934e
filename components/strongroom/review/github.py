"""Posts a comment to a pull request, or updates the one that is there: `python -m strongroom.review.github FILE PR`.

Standard library only: it runs in the job that may write to pull requests, where nothing else should.
Environment: GITHUB_TOKEN, GITHUB_REPOSITORY (`owner/name`), GITHUB_API_URL (default https://api.github.com),
COMMENT_AUTHOR (whose comment is updated, default `github-actions[bot]`), ONLY_UPDATE (not empty: make none).
"""

import json
import os
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

MARKER: Final = "<!-- strongroom:preview -->"
"""The first line of our comment; invisible on the page."""
LIMIT: Final = 65_536
"""Characters that GitHub accepts in a comment."""
_PAGE: Final = 100
_TIMEOUT_SECONDS: Final = 30.0


class GitHubError(Exception):
    """The comment could not be posted. The text says why, and never holds the token."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """urllib would send the token along to wherever a redirect points."""

    def redirect_request(self, *_args: object) -> None:
        return None


@dataclass(frozen=True)
class PullRequest:
    """The comments of one pull request."""

    api: str
    repository: str
    number: int
    token: str
    author: str

    @classmethod
    def of(cls, number: str, environment: Mapping[str, str]) -> "PullRequest":
        """From the variables that GitHub sets. Raises GitHubError if one is missing or malformed."""
        repository, token = environment.get("GITHUB_REPOSITORY", ""), environment.get("GITHUB_TOKEN", "")
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository, re.ASCII):
            raise GitHubError(f"GITHUB_REPOSITORY is {repository!r}; it needs `owner/name`")
        if not re.fullmatch(r"[1-9][0-9]*", number, re.ASCII):
            raise GitHubError(f"{number!r} is no number of a pull request; for example PR=12")
        if not token:
            raise GitHubError("GITHUB_TOKEN is not set; it needs permission to write to pull requests")
        api = environment.get("GITHUB_API_URL") or "https://api.github.com"
        author = environment.get("COMMENT_AUTHOR") or "github-actions[bot]"
        return cls(api.rstrip("/"), repository, int(number), token, author)

    def publish(self, text: str, *, only_update: bool = False) -> str:
        """Updates our comment, or makes it if there is none, unless `only_update`. Returns what was done.

        Raises GitHubError if the text is no comment of ours, or GitHub refuses.
        """
        if not text.startswith(f"{MARKER}\n"):
            raise GitHubError(f"the text is no preview: it does not begin with {MARKER}")
        if len(text) > LIMIT:
            raise GitHubError(f"the text has {len(text)} characters; GitHub accepts {LIMIT}")
        for comment in self._comments():
            # Anybody can write the marker; only what this author wrote is ours to change.
            if comment["body"].startswith(MARKER) and comment["user"]["login"] == self.author:
                self._request("PATCH", f"issues/comments/{comment['id']}", {"body": text})
                return "updated"
        if only_update:
            return "not needed"
        self._request("POST", f"issues/{self.number}/comments", {"body": text})
        return "created"

    def _comments(self) -> Iterator[Mapping[str, Any]]:
        page = 1
        while found := self._request("GET", f"issues/{self.number}/comments?per_page={_PAGE}&page={page}"):
            yield from found
            page += 1

    def _request(self, method: str, path: str, body: Mapping[str, str] | None = None) -> Any:
        request = urllib.request.Request(  # noqa: S310  the API's address is the runner's or the user's own
            f"{self.api}/repos/{self.repository}/{path}",
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={
                "Authorization": f"Bearer {self.token}",
                "Accept": "application/vnd.github+json",
                "X-GitHub-Api-Version": "2022-11-28",
                "Content-Type": "application/json",
                "User-Agent": "strongroom",
            },
        )
        try:
            with urllib.request.build_opener(_NoRedirect).open(request, timeout=_TIMEOUT_SECONDS) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                answer = error.read(2000).decode(errors="replace")
            raise GitHubError(f"{method} {path}: GitHub answered {error.code}: {answer}") from None
        except (OSError, ValueError) as error:
            raise GitHubError(f"{method} {path}: {error}") from None


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """See the module. Exit code 1 with the reason if the comment is not there afterwards."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    file, number = arguments
    try:
        text = Path(file).read_text(encoding="utf-8")
        pull_request = PullRequest.of(number, environment)
        print(f"comment {pull_request.publish(text, only_update=bool(environment.get('ONLY_UPDATE')))}")
    except (GitHubError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
