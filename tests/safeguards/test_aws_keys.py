"""A KMS key is a holding: the plan and the state of a stack speak of the same one, and it is missed when it goes."""

from typing import Any

from strongroom.aws.kms.component import deploy
from strongroom.aws.kms.plan import KmsKey
from strongroom.aws.place import AwsPlace
from strongroom.plan.plan import Plan
from strongroom.safeguards.deployed import deployed
from strongroom.safeguards.planned import planned
from strongroom.stage import Stage
from support.mocks import record

PLACE = AwsPlace(account="111122223333", region="eu-central-1", partition="aws")
PATH = "aws/111122223333/eu-central-1/key/prod/main"


def _plan(*replicas: str) -> Plan:
    key = KmsKey(
        slice="platform",
        place=PLACE,
        name="main",
        alias="alias/prod/main",
        description="",
        rotation_period_days=365,
        deletion_window_days=30,
        replicas=replicas,
        policy="{}",
        protect=True,
    )
    return Plan("prod", "all", (key,))


def _state(plan: Plan) -> dict[str, Any]:
    """The state of a stack that was deployed so."""
    made = record(lambda: deploy(plan, Stage(secret=lambda *_: None)))
    arn = f"arn:aws:kms:{PLACE.region}:{PLACE.account}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    return {
        "deployment": {
            "resources": [
                {
                    "urn": leaf.urn,
                    "type": leaf.type,
                    "protect": leaf.protect,
                    "inputs": leaf.inputs,
                    "outputs": {"arn": arn},
                }
                for leaf in made.leaves
                if leaf.type == "aws:kms/key:Key"
            ]
        }
    }


def test_a_key_is_the_same_holding_in_the_plan_and_in_the_state() -> None:
    for plan in (_plan(), _plan("eu-west-1")):
        in_plan, in_state = planned(plan)[PATH], deployed(_state(plan)).holdings[PATH]
        assert (in_plan.engine, in_plan.fixed, in_plan.protected) == (
            in_state.engine,
            in_state.fixed,
            in_state.protected,
        )


def test_a_key_that_becomes_multi_region_is_another_key() -> None:
    assert planned(_plan("eu-west-1"))[PATH].fixed != deployed(_state(_plan())).holdings[PATH].fixed
    assert planned(_plan("eu-west-1"))[PATH].fixed == planned(_plan("eu-west-1", "us-east-1"))[PATH].fixed


def test_a_key_of_somebody_elses_is_not_ours_to_miss() -> None:
    state = _state(_plan())
    state["deployment"]["resources"][0]["inputs"].pop("tags")
    assert not deployed(state).holdings
