"""The bucket of log files is a holding: whoever would lose the record of who used secrets is told before."""

from dataclasses import replace
from typing import Any

from strongroom.aws.audit.deploy import deploy
from strongroom.aws.audit.plan import AwsLogBucket, AwsTrail
from strongroom.aws.place import AwsPlace
from strongroom.plan.plan import Plan
from strongroom.safeguards.contents import Unasked
from strongroom.safeguards.deployed import deployed
from strongroom.safeguards.findings import find
from strongroom.safeguards.planned import planned
from strongroom.stage import Stage
from support.mocks import record

PLACE = AwsPlace(account="111122223333", region="eu-central-1", partition="aws")
PATH = "aws/111122223333/eu-central-1/bucket/prod-audit-111122223333"
BUCKET = AwsLogBucket(
    slice="platform",
    place=PLACE,
    name="prod-audit-111122223333",
    policy="{}",
    retention_days=365,
    object_lock="governance",
    protect=True,
)
TRAIL = AwsTrail(
    slice="platform",
    place=PLACE,
    name="strongroom-prod",
    bucket=BUCKET.name,
    multi_region=True,
    kms_key="audit",
    protect=True,
)


def _state(plan: Plan) -> dict[str, Any]:
    """The state of a stack that was deployed so."""
    made = record(lambda: deploy(plan, Stage(secret=lambda *_: None)))
    resources = [
        {
            "urn": leaf.urn,
            "type": leaf.type,
            "protect": leaf.protect,
            "inputs": leaf.inputs,
            "outputs": {**leaf.inputs, "region": PLACE.region},
        }
        for leaf in made.leaves
        if not leaf.type.startswith("pulumi:")
    ]
    return {"deployment": {"resources": resources}}


def _plan(bucket: AwsLogBucket = BUCKET) -> Plan:
    return Plan("prod", "all", (bucket, TRAIL))


def test_the_bucket_is_the_same_holding_in_the_plan_and_in_the_state() -> None:
    for bucket in (BUCKET, replace(BUCKET, object_lock=None)):
        plan = _plan(bucket)
        in_plan, in_state = planned(plan), deployed(_state(plan)).holdings
        assert in_plan.keys() == {PATH}
        held, there = in_plan[PATH], in_state[PATH]
        assert (held.engine, held.fixed, held.protected) == (there.engine, there.fixed, there.protected)


def test_a_bucket_that_gets_a_lock_is_another_bucket() -> None:
    assert (
        planned(_plan())[PATH].fixed != deployed(_state(_plan(replace(BUCKET, object_lock=None)))).holdings[PATH].fixed
    )


def test_another_mode_of_the_lock_or_another_time_is_no_other_bucket() -> None:
    changed = _plan(replace(BUCKET, object_lock="compliance", retention_days=30))
    assert planned(changed)[PATH].fixed == planned(_plan())[PATH].fixed


def test_buckets_of_others_are_not_ours_to_miss() -> None:
    state = _state(_plan())
    for resource in state["deployment"]["resources"]:
        resource["inputs"].pop("tags", None)
        resource["outputs"].pop("tags", None)
    assert not deployed(state).holdings


def test_a_plan_without_it_says_what_would_be_lost() -> None:
    (lost,) = find({}, {}, deployed(_state(_plan())), Unasked("no server was asked"))
    assert (lost.path, lost.loses) == (PATH, "the record of who used secrets, as far back as it goes")
