import pytest
from hypothesis import given
from hypothesis import strategies as st

from rm_rewards.names import line_key, spellings, station_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("UNION STATION", "union"),
        ("Union Station Station", "Union"),
        ("  Metro   Center ", "metro center"),
        ("Metro Center Station (Transfer Station)", "Metro Center"),
        ("BurJuman Metro Station", "BurJuman"),
        ("苹果园站（换乘站）", "苹果园"),
        ("五一广场地铁站", "五一广场"),
        ("长沙火车南站站 ", "长沙火车南"),
        ("Deák Ferenc tér", "Deak Ferenc ter"),
        ("L'Enfant Plaza", "L’Enfant Plaza"),
        ("Mt. Vernon Sq", "Mt Vernon Sq."),
        ("Elephant & Castle", "Elephant and Castle"),
        ("３号航站楼站", "3号航站楼"),
        ("King St-Old Town", "King St – Old Town"),
    ],
)
def test_two_spellings_of_a_station_share_a_key(one: str, other: str) -> None:
    assert station_key(one) == station_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Farragut North", "Farragut West"),
        ("Broadway", "Blu way"),
        ("Tech Park", "Technology Park"),
        ("A", "B"),
        ("Station", "Platform"),
        ("が", "か"),
        ("कि", "की"),
    ],
)
def test_different_stations_keep_different_keys(one: str, other: str) -> None:
    assert station_key(one) != station_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Line 1", "line1"),
        ("Line 1", "1"),
        ("Line 1", "Metro Line 1"),
        ("Red Line", "the RED line"),
        ("Red Line", "Red"),
        ("昌平线", "昌平"),
        ("Line M1", "M1"),
    ],
)
def test_two_spellings_of_a_line_share_a_key(one: str, other: str) -> None:
    assert line_key(one) == line_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("Line 1", "Line 11"), ("Red Line", "Orange Line"), ("Line", "1"), ("Line 1", "1号线")],
)
def test_different_lines_keep_different_keys(one: str, other: str) -> None:
    assert line_key(one) != line_key(other)


@given(st.text())
def test_a_key_is_its_own_key(name: str) -> None:
    assert station_key(station_key(name)) == station_key(name)
    assert line_key(line_key(name)) == line_key(name)


@given(st.text(alphabet="Station站line线号 ()（）metro1"))
def test_a_key_of_suffixes_alone_is_its_own_key(name: str) -> None:
    assert station_key(station_key(name)) == station_key(name)
    assert line_key(line_key(name)) == line_key(name)


def test_a_name_may_mean_less_than_was_written() -> None:
    assert list(spellings("Brickell")) == ["Brickell"]
    assert list(spellings("Brickell (Interchange)")) == ["Brickell (Interchange)", "Brickell "]
    assert "Brickell" in list(spellings("Brickell. Have a good trip!"))
