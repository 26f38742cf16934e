"""`python -m strongroom_sandbox.providers vault --token-file FILE`."""

import argparse
import sys
from importlib.metadata import version
from pathlib import Path

from .frame.errors import StandInError
from .frame.serve import serve


def main(arguments: list[str] | None = None) -> int:
    """Serve one package until SIGTERM or SIGINT; the first line of stdout is `PACKAGE:PORT`."""
    parser = argparse.ArgumentParser(prog="python -m strongroom_sandbox.providers", description=__doc__)
    parser.add_argument("package", choices=["vault"], help="the package to stand in for")
    parser.add_argument("--token-file", type=Path, required=True, help="file that holds the deployer's token")
    options = parser.parse_args(arguments)
    try:
        # A package's SDK is imported only by the process that serves it.
        from .vault.provider import provider  # noqa: PLC0415

        serve(options.package, version(f"pulumi-{options.package}"), provider(options.token_file))
    except StandInError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
