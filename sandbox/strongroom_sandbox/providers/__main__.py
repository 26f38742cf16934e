"""`python -m strongroom_sandbox.providers vault --token-file FILE`, and so on for the other packages."""

import argparse
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from .frame.errors import StandInError
from .frame.serve import serve
from .packages import PACKAGES


def main(arguments: list[str] | None = None) -> int:
    """Serve one package until SIGTERM or SIGINT; the first line of stdout is `PACKAGE:PORT`."""
    parser = argparse.ArgumentParser(prog="python -m strongroom_sandbox.providers", description=__doc__)
    commands = parser.add_subparsers(dest="package", required=True, metavar="PACKAGE", help="what to stand in for")
    for name, package in PACKAGES.items():
        command = commands.add_parser(name, help=f"{package.option}: {package.file}")
        command.add_argument(package.option, dest="file", type=Path, required=True, help=package.file)
    options = parser.parse_args(arguments)
    try:
        provider = import_module(f".{PACKAGES[options.package].module}", __package__).provider
        serve(options.package, version(f"pulumi-{options.package}"), provider(options.file))
    except StandInError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
