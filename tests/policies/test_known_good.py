"""The fixture that every other test starts from."""

from support.policy_pack import Stack


def test_the_known_good_stack_passes_every_rule_without_a_word(stack: Stack) -> None:
    report = stack.preview()
    assert report.said == ()
    assert report.not_applicable == {}
