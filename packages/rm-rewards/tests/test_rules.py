from dataclasses import replace

from rm_rewards import Reward, reward_spec
from rm_rewards.rules import Kept, rules_of

SPEC = reward_spec("rewardmap")


def test_the_rules_of_a_specification_are_made_once() -> None:
    assert rules_of(SPEC) is rules_of(SPEC)
    assert rules_of(SPEC).version == SPEC.version
    assert rules_of(SPEC).judged("q") is rules_of(SPEC).judged("q")
    assert rules_of(SPEC).rewards("q", 1.0) is not rules_of(SPEC).rewards("q", 1.5)


def test_specifications_that_are_equal_but_written_in_other_numbers_keep_their_versions() -> None:
    whole, broken = replace(SPEC, alpha=1), replace(SPEC, alpha=1.0)
    assert whole == broken
    assert rules_of(whole).version == whole.version != broken.version == rules_of(broken).version


def test_many_specifications_do_not_mix() -> None:
    for i in range(200):  # more than are kept; addresses in memory come again
        spec = replace(SPEC, name=f"spec{i}")
        assert rules_of(spec).version.startswith(f"spec{i}-")
        del spec


def test_only_the_last_of_many_sketches_are_kept() -> None:
    kept: Kept[Reward | int] = Kept()
    for i in range(1_500):
        kept.keep(i, i)
    assert kept.get(1_499) == 1_499
    assert kept.get(0) is None


def test_only_the_last_of_many_kinds_of_questions_are_kept() -> None:
    rules = rules_of(replace(SPEC, name="many"))
    first = rules.judged("0")
    for i in range(1, 100):
        rules.judged(str(i))
    assert rules.judged("99") is rules.judged("99")
    assert rules.judged("0") is not first
