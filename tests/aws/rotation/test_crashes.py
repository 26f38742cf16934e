"""A rotation that is killed after any of its calls, to AWS or to the database, leaves a secret that can be rotated.

Each call is a place of its own: the function is ended right after it has taken effect. Then Secrets Manager tries the
same version again, or somebody starts another rotation, or the first try is killed in a second place too.
"""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strongroom_sandbox import Sandbox
from support.rotation import Bench, KillAfter, KilledError, watched_database

pytestmark = pytest.mark.engine

Setting = tuple[Bench, Callable[[], str]]
STRATEGIES = ("postgresql-single-user", "postgresql-alternating-users")


@pytest.fixture(scope="module", params=STRATEGIES)
def setting(servers: Sandbox, request: pytest.FixtureRequest) -> Setting:
    """A bench, and how to make a secret for it."""
    if request.param == STRATEGIES[0]:
        bench = Bench(servers, request.param)
        return bench, lambda: bench.secret(bench.user())
    plain = Bench(servers)
    master = plain.user(attributes="CREATEROLE")
    bench = Bench(servers, request.param, MASTER_SECRET_ARN=plain.secret(master))
    return bench, lambda: bench.secret(bench.user(made_by=master["username"]))


def rotate_killed(bench: Bench, secret: str, token: str, calls: int) -> list[str]:
    """Rotate, and be killed after so many calls; the calls that there were."""
    watch = KillAfter(calls)
    with watched_database(watch):
        try:
            bench.run(secret, token, watch)
        except KilledError:
            assert len(watch.seen) == calls
    return watch.seen


def assert_some_way_in(bench: Bench, secret: str) -> None:
    """Right after a crash: `AWSCURRENT` logs in if users alternate; of a single user, some version that has a label."""
    if "alternating" in bench.environment["ROTATION_STRATEGY"]:
        assert bench.logs_in(bench.fields(secret))
        return
    stages = [label for labels in bench.labels(secret).values() for label in labels]
    held = [bench.fields(secret, stage) for stage in stages if stage_holds(bench, secret, stage)]
    assert any(bench.logs_in(fields) for fields in held)


def stage_holds(bench: Bench, secret: str, stage: str) -> bool:
    try:
        bench.fields(secret, stage)
    except bench.client.exceptions.ResourceNotFoundException:
        return False
    return True


def assert_rotated(bench: Bench, secret: str, token: str) -> None:
    labels = bench.labels(secret)
    assert labels[token] == ["AWSCURRENT"]
    assert sorted(label for have in labels.values() for label in have) == ["AWSCURRENT", "AWSPREVIOUS"]
    fields = bench.fields(secret)
    with bench.connect(fields) as connection:  # and a clone has all that its user has
        first = fields["username"].removesuffix("_clone")
        assert connection.execute("SELECT current_user").fetchone() == (first,)


def test_killed_after_any_call_and_tried_again(setting: Setting) -> None:
    bench, make = setting
    calls, killed_after = 1, []
    while True:
        secret = make()
        token = bench.begin(secret)
        seen = rotate_killed(bench, secret, token, calls)
        if len(seen) < calls:
            break
        killed_after.append(seen[-1])
        assert_some_way_in(bench, secret)
        bench.run(secret, token)
        assert_rotated(bench, secret, token)
        calls += 1
    assert len(killed_after) > 25
    assert {"put_secret_value", "update_secret_version_stage", "login", "SELECT pg_advisory_lock(:key)"} <= set(
        killed_after
    )
    assert any(statement.startswith("ALTER ROLE") for statement in killed_after)


def test_killed_after_any_call_and_another_rotation_started(setting: Setting) -> None:
    bench, make = setting
    calls = 1
    while True:
        secret = make()
        seen = rotate_killed(bench, secret, bench.begin(secret), calls)
        if len(seen) < calls:
            break
        assert_rotated(bench, secret, bench.rotate(secret))
        calls += 1
    assert calls > 25


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(tries=st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=2, max_size=5))
def test_killed_several_times_in_any_places(setting: Setting, tries: list[tuple[int, bool]]) -> None:
    bench, make = setting
    secret = make()
    token = bench.begin(secret)
    for calls, start_another in tries:
        rotate_killed(bench, secret, token, calls)
        assert_some_way_in(bench, secret)
        if start_another:
            token = bench.begin(secret)
    bench.run(secret, token)
    assert_rotated(bench, secret, token)


def test_killed_and_its_label_removed_by_a_person_as_aws_advises(setting: Setting) -> None:
    bench, make = setting
    calls = 1
    while True:
        secret = make()
        token = bench.begin(secret)
        seen = rotate_killed(bench, secret, token, calls)
        if len(seen) < calls:
            break
        if "AWSPENDING" in bench.labels(secret).get(token, []):
            bench.client.update_secret_version_stage(
                SecretId=secret, VersionStage="AWSPENDING", RemoveFromVersionId=token
            )
        assert_some_way_in(bench, secret)
        assert_rotated(bench, secret, bench.rotate(secret))
        calls += 3
