"""Runs a Pulumi program. Executed by the program's own interpreter, which need not have Strongroom: SDK imports only.

    python program.py '{"program": FILE_OR_FOLDER, "directory": CWD, "arguments": [...], "settings": {...}}'

Config comes in the variables PULUMI_CONFIG and PULUMI_CONFIG_SECRET_KEYS. Exit code 32 means: it failed, and
the user has been told why (the convention of the official language host).
"""

import asyncio
import json
import os
import runpy
import signal
import sys
import traceback
from pathlib import Path

REPORTED = 32


def main() -> int:
    """Run the program; return the exit code."""
    sys.path.pop(0)  # the folder of this file, which is no business of the program
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that `finally` blocks run
    try:
        import pulumi  # noqa: PLC0415
    except ImportError as error:
        print(
            f"The Pulumi SDK cannot be imported by {sys.executable}: {error}\n"
            "Install it there (`pip install pulumi`), or name another environment in the project file: "
            "runtime.options.virtualenv.",
            file=sys.stderr,
        )
        return REPORTED

    job = json.loads(sys.argv[1])
    program = Path(job["program"]).absolute()
    pulumi.runtime.set_all_config(pulumi.runtime.get_config_env(), pulumi.runtime.get_config_secret_keys_env())
    pulumi.runtime.configure(pulumi.runtime.Settings(**job["settings"]))
    os.chdir(job["directory"])
    sys.argv = [str(program), *job["arguments"]]
    if program.is_file():
        sys.path.insert(0, str(program.parent))  # run_path does that for a folder only
    elif not (program / "__main__.py").is_file():
        pulumi.log.error(f"no Python program: there is no __main__.py in {program}")
        return REPORTED

    def run() -> None:
        runpy.run_path(str(program), run_name="__main__")

    try:
        asyncio.run(pulumi.runtime.run_in_stack(run))
    except KeyboardInterrupt:
        return REPORTED  # the engine knows: it is what stops programs
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return REPORTED
    except Exception as error:
        pulumi.log.error("Program failed with an unhandled exception:\n" + user_traceback(error, program))
        return REPORTED
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def user_traceback(error: BaseException, program: Path) -> str:
    """The traceback from the program's first own line on: what is above is Pulumi's and ours."""
    main_file = str(program if program.is_file() else program / "__main__.py")
    frame = error.__traceback__
    while frame is not None and frame.tb_frame.f_code.co_filename != main_file:
        frame = frame.tb_next
    return "".join(traceback.format_exception(type(error), error, frame or error.__traceback__))


if __name__ == "__main__":
    sys.exit(main())
