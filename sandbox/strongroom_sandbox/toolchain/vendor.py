"""The vendor's installer, in a process of its own so that it can be bounded in time.

`PulumiCommand.install` of the Pulumi SDK downloads and runs the vendor's script without any time limit; a
network that drops packets would hang it. Run as `python -m strongroom_sandbox.toolchain.vendor FOLDER
VERSION`.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from strongroom_sandbox.toolchain.process import Report, run
from strongroom_sandbox.toolchain.versions import Version

#: How long the installer's address may stay silent, in seconds.
CONNECT_SECONDS = 10.0
#: How long the whole download (about 100 MB) may take, in seconds.
INSTALL_SECONDS = 600.0


def install(root: Path, version: Version, report: Report) -> None:
    """Install the official Pulumi CLI and its language hosts into `root`/bin.

    Raises ToolchainError with the reason, within `INSTALL_SECONDS` at the latest.
    """
    run(
        [sys.executable, "-m", __name__, str(root), str(version)],
        doing="pulumi: the vendor's installer",
        report=report,
        timeout_seconds=INSTALL_SECONDS,
        # The script offers the latest release instead of a pinned one, and to edit shell profiles: not to us.
        environment=os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"},
    )


def main(root: str, version: str) -> str | None:
    """Install; return None or the reason for a failure (a good last line, where a traceback is not)."""
    import subprocess  # noqa: PLC0415
    import urllib.error  # noqa: PLC0415

    from pulumi.automation import PulumiCommand  # noqa: PLC0415
    from semver import VersionInfo  # noqa: PLC0415

    socket.setdefaulttimeout(CONNECT_SECONDS)
    try:
        PulumiCommand.install(root=root, version=VersionInfo.parse(version))
    except urllib.error.URLError as error:
        return f"its script cannot be downloaded: {error.reason}"
    except subprocess.CalledProcessError as error:
        return f"its script failed with exit code {error.returncode}: {(error.output or b'').decode(errors='replace')}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
