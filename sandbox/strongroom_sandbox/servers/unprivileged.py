"""PostgreSQL refuses to run as root. Root (in a container, say) runs it as `nobody`, who exists on every Linux.

No user is created and no permission of a folder on the way is widened. Where `nobody` may not pass (a clone below
/root), the process gets the one capability that lets it: CAP_DAC_OVERRIDE, as an ambient capability.
"""

import os
import pwd
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path

from strongroom_sandbox.servers.server import SandboxError

USER = "nobody"


def own(directory: Path) -> None:
    """Make a folder (0700) that belongs to whoever the server runs as.

    Raises:
        SandboxError: It is there and belongs to somebody else.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() == 0:
        user = pwd.getpwnam(USER)
        os.chown(directory, user.pw_uid, user.pw_gid, follow_symlinks=False)
    elif directory.lstat().st_uid != os.geteuid():
        raise SandboxError(
            f"{directory} belongs to another user: remove it, or set XDG_RUNTIME_DIR to a folder of yours"
        )


def command(argv: Sequence[str], *needs: Path) -> tuple[str, ...]:
    """The command that runs `argv` without root's rights; unchanged if we are not root.

    Args:
        needs: Folders that it must reach.
    """
    if os.geteuid() != 0:
        return tuple(argv)
    if not (setpriv := shutil.which("setpriv")):
        raise SandboxError(
            "PostgreSQL does not run as root, and setpriv (package util-linux) is not on PATH: install it"
        )
    user = pwd.getpwnam(USER)
    identity = (f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")
    passage = (
        () if all(_passable(path) for path in needs) else ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
    )
    return (setpriv, *identity, *passage, "--", *argv)


def _passable(path: Path) -> bool:
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents)
