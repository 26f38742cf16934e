"""Whose credentials they are is asked before anything of AWS is registered."""

from pathlib import Path

import pulumi
import pytest

from strongroom.aws.place import AwsPlace
from strongroom.program import deploy
from strongroom.stage import Stage
from support import mocks
from support.docs import example
from support.mocks import Recording, record

ASKED = "aws:index/getCallerIdentity:getCallerIdentity"


def _deployed(folder: Path) -> Recording:
    plan = example("aws/secrets-manager.md", folder).plan("prod")
    assert {record.place for record in plan.records if hasattr(record, "place")} == {
        AwsPlace(account="111122223333", region="eu-central-1", partition="aws")
    }
    return record(lambda: deploy(plan, Stage(secret=lambda *_: None)))


def test_the_provider_comes_first_and_takes_no_other_account(tmp_path: Path) -> None:
    made = _deployed(tmp_path)
    assert made.resources[0].type == "pulumi:providers:aws"
    assert made.resources[0].inputs["allowedAccountIds"] == '["111122223333"]'
    assert {leaf.provider for leaf in made.leaves if leaf.type.startswith("aws:kms")} == {made.resources[0].name}


@pytest.mark.parametrize(
    "said", ["no valid credential sources for AWS Provider found", "AWS account ID not allowed: 1"]
)
def test_without_fitting_credentials_nothing_is_registered_and_the_error_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setitem(mocks.TOLD, ASKED, said)
    with pytest.raises(pulumi.RunError) as caught:
        _deployed(tmp_path)
    text = str(caught.value)
    assert text.startswith("account 111122223333 of AWS cannot be reached in eu-central-1")
    assert "aws sts get-caller-identity" in text
    assert said in text
    assert "nothing was touched" in text
