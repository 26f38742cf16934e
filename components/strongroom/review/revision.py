"""What git knows of a change: the paths in it, and the declarations as they were before it."""

import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from strongroom.errors import StrongroomError
from strongroom.project import Project
from strongroom.project_files import STACKS


class RevisionError(StrongroomError):
    """Git cannot answer."""


def branched_from(root: Path, base: str) -> str:
    """The commit in which the working tree's history left that of `base`. Raises RevisionError."""
    _git(root, "rev-parse", "--git-dir")  # says so where there is no repository; the next one is quiet
    # An option cannot be smuggled in: what git is asked for from here on is a hash.
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{base}^{{commit}}").decode().strip()
    return _git(root, "merge-base", commit, "HEAD").decode().strip()


def changed_paths(root: Path, commit: str) -> list[str]:
    """All paths that differ from `commit`, also uncommitted and new ones; of a renamed file both names."""
    tracked = _git(root, "diff", "--name-only", "--no-renames", "--relative", "-z", commit)
    new = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    return sorted({path.decode(errors="surrogateescape") for path in (tracked + new).split(b"\0") if path})


@contextmanager
def project_at(root: Path, commit: str) -> Iterator[Project | None]:
    """The project as it was in `commit`; None if there was none."""
    if not _git(root, "ls-tree", "--name-only", commit, f"{STACKS}/"):
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        # Only regular files: a link could point out of the folder.
        with tarfile.open(fileobj=BytesIO(_git(root, "archive", "--format=tar", commit, STACKS))) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isfile() else None
                if content is not None:
                    path = Path(folder, member.name)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content.read())
        yield Project.read(Path(folder))


def _git(root: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False)
    except FileNotFoundError:
        raise RevisionError("git is not installed, and only it knows what a change is") from None
    if done.returncode != 0:
        reason = done.stderr.decode(errors="replace").strip() or "there is no such revision; fetch it first"
        raise RevisionError(f"`git {' '.join(arguments)}` in {root} failed: {reason}")
    return done.stdout
