"""How long a person waits for what is run every day. Run: `python benchmarks/waiting.py [--tests]`.

Measures `strongroom --help`, and `strongroom sandbox up` with everything there that it needs but its servers stopped
("warm"), in a sandbox of its own; with `--tests` also `make test`. Best of several runs where a run is short.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

ROOT: Final = Path(__file__).resolve().parent.parent
STRONGROOM: Final = str(Path(sys.executable).with_name("strongroom"))


def seconds(*command: str) -> float:
    """From the start of a command to its end. Raises CalledProcessError with what it printed if it fails."""
    begin = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return time.perf_counter() - begin


def warm_up_seconds() -> float:
    """`make up` on a machine that has done it before, after `make down`."""
    with tempfile.TemporaryDirectory() as folder:
        where = ("--directory", str(Path(folder, "sandbox")))
        try:
            seconds(STRONGROOM, "sandbox", "up", *where)
            seconds(STRONGROOM, "sandbox", "down", *where)
            return seconds(STRONGROOM, "sandbox", "up", *where)
        finally:
            seconds(STRONGROOM, "sandbox", "down", *where)


def rows(tests: bool) -> Sequence[tuple[str, float, float]]:
    """What, seconds, and the seconds that it may take."""
    found = [
        ("strongroom --help", min(seconds(STRONGROOM, "--help") for _ in range(5)), 0.3),
        ("make up, warm", warm_up_seconds(), 45.0),
    ]
    return [*found, ("make test", seconds("make", "test"), 480.0)] if tests else found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--tests", action="store_true", help="also `make test`, which takes minutes")
    table = Table("measured", "value", "target", "ratio")
    for what, taken, target in rows(arguments.parse_args().tests):
        table.add_row(what, f"{taken:.2f} s", f"{target:g} s", f"{taken / target:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
