import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards.boxes import boxes


@pytest.mark.parametrize(
    ("text", "contents"),
    [
        (r"\boxed{8}", ["8"]),
        (r"\boxed{\text{Yes}}", [r"\text{Yes}"]),
        (r"\boxed{1} or \boxed{8}", ["1", "8"]),
        (r"\boxed{\boxed{8}}", [r"\boxed{8}"]),
        (r"\boxed {8}", ["8"]),
        (r"\boxed{8", ["8"]),
        (r"\boxed{}", [""]),
        (r"{8} \boxed{9} }", ["9"]),
        ("no box", []),
    ],
)
def test_boxes_are_found_with_their_braces_balanced(text: str, contents: list[str]) -> None:
    assert [box.content for box in boxes(text)] == contents


@pytest.mark.parametrize("text", ["oxed{8}", "boxed{8}", "\x08oxed{8}", r"\boxed{8"])
def test_a_broken_box_is_read_but_not_whole(text: str) -> None:
    assert [(box.content, box.whole) for box in boxes(text)] == [("8", False)]


@given(st.text(alphabet="\\boxed{} 8\n"))
def test_any_text_can_be_searched_for_boxes(text: str) -> None:
    assert len(boxes(text)) <= text.count("oxed")


def test_many_open_boxes_take_no_longer_than_their_length() -> None:
    assert len(boxes(r"\boxed{" * 20_000)) == 1
