"""Small git repositories for tests, independent of the user's own settings."""

import os
import subprocess
from pathlib import Path

_SETTINGS = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": f"{who}@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


def git(folder: Path, *arguments: str) -> str:
    """What git prints; raises CalledProcessError if it fails."""
    return subprocess.run(
        ["git", *arguments], cwd=folder, env=os.environ | _SETTINGS, check=True, capture_output=True, text=True
    ).stdout.strip()


def commit_all(folder: Path, message: str = "a change") -> str:
    """Commits all that is there, in a repository that is made if there is none. Returns the hash."""
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(folder, "rev-parse", "HEAD")
