"""Replies as models write them: is each right, and is it in the form that was asked for?"""

import pytest

from rm_rewards import Leg, Line, Network, Question, Station, route_text, score

CITY = Network(
    city="accepted",
    lines=(
        Line(name="Line 1", paths=(("u", "k", "m", "w"),), aliases=("1号线", "Line No. 1")),
        Line(name="Line 2", paths=(("mn", "m", "s", "a"),)),
        Line(name="Green Line", paths=(("ms", "d", "u"),), aliases=("绿线", "Ligne verte")),
    ),
    stations=(
        Station(id="u", name="Union Station", aliases=("联合站", "Gare Union")),
        Station(id="k", name="King's Cross"),
        Station(id="m", name="Market Street", aliases=("Market St", "Market")),
        Station(id="w", name="West Gate", aliases=("Gate",)),
        Station(id="mn", name="Museum (North)", aliases=("Museum N",)),
        Station(id="ms", name="Museum (South)", aliases=("Market",)),
        Station(id="s", name="St. Mary's"),
        Station(id="a", name="Airport Terminal 2", aliases=("T2",)),
        Station(id="d", name="Deák Ferenc tér", aliases=("Gate",)),
    ),
)


def _trip(start: str, end: str) -> Question:
    return Question(id="q", type="planning", question="?", station_1=start, station_2=end)


ONE = "Route Name: Line 1\nDeparture Stop: Union Station\nArrival Stop: West Gate"
FIRST = "Route Name: Line 1\nDeparture Stop: Union Station\nArrival Stop: Market Street"
SECOND = "Route Name: Line 2\nDeparture Stop: Market Street\nArrival Stop: Airport Terminal 2"
TWO = f"{FIRST}\n--\n{SECOND}"

# What stands for the line and the two stops of a direct ride; whether it is right.
NAMES = [
    ("Line 1", "Union Station", "West Gate", True),
    ("line 1", "union station", "west gate", True),
    ("LINE 1", "UNION STATION", "WEST GATE", True),
    ("Line1", "UnionStation", "WestGate", True),
    ("1", "Union", "West Gate Station", True),
    ("Metro Line 1", "Union Metro Station", "West Gate", True),
    ("Subway Line 1", "Union Subway Station", "West  Gate", True),
    ("the Line 1", "Union Station.", "West Gate.", True),
    ("Line-1", "Union-Station", "West-Gate", True),
    ("Ｌｉｎｅ　１", "Ｕｎｉｏｎ　Ｓｔａｔｉｏｎ", "Ｗｅｓｔ Ｇａｔｅ", True),
    ("1号线", "联合站", "West Gate", True),
    ("地铁1号线", "联合", "West Gate", True),
    ("Line No. 1", "Gare Union", "West Gate", True),
    ("line no 1", "gare union", "West Gate", True),
    ("Line 1 (1号线)", "Union Station (联合站)", "West Gate", True),
    ("Line 1（1号线）", "Union Station（联合站）", "West Gate", True),
    ("Line 1 (red)", "Union Station (Transfer Station)", "West Gate (terminus)", True),
    ('"Line 1"', '"Union Station"', '"West Gate"', True),
    ("“Line 1”", "“Union Station”", "“West Gate”", True),
    ("[Line 1]", "[Union Station]", "[West Gate]", True),
    ("{Line 1}", "{Union Station}", "{West Gate}", True),
    ("Line 1;", "Union Station;", "West Gate;", True),
    ("Line 1,", "Union Station,", "West Gate,", True),
    ("Line 1。", "Union Station。", "West Gate。", True),
    ("Line 1.", "Union Station", "West Gate. Enjoy the ride!", True),
    ("Line 11", "Union Station", "West Gate", False),
    ("Line One", "Union Station", "West Gate", False),
    ("Line 2", "Union Station", "West Gate", False),
    ("2号线", "Union Station", "West Gate", False),
    ("Line No. 2", "Union Station", "West Gate", False),
    ("L1", "Union Station", "West Gate", False),
    ("Line 1 or Line 2", "Union Station", "West Gate", False),
    ("Line 1/Green Line", "Union Station", "West Gate", False),
    ("Line x", "xx Station", "xx Station", False),
    ("", "Union Station", "West Gate", False),
    ("Line 1", "", "West Gate", False),
    ("Line 1", "Union Station", "", False),
    ("Line 1", "Union Station", "Gate", False),
    ("Line 1", "Union Station", "West", False),
    ("Line 1", "Union Station", "W. Gate", False),
    ("Line 1", "Union Sta", "West Gate", False),
    ("Line 1", "Union Square", "West Gate", False),
    ("Line 1", "West Gate", "Union Station", False),
    ("Line 1", "Union Station", "Union Station", False),
    ("Line 1", "Union Station", "West Gate Airport", False),
    ("Union Station", "Line 1", "West Gate", False),
]


@pytest.mark.parametrize(("line", "start", "end", "right"), NAMES)
def test_a_name_is_read_where_it_is_that_name(line: str, start: str, end: str, right: bool) -> None:
    text = route_text((Leg(route_name=line, departure_stop=start, arrival_stop=end),))
    assert score(_trip("Union Station", "West Gate"), text, network=CITY).correct == right


# The stop where the lines meet, as it may be called; whether it is right.
TRANSFERS = [
    ("Market Street", True),
    ("Market St", True),
    ("market st.", True),
    ("MARKET-STREET", True),
    ("Market Street Station", True),
    ("Market Street (Line 1 / Line 2)", True),
    ("Market Street (transfer to Line 2)", True),
    ("Market", False),  # an alias of Museum (South) as well
    ("Market Str", False),
    ("Market Streets", False),
    ("Marketing Street", False),
    ("Museum", False),
    ("St", False),
    ("King's Cross", False),
]


@pytest.mark.parametrize(("stop", "right"), TRANSFERS)
def test_an_abbreviation_is_read_where_the_network_declares_it(stop: str, right: bool) -> None:
    text = TWO.replace("Market Street", stop)
    assert score(_trip("Union Station", "T2"), text, network=CITY).correct == right


ENDS = [
    ("Museum (North)", "Museum (North)", True),
    ("Museum (North)", "museum (north)", True),
    ("Museum (North)", "Museum North", True),
    ("Museum (North)", "Museum N", True),
    ("Museum (North)", "Museum", False),
    ("Museum (North)", "Museum (South)", False),
    ("St. Mary's", "St Mary's", True),
    ("St. Mary's", "St. Mary’s", True),
    ("St. Mary's", "St Marys", True),
    ("St. Mary's", "Saint Mary's", False),
    ("St. Mary's", "Mary's", False),
]


@pytest.mark.parametrize(("asked", "written", "right"), ENDS)
def test_the_origin_may_be_spelt_as_the_map_does_not(asked: str, written: str, right: bool) -> None:
    text = f"Route Name: Line 2\nDeparture Stop: {written}\nArrival Stop: Airport Terminal 2"
    assert score(_trip(asked, "Airport Terminal 2"), text, network=CITY).correct == right


# The same route in other layouts: text, right, in good form.
LAYOUTS = [
    (TWO, True, True),
    (f"{TWO}\n", True, True),
    (f"{TWO}\n--", True, True),
    (f"\n\n  {TWO}", True, True),
    (TWO.replace("\n", "\r\n"), True, True),
    (TWO.replace("\n", "\n\n"), True, True),
    (TWO.replace("\n--\n", "\n-----\n"), True, True),
    (TWO.replace("\n", "  \n"), True, True),
    (TWO.replace(": ", ":"), True, True),
    (f"Looking at the map, I change at Market Street.\n\n{TWO}", True, True),
    (f"To get there:\n1. Take Line 1.\n2. Take Line 2.\n\n{TWO}", True, True),
    (f"<think>Line 1 or the Green Line? Line 1.</think>\n{TWO}", True, True),
    (f"<think>\n{ONE}\nNo, further.\n</think>\n\n{TWO}", True, True),
    (f"<thinking>Line 1.</thinking>{TWO}", True, True),
    (f"<think>Line 1.</think><answer>{TWO}</answer>", True, True),
    (f"<answer>\n{TWO}\n</answer>", True, True),
    (f"Here it is. <answer>\n{TWO}\n</answer> Have a good trip!", True, True),
    (
        TWO.replace("\nArrival Stop: Market", "\nVia Stops: King's Cross\nArrival Stop: Market"),
        True,
        True,
    ),
    (TWO.replace("\n--", "\nNumber of Via Stops: 1\n--"), True, True),
    (TWO.replace("\n--", "\nVia Stops: King's Cross\n--"), True, True),
    (f"```\n{TWO}\n```", True, False),
    (f"```text\n{TWO}\n```\nThat is all.", True, False),
    (f"\\boxed{{{TWO}}}", True, False),
    (f"$$\\boxed{{\\text{{{TWO}}}}}$$", True, False),
    (f"**Optimal route**\n\n{TWO}\n\nEnjoy your trip!", True, False),
    (f"{TWO}\n\nTotal stops: 4", True, False),
    (f"{TWO}\n\nThis route needs one transfer, at Market Street.", True, False),
    (f"{TWO}<|im_end|>", True, True),
    (TWO.replace("Route Name:", "__Route Name:__"), True, False),
    (f"{TWO}</answer>", True, True),
    (TWO.lower(), True, False),
    (TWO.upper(), True, False),
    (TWO.replace(": ", "： "), True, False),
    (TWO.replace("Route Name:", "**Route Name:**"), True, False),
    (TWO.replace("Route Name:", "**Route Name**:"), True, False),
    (TWO.replace("Route Name: Line 1", "**Route Name: Line 1**"), True, False),
    (TWO.replace("Route Name", "__Route Name__"), True, False),
    (TWO.replace("Route Name:", "### Route Name:"), True, False),
    (TWO.replace("Route Name", "- Route Name").replace("Stop:", "Stop:"), True, False),
    (TWO.replace("Route", "* Route").replace("Dep", "* Dep").replace("Arr", "* Arr"), True, False),
    (TWO.replace("Route", "• Route").replace("Dep", "• Dep").replace("Arr", "• Arr"), True, False),
    (
        TWO.replace("Route", "1. Route").replace("Dep", "2. Dep").replace("Arr", "3. Arr"),
        True,
        False,
    ),
    (TWO.replace("Stop:", "Station:"), True, False),
    (TWO.replace("Route Name", "Route_Name").replace(" Stop:", "_Stop:"), True, False),
    (TWO.replace("Departure Stop", "Departure stop"), True, False),
    (TWO.replace("\n--\n", "\n"), True, False),
    (TWO.replace("\n--\n", "\n\n"), True, False),
    (TWO.replace("\n--\n", "\n---\nThen transfer:\n"), True, False),
    (TWO.replace("\n--\n", "\n***\n"), True, False),
    (TWO.replace("\n--\n", "\n—\n"), True, False),
    (TWO.replace("\n", " "), True, False),
    (TWO.replace("\n", ", "), True, False),
    (TWO.replace("\n", "; "), True, False),
    (TWO.replace("\n", " | "), True, False),
    (TWO.replace("\n--\n", " -- ").replace("\n", ", "), True, False),
    (TWO.replace(": ", ":\n"), True, False),
    ("1. Line 1: Union Station -> Market Street\n2. Line 2: Market Street -> T2", True, False),
    ("- Line 1: Union Station → Market St\n- Line 2: Market St → T2", True, False),
    ("**Line 1**: Union Station -> Market Street\n**Line 2**: Market Street -> T2", True, False),
    ("Line 1：Union Station→Market Street\nLine 2：Market Street→T2", True, False),
    (
        '[{"route_name": "Line 1", "departure_stop": "Union Station", "arrival_stop": "Market St"}'
        ', {"route_name": "Line 2", "departure_stop": "Market St", "arrival_stop": "T2"}]',
        True,
        False,
    ),
    (FIRST, False, True),
    (SECOND, False, True),
    (f"{SECOND}\n--\n{FIRST}", False, True),
    (f"{TWO}\n--\n{TWO}", False, True),
    (TWO.replace("Line 2", "Line 1"), False, True),
    (TWO.replace("Line 1", "Line 2"), False, True),
    (TWO.replace("Market Street", "King's Cross"), False, True),
    (TWO.replace("Market Street", "xx Station"), False, True),
    (f"<think>{TWO}", True, False),
    (f"<think>{TWO}</think>", True, False),
    ("<think>Line 1 to Market Street, then", False, False),
    ("Take Line 1 to Market Street and change to Line 2.", False, False),
    ("Route Name: Line 1", False, False),
    ("I cannot read the map.", False, False),
    ("--", False, False),
    ("", False, False),
]


@pytest.mark.parametrize(("text", "right", "formed"), LAYOUTS)
def test_a_route_is_right_in_any_layout_that_a_person_can_read(
    text: str, right: bool, formed: bool
) -> None:
    reward = score(_trip("Union Station", "Airport Terminal 2"), text, network=CITY)
    assert (reward.correct, reward.format) == (right, float(formed)), reward.reasons


# type, the right answer, text, right, in good form.
SHORT = [
    ("TorF1", 1, r"\boxed{yes}.", True, True),
    ("TorF1", 1, r"$$\boxed{yes}$$", True, True),
    ("TorF1", 1, r"\[\boxed{\text{yes}}\]", True, True),
    ("TorF1", 1, r"**\boxed{yes}**", True, True),
    ("TorF1", 1, r"\boxed{\textbf{Yes}}", True, True),
    ("TorF1", 1, r"\boxed{ yes }", True, True),
    ("TorF1", 1, r"\boxed{ＹＥＳ}", True, True),
    ("TorF1", 1, r"\boxed{是}", True, True),
    ("TorF2", 0, r"\boxed{否}", True, True),
    ("TorF2", 0, r"\boxed{不是}", True, True),
    ("TorF2", 0, r"\boxed{No.}", True, True),
    ("TorF2", 0, r"Both names are there. \boxed{no} (not on that line)", True, True),
    ("TorF2", 0, "<think>Yes? No.</think>\\boxed{no}", True, True),
    ("TorF2", 0, "<answer>No</answer>", True, False),
    ("TorF2", 0, "Answer: no", True, False),
    ("TorF2", 0, "The correct answer is no.", True, False),
    ("TorF2", 0, "The final answer is **no**.", True, False),
    ("TorF2", 0, "答案：否", True, False),
    ("TorF2", 0, "False", True, False),
    ("TorF2", 0, "no\n", True, False),
    ("TorF2", 1, "no", False, False),
    ("TorF2", 1, r"\boxed{yes/no}", False, False),
    ("TorF2", 1, r"\boxed{Line 1}", False, False),
    ("TorF2", 1, r"\boxed{yes} \boxed{no}", False, False),
    ("Counting2", 3, r"\boxed{3}", True, True),
    ("Counting2", 3, r"\boxed{3.}", True, True),
    ("Counting2", 3, r"\boxed{\mathbf{3}}", True, True),
    ("Counting2", 3, r"\boxed{3 lines}", True, True),
    ("Counting2", 3, r"\boxed{three}", True, True),
    ("Counting2", 3, r"\boxed{Three lines}", True, True),
    ("Counting2", 3, r"\boxed{３}", True, True),
    ("Counting2", 3, r"\boxed{3条}", True, True),
    ("Counting2", 3, r"\boxed{= 3}", True, True),
    ("Counting2", 3, r"\boxed{1 + 2 = 3}", True, True),
    ("Counting2", 3, "There are **3** lines.", True, False),
    ("Counting2", 3, "Lines 1, 2 and 4.\n\n3", True, False),
    ("Counting2", 3, "The answer is: 3", True, False),
    ("Counting2", 3, "<answer>3</answer>", True, False),
    ("Counting2", 3, "答案是3", True, False),
    ("Counting2", 3, r"\boxed{4}", False, True),
    ("Counting2", 3, r"\boxed{3 or 4}", False, False),
    ("Counting2", 3, r"\boxed{33}", False, True),
    ("Counting2", 3, r"\boxed{-3}", False, True),
    ("Counting2", 3, r"\boxed{several}", False, False),
    ("Counting3", 12, r"\boxed{12}", True, True),
    ("Counting3", 12, r"\boxed{12.0}", True, True),
    ("Counting3", 12, r"\boxed{twelve}", True, True),
    ("Counting3", 12, r"\boxed{1,2}", False, False),
    ("Counting3", 1200, r"\boxed{1,200}", True, True),
    ("Counting1", 2, r"\boxed{C}", True, True),
    ("Counting1", 2, r"\boxed{c}", True, True),
    ("Counting1", 2, r"\boxed{C.}", True, True),
    ("Counting1", 2, r"\boxed{C)}", True, True),
    ("Counting1", 2, r"\boxed{(C) 25}", True, True),
    ("Counting1", 2, r"\boxed{C: 25}", True, True),
    ("Counting1", 2, r"\boxed{\text{C) 25}}", True, True),
    ("Counting1", 2, r"\boxed{Ｃ}", True, True),
    ("Counting1", 2, r"\boxed{25}", True, True),
    ("Counting1", 2, "C) 25", True, False),
    ("Counting1", 2, "**C**", True, False),
    ("Counting1", 2, "The answer is C.", True, False),
    ("Counting1", 2, "<answer>C</answer>", True, False),
    ("Counting1", 2, r"\boxed{D}", False, True),
    ("Counting1", 2, r"\boxed{ABCD}", False, False),
    ("Counting1", 2, r"\boxed{B or C}", False, False),
    ("Counting1", 2, r"\boxed{E}", False, False),
]


@pytest.mark.parametrize(("kind", "answer", "text", "right", "formed"), SHORT)
def test_a_short_answer_is_right_wherever_a_person_can_find_it(
    kind: str, answer: int, text: str, right: bool, formed: bool
) -> None:
    options = ("8", "1", "25", "12") if kind == "Counting1" else None
    asked = Question(id="q", type=kind, question="?", answer=answer, options=options)
    reward = score(asked, text)
    assert (reward.correct, reward.format) == (right, float(formed)), reward.reasons


def test_the_tables_hold_more_than_two_hundred_forms() -> None:
    assert len(NAMES) + len(TRANSFERS) + len(ENDS) + len(LAYOUTS) + len(SHORT) >= 200
