"""The comment on the pull request, posted to a server that answers as GitHub's API does."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from strongroom.review.github import LIMIT, MARKER, main
from support.http import Answer, Request, serving
from support.toolchain import ROOT

TOKEN = "a-token-that-nobody-shows"
TEXT = f"{MARKER}\n## Strongroom preview\n"
BOT = "github-actions[bot]"


class Comments:
    """The comments of pull request 12 of acme/secrets, as GitHub keeps them."""

    def __init__(self) -> None:
        self.comments: list[dict[str, object]] = []
        self.requests: list[Request] = []

    def add(self, body: str, login: str = BOT) -> int:
        self.comments.append({"id": 100 + len(self.comments), "body": body, "user": {"login": login}})
        return 99 + len(self.comments)

    def bodies(self) -> list[object]:
        return [comment["body"] for comment in self.comments]

    def respond(self, request: Request) -> Answer:
        self.requests.append(request)
        if request.authorization != f"Bearer {TOKEN}":
            return Answer({"message": "Bad credentials"}, 401)
        listing = re.fullmatch(r"/repos/acme/secrets/issues/12/comments\?per_page=(\d+)&page=(\d+)", request.path)
        if request.method == "GET" and listing:
            size, page = int(listing[1]), int(listing[2])
            return Answer(self.comments[(page - 1) * size : page * size])
        if request.method == "POST" and request.path == "/repos/acme/secrets/issues/12/comments":
            self.add(request.body["body"])
            return Answer(self.comments[-1], 201)
        if request.method == "PATCH" and (
            one := re.fullmatch(r"/repos/acme/secrets/issues/comments/(\d+)", request.path)
        ):
            found = next(comment for comment in self.comments if comment["id"] == int(one[1]))
            found["body"] = request.body["body"]
            return Answer(found)
        return Answer({"message": "Not Found"}, 404)


@pytest.fixture
def github() -> Comments:
    return Comments()


@pytest.fixture
def environment(github: Comments) -> Iterator[dict[str, str]]:
    """The variables of a job, with the API's address."""
    with serving(github.respond) as address:
        yield {"GITHUB_API_URL": address, "GITHUB_REPOSITORY": "acme/secrets", "GITHUB_TOKEN": TOKEN}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "comment.md"
    path.write_text(TEXT)
    return path


def test_the_first_push_makes_a_comment_and_the_next_ones_update_it(
    github: Comments, environment: dict[str, str], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    github.add("looks good to me", "alice")
    assert main([str(file), "12"], environment) == 0
    file.write_text(f"{TEXT}changed: ünïcode 🔑\n")
    assert main([str(file), "12"], environment) == 0
    assert github.bodies() == ["looks good to me", f"{TEXT}changed: ünïcode 🔑\n"]
    assert capsys.readouterr().out == "comment created\ncomment updated\n"


def test_it_is_found_again_among_hundreds_of_comments(
    github: Comments, environment: dict[str, str], file: Path
) -> None:
    for number in range(250):
        github.add(f"discussion {number}", "alice")
    github.add(f"{MARKER}\nold")
    assert main([str(file), "12"], environment) == 0
    assert github.bodies()[250:] == [TEXT]
    assert [request.method for request in github.requests] == ["GET", "GET", "GET", "PATCH"]


def test_a_comment_of_somebody_else_with_our_marker_is_left_alone(
    github: Comments, environment: dict[str, str], file: Path
) -> None:
    github.add(f"{MARKER}\nmine now", "mallory")
    github.add(f"quoting: {MARKER}")
    assert main([str(file), "12"], environment) == 0
    assert github.bodies() == [f"{MARKER}\nmine now", f"quoting: {MARKER}", TEXT]


def test_a_person_updates_their_own_comment(github: Comments, environment: dict[str, str], file: Path) -> None:
    github.add(f"{MARKER}\nold", "alice")
    assert main([str(file), "12"], environment | {"COMMENT_AUTHOR": "alice"}) == 0
    assert github.bodies() == [TEXT]


def test_where_nothing_is_touched_a_comment_is_updated_but_none_is_made(
    github: Comments, environment: dict[str, str], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    only_update = environment | {"ONLY_UPDATE": "1"}
    assert main([str(file), "12"], only_update) == 0
    assert github.bodies() == []
    assert capsys.readouterr().out == "comment not needed\n"
    github.add(f"{MARKER}\nold")
    assert main([str(file), "12"], only_update) == 0
    assert github.bodies() == [TEXT]


@pytest.mark.parametrize(
    ("change", "arguments", "complaint"),
    [
        ({"GITHUB_TOKEN": ""}, ("12",), "GITHUB_TOKEN is not set"),
        ({"GITHUB_TOKEN": "wrong"}, ("12",), "GitHub answered 401"),
        ({"GITHUB_REPOSITORY": "acme/secrets/../../user"}, ("12",), "needs `owner/name`"),
        ({}, ("12/../../x",), "no number of a pull request"),
        ({}, ("",), "no number of a pull request"),
        ({"GITHUB_API_URL": "http://127.0.0.1:1"}, ("12",), "refused"),
    ],
)
def test_what_cannot_be_posted_says_why_and_shows_no_token(
    change: dict[str, str],
    arguments: tuple[str],
    complaint: str,
    environment: dict[str, str],
    file: Path,
    github: Comments,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([str(file), *arguments], environment | change) == 1
    said = capsys.readouterr().err
    assert complaint in said
    assert TOKEN not in said
    assert github.comments == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("hello", "is no preview"), ("", "is no preview"), (f"{MARKER}\n{'x' * LIMIT}", f"GitHub accepts {LIMIT}")],
)
def test_a_text_that_is_no_comment_of_ours_is_not_posted(
    text: str,
    complaint: str,
    environment: dict[str, str],
    file: Path,
    github: Comments,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file.write_text(text)
    assert main([str(file), "12"], environment) == 1
    assert complaint in capsys.readouterr().err
    assert github.requests == []


def test_a_redirect_does_not_carry_the_token_elsewhere(
    github: Comments, environment: dict[str, str], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = environment["GITHUB_API_URL"]
    with serving(lambda request: Answer({}, 301, {"Location": f"{elsewhere}{request.path}"})) as address:
        assert main([str(file), "12"], environment | {"GITHUB_API_URL": address}) == 1
    assert "GitHub answered 301" in capsys.readouterr().err
    assert github.requests == []


def test_make_post_needs_no_installation(github: Comments, environment: dict[str, str], tmp_path: Path) -> None:
    # What the job checks out: the Makefile and this code, no environment beside them.
    (tmp_path / "Makefile").write_bytes((ROOT / "Makefile").read_bytes())
    (tmp_path / "components").symlink_to(ROOT / "components")
    (tmp_path / ".review").mkdir()
    (tmp_path / ".review" / "comment.md").write_text(TEXT)
    subprocess.run(["make", "post", "PR=12"], cwd=tmp_path, env=_clean() | environment, check=True, capture_output=True)
    assert github.bodies() == [TEXT]
    assert not (tmp_path / ".venv").exists()


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "MAKE"))}
