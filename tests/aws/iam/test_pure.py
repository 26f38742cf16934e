"""Checking and planning an environment in AWS loads no SDK and opens no socket: it is done on any machine."""

import json
import subprocess
import sys
from pathlib import Path

from support.aws_environment import project

PROGRAM = """
import json, sys
def refuse(event, arguments):
    if event.startswith("socket.") or event == "urllib.Request":
        raise AssertionError(f"{event} {arguments}")
sys.addaudithook(refuse)
from pathlib import Path
from strongroom.project import Project
plan = Project.read(Path(sys.argv[1])).plan("prod")
assert any(record.kind == "aws.iam.role" for record in plan.records)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_a_plan_of_roles_and_keys_needs_nobodys_sdk(tmp_path: Path) -> None:
    project(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not {"pulumi", "pulumi_aws", "boto3", "botocore"} & set(json.loads(done.stdout))
