"""A process that serves several providers of a program keeps their configurations apart."""

from strongroom_sandbox.providers.frame.caller import CALLER, ByCaller


def test_each_caller_has_a_value_of_its_own() -> None:
    values: ByCaller[str] = ByCaller()
    for caller in ("a", "b"):
        CALLER.set(caller)
        assert values.get() is None
        values.set(f"of {caller}")
    assert values.get() == "of b"
    CALLER.set("a")
    assert values.get() == "of a"
    values.set(None)
    assert values.get() is None


def test_callers_that_went_away_long_ago_are_forgotten() -> None:
    values: ByCaller[int] = ByCaller()
    for number in range(1000):
        CALLER.set(str(number))
        values.set(number)
    assert values.get() == 999
    CALLER.set("0")
    assert values.get() is None
