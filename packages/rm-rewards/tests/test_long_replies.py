from time import thread_time

import pytest

from rm_rewards import Leg, Question, route_text
from rm_rewards.marker import Marker

GOLD = route_text(
    (
        Leg(route_name="Red Line", departure_stop="Alpha", arrival_stop="Charlie"),
        Leg(route_name="Blue Line", departure_stop="Charlie", arrival_stop="Hotel"),
    )
)
ROUTE = (
    (
        Leg(route_name="Red Line", departure_stop="Alpha", arrival_stop="Charlie"),
        Leg(route_name="Blue Line", departure_stop="Charlie", arrival_stop="Hotel"),
    ),
)
ASKED = [
    Question(id="p", type="planning", question="?", routes=ROUTE),
    Question(id="t", type="TorF1", question="?", answer=1),
    Question(id="n", type="Counting2", question="?", answer=8),
    Question(
        id="c",
        type="Counting1",
        question="?",
        answer=1,
        options=("3", "4", "5", "6"),
        fine_grained_answer=("Bravo", "Charlie"),
    ),
]
NOISES = [
    *(" ", "\n", "\t", "a", "e ", "8 ", "8,888,", "８", "是", "yes ", "not ", "A) ", "ABCD ", "-"),
    *("{", "}", "(", "\\", "\\text{", "\\boxed{", "\\boxed{yes}", "oxed {", "<", "</", "<answer>"),
    *("<think>", "</think>", "answer is ", "the answer ", "答案", "Route Name", "Route Name: "),
    *("route_", "_", "*", "`", "--\n", "1. ", "- ", "•-", "a: b -> ", "→", ": ", "Via Stops: a,"),
    *("Number of ", "Line 1: A -> B\n", f"{GOLD}\n--\n", "İ", "\ud83d", "\x00"),
]
LIMIT_S = 0.02  # the bar is 0.005 s of a processor; the one that runs this may be slow or shared


def _seconds(question: Question, text: str) -> float:
    best = 1.0
    for _ in range(3):
        marker = Marker(question, None, "rewardmap")
        start = thread_time()
        marker.reward(text, 0)
        best = min(best, thread_time() - start)
    return best


@pytest.mark.parametrize("question", ASKED, ids=lambda question: question.type)
@pytest.mark.parametrize("frame", [("", ""), ("\\boxed{", "}"), ("The answer is ", ".")])
def test_a_reply_of_100_kilobytes_is_scored_in_time_that_grows_with_its_length_at_most(
    question: Question, frame: tuple[str, str]
) -> None:
    before, after = frame
    for noise in NOISES:
        short, long = (before + (noise * n)[:n] + after for n in (10_000, 100_000))
        seconds = _seconds(question, long)
        assert seconds < LIMIT_S, noise
        assert seconds < 12 * _seconds(question, short) + 0.003, noise


@pytest.mark.parametrize("question", ASKED[:1])
def test_the_answer_at_the_end_of_a_long_reply_is_read(question: Question) -> None:
    reasoned = Marker(question, None, "rewardmap").reward(
        f"<think>{'Hm. ' * 30_000}</think>\n{GOLD}", 0
    )
    assert (reasoned.total, reasoned.reasons) == (2.5, ())
    rambling = Marker(question, None, "rewardmap").reward(f"{'Hm. ' * 30_000}\n{GOLD}", 0)
    assert (rambling.correct, rambling.format, rambling.reasons) == (True, 0.0, ("too_long",))


def test_the_box_at_the_end_of_a_long_reply_is_read() -> None:
    marker = Marker(ASKED[1], None, "rewardmap")
    found = marker.reward("I see. " * 20_000 + r"\boxed{yes}", 0)
    assert (found.correct, found.format, found.reasons) == (True, 0.0, ("too_long",))
    assert marker.reward("<think>" + "I see. " * 20_000, 0).status == "truncated"
    cut = marker.reward("<think>" + "I see. " * 20_000 + "</think>" + r"\boxed{yes}", 0)
    assert (cut.total, cut.reasons) == (2.0, ())
