from time import thread_time

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


@pytest.mark.parametrize(
    ("name", "station", "line"),
    [
        ("Station Station", "station", "stationstation"),
        ("站站", "站", "站站"),
        ("Metro Station", "metro", "metrostation"),
        ("X Metro Station Station", "x", "xmetrostationstation"),
        ("X Station 站 MRT 站", "x", "xstation站mrt站"),
        ("地铁地铁站", "地铁", "站"),
        ("The Line", "theline", "the"),
        ("the line 9", "theline9", "9"),
        ("Line Metro Line", "linemetroline", "metro"),
        ("地铁1号线", "地铁1号线", "1号线"),
        ("地铁昌平线", "地铁昌平线", "昌平"),
        ("𝐒tation ﬁ \u0301É", "stationfie", "stationfie"),
        ("İ Line", "iline", "i"),
        ("...", "", ""),
    ],
)
def test_words_for_a_station_and_for_a_line_are_taken_off_the_key(
    name: str, station: str, line: str
) -> None:
    assert (station_key(name), line_key(name)) == (station, line)


@pytest.mark.parametrize(
    "unit", ["站", "station", "metro站", "线", "line", "the", "é站", "か\u3099"]
)
def test_a_key_is_found_in_time_that_grows_with_the_name(unit: str) -> None:
    def seconds(count: int) -> float:
        best = 1.0
        for i in range(3):
            start = thread_time()
            station_key(f"{i}{unit * count}")
            best = min(best, thread_time() - start)
        return best

    assert seconds(20_000) < 100 * seconds(1_000)  # were it the square, 400 times as long


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
