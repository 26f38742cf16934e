"""PostgreSQL refuses to run as root. Root (in a container, say) runs it as `nobody`, who exists on every Linux.

No user is created and no permission of a folder on the way is widened. Where `nobody` may not pass (a clone in root's
own home), the process gets the one capability that lets it: CAP_DAC_OVERRIDE, as an ambient capability.
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
        SandboxError: Something else is there, or somebody else's folder (anybody may make one below /tmp).
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = directory.lstat()
    owners = {os.geteuid(), *([pwd.getpwnam(USER).pw_uid] if os.geteuid() == 0 else [])}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners:
        raise SandboxError(f"{directory} is not a folder of ours (owner: uid {found.st_uid}): remove it")
    directory.chmod(0o700)
    if os.geteuid() == 0:
        user = pwd.getpwnam(USER)
        os.chown(directory, user.pw_uid, user.pw_gid)


def command(argv: Sequence[str], *needs: Path) -> tuple[str, ...]:
    """The command that runs `argv` without root's rights; unchanged if we are not root.

    Args:
        needs: What it must reach.
    """
    if os.geteuid() != 0:
        return tuple(argv)
    if not (setpriv := shutil.which("setpriv")):
        raise SandboxError("PostgreSQL does not run as root, and setpriv is not on PATH: install util-linux")
    user = pwd.getpwnam(USER)
    identity = (f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")
    capability = () if all(map(_passable, needs)) else ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
    return (setpriv, *identity, *capability, "--", *argv)


def _passable(path: Path) -> bool:
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents)
