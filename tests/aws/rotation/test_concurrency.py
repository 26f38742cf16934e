"""Two rotations of one secret at once, call by call in any order, and freely in two threads."""

import functools
import threading
from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from strongroom.aws.rotation.function.errors import RotationError
from strongroom_sandbox import Sandbox
from support.rotation import STEPS, Bench, watched_database

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


class Turns:
    """Lets one of several threads make one call at a time, in a given order; one that waits for a lock is passed over.

    A thread stops after each call until it is its turn again, and all run freely once the order is used up.
    """

    def __init__(self, order: Sequence[int]) -> None:
        self._may_go = [threading.Semaphore(0), threading.Semaphore(0)]
        self._stopped = [threading.Event(), threading.Event()]
        self._order = order
        self._free = False
        self.who = threading.local()

    def watch(self, _: str) -> None:
        """After each call."""
        if self._free or not hasattr(self.who, "number"):
            return
        self._stopped[self.who.number].set()
        self._may_go[self.who.number].acquire()

    def conduct(self, threads: Sequence[threading.Thread]) -> None:
        """Until both have ended."""
        for number in self._order:
            if not threads[number].is_alive():
                continue
            self._stopped[number].clear()
            self._may_go[number].release()
            # A call that takes longer than this waits for a lock that the other one holds.
            for _ in range(15):
                if self._stopped[number].wait(0.02) or not threads[number].is_alive():
                    break
        self._free = True
        for gate in self._may_go:
            gate.release(1000)
        for thread in threads:
            thread.join()


def rotate_in_turns(bench: Bench, secret: str, order: Sequence[int]) -> list[Exception | None]:
    """Two whole rotations; how each ended."""
    turns, ended = Turns(order), list[Exception | None]([None, None])

    def rotation(number: int) -> None:
        turns.who.number = number
        turns.watch("start")
        try:
            token = bench.begin(secret)
            turns.watch("rotate_secret")
            bench.run(secret, token, turns.watch)
        except Exception as error:
            ended[number] = error  # looked at below, where a failure is shown as what it is

    with watched_database(turns.watch):
        threads = [threading.Thread(target=rotation, args=(number,)) for number in (0, 1)]
        for thread in threads:
            thread.start()
        turns.conduct(threads)
    for error in ended:
        if error and not isinstance(error, RotationError):
            raise error
    return ended


def settle(bench: Bench, secret: str) -> None:
    """Secrets Manager tries again what is pending."""
    for version, labels in bench.labels(secret).items():
        if "AWSPENDING" in labels:
            bench.run(secret, version)


def assert_works(bench: Bench, secret: str) -> None:
    if "alternating" in bench.environment["ROTATION_STRATEGY"]:
        assert bench.logs_in(bench.fields(secret)), "the current login works without anybody doing anything"
    settle(bench, secret)
    assert bench.logs_in(bench.fields(secret))
    bench.rotate(secret)
    assert bench.logs_in(bench.fields(secret))


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(blocks=st.lists(st.tuples(st.integers(0, 1), st.integers(1, 12)), min_size=2, max_size=12))
@example(blocks=[(0, 5), (1, 6), (0, 2), (1, 40), (0, 40)])
@example(blocks=[(0, 28), (1, 8), (0, 20), (1, 40)])
def test_any_order_of_the_calls_of_two_rotations_ends_with_a_login_that_works(
    setting: Setting, blocks: list[tuple[int, int]]
) -> None:
    bench, make = setting
    secret = make()
    rotate_in_turns(bench, secret, [number for number, calls in blocks for _ in range(calls)])
    assert_works(bench, secret)


def test_a_rotation_held_up_changes_no_password_after_another_has_finished(
    setting: Setting,
) -> None:
    """Both make a password of their own, as both begin before either writes. The first one logs in to change it, and
    is held up there until the second one is through."""
    bench, make = setting
    secret = make()
    begun, logged_in = 4, 6
    order = [0] * begun + [1] * begun + [0] * logged_in + [1] * 60 + [0] * 60
    first, second = rotate_in_turns(bench, secret, order)
    assert second is None
    assert "another rotation took over" in str(first)
    assert bench.logs_in(bench.fields(secret))


def test_a_rotation_held_up_anywhere_after_its_value_is_written_locks_nobody_out(setting: Setting) -> None:
    """As before, but held up after any of its calls: also while it holds the lock, for which the second one waits."""
    bench, make = setting
    for calls in range(1, 24):
        secret = make()
        rotate_in_turns(bench, secret, [0] * 4 + [1] * 4 + [0] * calls + [1] * 60 + [0] * 60)
        assert_works(bench, secret)


def test_a_second_rotation_at_any_point_of_a_first_one_locks_nobody_out(setting: Setting) -> None:
    """The whole second rotation between two calls of the first, for each two."""
    bench, make = setting
    for calls in range(1, 40, 2):
        secret = make()
        rotate_in_turns(bench, secret, [0] * calls + [1] * 60 + [0] * 60)
        assert_works(bench, secret)


def test_two_rotations_run_freely_side_by_side(setting: Setting) -> None:
    bench, make = setting
    secret = make()
    for _ in range(5):
        ended = rotate_in_turns(bench, secret, [])
        assert not all(ended) or bench.labels(secret)
        assert_works(bench, secret)


def test_both_tries_of_the_same_version_at_once_end_well(setting: Setting) -> None:
    """Lambda may call a function twice for one event."""
    bench, make = setting
    secret = make()
    for _ in range(3):
        token = bench.begin(secret)
        bench.step("createSecret", secret, token)
        for name in STEPS[1:]:
            twice_at_once(functools.partial(bench.step, name, secret, token))
        bench.run(secret, token)
        assert bench.labels(secret)[token] == ["AWSCURRENT"]
        assert bench.logs_in(bench.fields(secret))


def twice_at_once(call: Callable[[], None]) -> None:
    """A failure of one of them is what a later try makes good."""

    def tolerant() -> None:
        try:
            call()
        except RotationError as error:
            failures.append(error)

    failures: list[RotationError] = []
    threads = [threading.Thread(target=tolerant) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(failures) < 2, failures
