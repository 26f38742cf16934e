"""The vendor's installer, in a process of its own so that it can be bounded in time.

`PulumiCommand.install` of the Pulumi SDK downloads and runs the vendor's script without any time limit; a
network that drops packets would hang it. Run as `python -m strongroom_sandbox.toolchain.vendor FOLDER
VERSION`.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import urllib.error
from pathlib import Path

from strongroom_sandbox.toolchain.process import Report, run
from strongroom_sandbox.toolchain.versions import Version

#: How long the vendor's server may stay silent, in seconds.
CONNECT_SECONDS = 10.0
#: How long the whole download (about 100 MB) may take, in seconds.
INSTALL_SECONDS = 600.0


def install(
    root: Path,
    version: Version,
    report: Report,
    *,
    connect_seconds: float = CONNECT_SECONDS,
    install_seconds: float = INSTALL_SECONDS,
) -> None:
    """Install the official Pulumi CLI and its language hosts into `root`/bin.

    Raises ToolchainError with the reason, after `install_seconds` at the latest.
    """
    run(
        [sys.executable, "-m", __name__, str(root), str(version), str(connect_seconds)],
        doing="pulumi: the vendor's installer",
        report=report,
        timeout_seconds=install_seconds,
    )


def main(root: str, version: str, connect_seconds: str) -> str | None:
    """Install; return None, or why not (one line says more than a traceback)."""
    # Half a second that only this process needs to spend.
    from pulumi.automation import PulumiCommand  # noqa: PLC0415
    from semver import VersionInfo  # noqa: PLC0415

    socket.setdefaulttimeout(float(connect_seconds))
    try:
        PulumiCommand.install(root=root, version=VersionInfo.parse(version))
    except urllib.error.URLError as error:
        return f"its script cannot be downloaded: {error.reason}"
    except subprocess.CalledProcessError as error:
        printed = (error.output or b"").decode(errors="replace").strip()
        return f"its script failed with exit code {error.returncode}: {printed}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
