from __future__ import annotations

import tracemalloc
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from rm_data import find_networks, load_network, pareto_front, read_gtfs, validate
from rm_data.importing.gtfs import archive
from rm_data.importing.gtfs.routes import DEFAULT_TYPES, route_types
from rm_data.importing.gtfs.tables import Table
from rm_data.importing.network_files import Terms
from rm_data.importing.writing import write_networks
from rm_rewards import Network, RecordError

Tables = dict[str, str]

# The figures of the example feed of the specification, which is about buses.
EXAMPLE: Tables = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\n"
    "DTA,Demo Transit Authority,http://google.com,America/Los_Angeles\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_long_name,route_desc,route_type,"
    "route_url,route_color,route_text_color\n"
    "AB,DTA,10,Airport - Bullfrog,,3,,,\n"
    "BFC,DTA,20,Bullfrog - Furnace Creek Resort,,3,,,\n"
    "STBA,DTA,30,Stagecoach - Airport Shuttle,,3,,,\n"
    "CITY,DTA,40,City,,3,,,\n"
    "AAMV,DTA,50,Airport - Amargosa Valley,,3,,,\n",
    "trips.txt": "route_id,service_id,trip_id,trip_headsign,direction_id,block_id,shape_id\n"
    "AB,FULLW,AB1,to Bullfrog,0,1,\nAB,FULLW,AB2,to Airport,1,2,\n"
    "STBA,FULLW,STBA,Shuttle,,,\nCITY,FULLW,CITY1,,0,,\nCITY,FULLW,CITY2,,1,,\n"
    "BFC,FULLW,BFC1,to Furnace Creek Resort,0,1,\nBFC,FULLW,BFC2,to Bullfrog,1,2,\n"
    "AAMV,WE,AAMV1,to Amargosa Valley,0,,\nAAMV,WE,AAMV2,to Airport,1,,\n"
    "AAMV,WE,AAMV3,to Amargosa Valley,0,,\nAAMV,WE,AAMV4,to Airport,1,,\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence,stop_headsign,"
    "pickup_type,drop_off_time,shape_dist_traveled\n"
    "STBA,6:00:00,6:00:00,STAGECOACH,1,,,,\nSTBA,6:20:00,6:20:00,BEATTY_AIRPORT,2,,,,\n"
    "CITY1,6:00:00,6:00:00,STAGECOACH,1,,,,\nCITY1,6:05:00,6:07:00,NANAA,2,,,,\n"
    "CITY1,6:12:00,6:14:00,NADAV,3,,,,\nCITY1,6:19:00,6:21:00,DADAN,4,,,,\n"
    "CITY1,6:26:00,6:28:00,EMSI,5,,,,\nCITY2,6:28:00,6:30:00,EMSI,1,,,,\n"
    "CITY2,6:35:00,6:37:00,DADAN,2,,,,\nCITY2,6:42:00,6:44:00,NADAV,3,,,,\n"
    "CITY2,6:49:00,6:51:00,NANAA,4,,,,\nCITY2,6:56:00,6:58:00,STAGECOACH,5,,,,\n"
    "AB1,8:00:00,8:00:00,BEATTY_AIRPORT,1,,,,\nAB1,8:10:00,8:15:00,BULLFROG,2,,,,\n"
    "AB2,12:05:00,12:05:00,BULLFROG,1,,,,\nAB2,12:15:00,12:15:00,BEATTY_AIRPORT,2,,,,\n"
    "BFC1,8:20:00,8:20:00,BULLFROG,1,,,,\nBFC1,9:20:00,9:20:00,FUR_CREEK_RES,2,,,,\n"
    "BFC2,11:00:00,11:00:00,FUR_CREEK_RES,1,,,,\nBFC2,12:00:00,12:00:00,BULLFROG,2,,,,\n"
    "AAMV1,8:00:00,8:00:00,BEATTY_AIRPORT,1,,,,\nAAMV1,9:00:00,9:00:00,AMV,2,,,,\n"
    "AAMV2,10:00:00,10:00:00,AMV,1,,,,\nAAMV2,11:00:00,11:00:00,BEATTY_AIRPORT,2,,,,\n"
    "AAMV3,13:00:00,13:00:00,BEATTY_AIRPORT,1,,,,\nAAMV3,14:00:00,14:00:00,AMV,2,,,,\n"
    "AAMV4,15:00:00,15:00:00,AMV,1,,,,\nAAMV4,16:00:00,16:00:00,BEATTY_AIRPORT,2,,,,\n",
    "stops.txt": "stop_id,stop_name,stop_desc,stop_lat,stop_lon,zone_id,stop_url\n"
    "FUR_CREEK_RES,Furnace Creek Resort (Demo),,36.425288,-117.133162,,\n"
    "BEATTY_AIRPORT,Nye County Airport (Demo),,36.868446,-116.784582,,\n"
    "BULLFROG,Bullfrog (Demo),,36.88108,-116.81797,,\n"
    "STAGECOACH,Stagecoach Hotel & Casino (Demo),,36.915682,-116.751677,,\n"
    "NADAV,North Ave / D Ave N (Demo),,36.914893,-116.76821,,\n"
    "NANAA,North Ave / N A Ave (Demo),,36.914944,-116.761472,,\n"
    "DADAN,Doing Ave / D Ave N (Demo),,36.909489,-116.768242,,\n"
    "EMSI,E Main St / S Irving St (Demo),,36.905697,-116.76218,,\n"
    "AMV,Amargosa Valley (Demo),,36.641496,-116.40094,,\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,"
    "start_date,end_date\nFULLW,1,1,1,1,1,1,1,20070101,20101231\n",
}


def zipped(path: Path, tables: Mapping[str, str | bytes], folder: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as feed:
        for name, text in tables.items():
            feed.writestr(folder + name, text)
    return path


def csv_of(columns: str, rows: Iterable[str]) -> str:
    return "\n".join([columns, *rows]) + "\n"


def rides(**trips: str) -> Tables:
    """Trips and their stops: `M1a=("M1/0: A B C")` is a trip of route M1 in direction 0."""
    head = {name: text.split(":")[0].split("/") for name, text in trips.items()}
    stops = {name: text.split(":")[1].split() for name, text in trips.items()}
    routes = dict.fromkeys(route for route, _ in head.values())
    used = dict.fromkeys(stop for way in stops.values() for stop in way)
    return {
        "routes.txt": csv_of(
            "route_id,route_short_name,route_type", (f"{route},{route},1" for route in routes)
        ),
        "trips.txt": csv_of(
            "route_id,trip_id,direction_id", (f"{r},{name},{d}" for name, (r, d) in head.items())
        ),
        "stop_times.txt": csv_of(
            "trip_id,stop_id,stop_sequence",
            (f"{name},{s},{i}" for name, way in stops.items() for i, s in enumerate(way)),
        ),
        "stops.txt": csv_of("stop_id,stop_name", (f"{stop},Stop {stop}" for stop in used)),
    }


def network_of(
    folder: Path, tables: Mapping[str, str | bytes], types: str = DEFAULT_TYPES
) -> Network:
    path = zipped(folder / "feed.zip", tables)
    return read_gtfs(path, types=route_types(types), city="town", country="land")[0]


def test_the_example_of_the_specification_becomes_a_network(tmp_path: Path) -> None:
    path = zipped(tmp_path / "example.zip", EXAMPLE)
    network, notes = read_gtfs(path, types=frozenset({3}), city="demo", country="usa")
    assert [line.name for line in network.lines] == ["10", "20", "30", "40", "50"]
    assert network.lines[3].aliases == ("City",)
    assert network.lines[3].paths == (("STAGECOACH", "NANAA", "NADAV", "DADAN", "EMSI"),)
    assert len(network.stations) == 9
    assert network.names["AMV"] == "Amargosa Valley (Demo)"
    assert pareto_front(network, "AMV", "EMSI") == ((2, 6),)
    assert network.source == "GTFS feed example.zip of Demo Transit Authority"
    assert network.licence == "not stated in the feed; ask Demo Transit Authority"
    assert notes == ("calendar.txt: not read; trips count whatever the days that they run",)
    places = network.positions
    assert places is not None
    assert places["AMV"][0] == max(x for x, _ in places.values())  # farthest to the east
    assert places["FUR_CREEK_RES"][1] == max(y for _, y in places.values())  # and to the south


def test_the_example_of_the_specification_has_no_metro(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"routes.txt:6: route_type: found '5 of type 3'") as told:
        network_of(tmp_path, EXAMPLE)
    assert "see --route-types" in str(told.value)


SHAPES: dict[str, tuple[dict[str, str], tuple[tuple[str, ...], ...], bool]] = {
    "there and back": ({"a": "L/0: A B C", "b": "L/1: C B A"}, (("A", "B", "C"),), False),
    "a short turn adds nothing": (
        {"a": "L/0: A B C D", "b": "L/0: A B C D", "c": "L/0: B C"},
        (("A", "B", "C", "D"),),
        False,
    ),
    "a short turn is the most frequent": (
        {"a": "L/0: B C", "b": "L/0: B C", "c": "L/0: A B C D"},
        (("A", "B", "C", "D"),),
        False,
    ),
    "an express that is rarer makes no neighbours": (
        {"a": "L/0: A B C D E", "b": "L/0: A B C D E", "c": "L/0: A C E"},
        (("A", "B", "C", "D", "E"),),
        False,
    ),
    "a branch": (
        {"a": "L/0: A B C D", "b": "L/0: A B C D", "c": "L/0: A B X Y"},
        (("A", "B", "C", "D"), ("B", "X", "Y")),
        False,
    ),
    "a branch that comes back": (
        {"a": "L/0: A B C D", "b": "L/0: A B C D", "c": "L/0: A B X D"},
        (("A", "B", "C", "D"), ("B", "X", "D")),
        False,
    ),
    "a ring": ({"a": "L/0: A B C D A", "b": "L/1: A D C B A"}, (("A", "B", "C", "D"),), True),
    "a lasso": (
        {"a": "L/0: S A B C D A"},
        (("S", "A", "B", "C", "D"), ("D", "A")),
        False,
    ),
    "stops in one direction only": (
        {"a": "L/0: A B C D", "b": "L/0: A B C D", "c": "L/1: D C X A"},
        (("A", "B", "C", "D"), ("C", "X", "A")),
        False,
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_the_patterns_of_trips_make_the_paths_of_a_line(tmp_path: Path, name: str) -> None:
    trips, paths, loop = SHAPES[name]
    (line,) = network_of(tmp_path, rides(**trips)).lines
    assert (line.paths, line.loop) == (paths, loop)


def test_a_pattern_of_fewer_than_one_trip_in_a_hundred_is_left_out(tmp_path: Path) -> None:
    trips = {f"t{i}": "L/0: A B C" for i in range(150)}
    (line,) = network_of(tmp_path, rides(**trips, depot="L/0: A B Depot")).lines
    assert line.paths == (("A", "B", "C"),)


def test_platforms_are_one_station_with_their_parent_or_their_namesake(tmp_path: Path) -> None:
    tables = rides(a="M/0: a1 b1 c1", b="M/1: c2 b2 a2", c="T/0: b3 d1")
    tables["stops.txt"] = csv_of(
        "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station",
        [
            "A,Alpha,47.5,19.0,1,",
            "E,,47.5,19.0,2,A",  # an entrance, a node without a place, a boarding area
            "N,,,,3,A",
            "a1,Alpha platform 1,47.5,19.0,,A",
            "a2,Alpha,47.5,19.0,4,a1",
            "b1,Beta,47.51,19.0,0,",
            "b2,Beta,47.5105,19.0,0,",
            "b3,Beta,47.5102,19.0005,0,",
            "c1,Gamma,47.52,19.0,0,",
            "c2,Gamma,47.5203,19.0,0,",
            "d1,Gamma,47.60,19.0,0,",
        ],
    )
    network = network_of(tmp_path, tables)
    assert dict(network.names) == {"A": "Alpha", "b1": "Beta", "c1": "Gamma", "d1": "Gamma"}
    assert network.stations[0].aliases == ("Alpha platform 1",)
    assert network.lines_at["b1"] == ("M", "T")


def test_a_feed_is_imported_with_types_names_colours_and_publisher(tmp_path: Path) -> None:
    tables = rides(a="1/0: A B", b="2/0: B C", c="bus/0: C D", d="S1/0: A C", e="S2/0: B D")
    tables["routes.txt"] = csv_of(
        "route_id,agency_id,route_short_name,route_long_name,route_type,route_color",
        [
            "1,x,,Red Line,1,ff0000",
            "2,x,T2,,900,#00FF00",
            "bus,x,7,,3,",
            "S1,x,S,Shuttle North,0,",
            "S2,x,S,Shuttle South,0,odd",
            "idle,x,9,,0,",
        ],
    )
    tables["feed_info.txt"] = csv_of(
        "feed_publisher_name,feed_publisher_url,feed_lang,feed_version",
        ["City Lines,https://lines.example,en,2026-05"],
    )
    path = zipped(tmp_path / "f.zip", tables)
    terms = Terms(licence="CC0")
    network, notes = read_gtfs(
        path, types=route_types(DEFAULT_TYPES), city="c", country="d", terms=terms
    )
    shown = [(line.name, line.colour, line.aliases) for line in network.lines]
    assert shown == [
        ("Red Line", "#ff0000", ()),
        ("T2", "#00ff00", ()),
        ("S", "", ("Shuttle North",)),
        ("S Shuttle South", "", ("Shuttle South",)),
    ]
    assert network.source.endswith("of City Lines (https://lines.example), version 2026-05")
    assert network.licence == "CC0"
    assert notes == (
        "routes.txt: 1 routes of other types were left out; see --route-types",
        "routes.txt: 1 routes without a trip between two stations were left out",
    )


def test_two_routes_of_one_name_that_share_stations_are_one_line(tmp_path: Path) -> None:
    tables = rides(a="x/0: A B C", b="y/0: B C D")
    tables["routes.txt"] = csv_of("route_id,route_short_name,route_type", ["x,M1,1", "y,M1,1"])
    (line,) = network_of(tmp_path, tables).lines
    assert line.paths == (("A", "B", "C", "D"),)


def test_routes_that_are_the_directions_of_a_line_are_one_line(tmp_path: Path) -> None:
    tables = rides(a="n/: A B C", b="s/: C B A", c="x/: A B", d="one/: A B C", e="two/: A B C")
    tables["routes.txt"] = csv_of(
        "route_id,route_short_name,route_type,route_color",
        [
            "n,Yellow-N,1,ffff00",
            "s,Yellow-S,1,ffff00",
            "x,Yellow-X,1,ffff00",
            "one,Line 1,1,ffff00",
            "two,Line 2,1,ffff00",
        ],
    )
    path = zipped(tmp_path / "f.zip", tables)
    network, notes = read_gtfs(path, types=frozenset({1}), city="c", country="d")
    assert [line.name for line in network.lines] == ["Yellow", "Yellow-X", "Line 1", "Line 2"]
    assert network.lines[0].aliases == ("Yellow-N", "Yellow-S")
    assert notes == ("routes.txt: Yellow-N and Yellow-S are one line",)


def test_platforms_that_are_told_apart_by_their_names_are_one_station(tmp_path: Path) -> None:
    tables = rides(a="M/0: z1 t1", b="T/0: z2 t2")
    tables["stops.txt"] = csv_of(
        "stop_id,stop_name,stop_lat,stop_lon",
        [
            "z1,Zoo_1_2,47.5,19.0",
            "z2,Zoo (Platform B),47.5001,19.0",
            "t1,Terminal 1,47.51,19.0",
            "t2,Terminal 2,47.5101,19.0",
        ],
    )
    network = network_of(tmp_path, tables)
    assert dict(network.names) == {"z1": "Zoo", "t1": "Terminal 1", "t2": "Terminal 2"}
    assert network.stations[0].aliases == ("Zoo_1_2", "Zoo (Platform B)")


def test_rows_of_a_trip_may_stand_anywhere_in_the_table(tmp_path: Path) -> None:
    tables = rides(a="L/0: A B C D", b="L/0: A B C D", c="M/0: C X")
    head, *rows = tables["stop_times.txt"].splitlines()
    ordered = network_of(tmp_path, tables)
    mixed = network_of(tmp_path, {**tables, "stop_times.txt": csv_of(head, rows[::-1])})
    shuffled = sorted(rows, key=lambda row: row.split(",")[1])
    by_stop = network_of(tmp_path, {**tables, "stop_times.txt": csv_of(head, shuffled)})
    assert ordered.neighbours == mixed.neighbours == by_stop.neighbours


def test_marks_blanks_quotes_and_line_ends_of_tables_do_no_harm(tmp_path: Path) -> None:
    tables: dict[str, str | bytes] = dict(rides(a="L/0: A B"))
    tables["stops.txt"] = (
        b"\xef\xbb\xbf stop_name , stop_id\r\n"
        b'"Place ""Alpha"", north\nside",A\r\n\r\nB\xc3\xa9ta,B,more\r\n'
    )
    network = network_of(tmp_path, tables)
    assert dict(network.names) == {"A": 'Place "Alpha", north side', "B": "Béta"}


def test_a_feed_may_lie_in_a_folder_of_its_archive(tmp_path: Path) -> None:
    tables = {**rides(a="L/0: A B"), "__MACOSX/routes.txt.x": "junk"}
    path = zipped(tmp_path / "f.zip", tables, folder="feed/")
    network, _ = read_gtfs(path, types=frozenset({1}), city="c", country="d")
    assert [line.name for line in network.lines] == ["L"]


def test_an_imported_feed_is_a_network_file_without_findings(tmp_path: Path) -> None:
    path = zipped(tmp_path / "example.zip", EXAMPLE)
    network, _ = read_gtfs(path, types=frozenset({3}), city="demo", country="usa")
    assert write_networks([network], tmp_path / "out") == 1
    (written,) = find_networks([tmp_path / "out"])
    assert load_network(written) == network
    assert validate(written) == []


# What no feed should be.

ROW = "routes.txt"


def test_a_trip_that_is_repeated_counts_as_often_as_it_runs(tmp_path: Path) -> None:
    trips = {f"t{i}": "L/0: A B C" for i in range(150)}
    tables = rides(**trips, often="L/0: A B X")
    header = "trip_id,start_time,end_time,headway_secs"
    tables["frequencies.txt"] = csv_of(header, ["often,23:30:00,25:30:00,600", "gone,a,b,c"])
    (line,) = network_of(tmp_path, tables).lines
    assert line.paths == (("A", "B", "C"), ("B", "X"))


def test_a_table_that_is_kept_in_memory_has_an_end(tmp_path: Path) -> None:
    with archive.open_feed(zipped(tmp_path / "f.zip", rides(a="L/0: A B C"))) as feed:
        table = Table(feed, "stops.txt", ("stop_id",), most=2)
        with pytest.raises(RecordError, match=r"stops.txt:4: rows: found 3, expected at most 2"):
            list(table)


def test_a_feed_may_be_a_folder_of_tables(tmp_path: Path) -> None:
    folder = tmp_path / "feed"
    folder.mkdir()
    for name, text in rides(a="L/0: A B").items():
        (folder / name).write_text(text, encoding="utf-8")
    network, _ = read_gtfs(folder, types=frozenset({1}), city="c", country="d")
    assert network.source == "GTFS feed feed of its publisher"
    (tmp_path / "secret.txt").write_text("stop_id\n")
    (folder / "stops.txt").unlink()
    (folder / "stops.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(RecordError, match=r"table: found 'stops.txt', expected a file, not a link"):
        read_gtfs(folder, types=frozenset({1}), city="c", country="d")


BROKEN: dict[str, tuple[dict[str, str | bytes], str]] = {
    "no stops": ({"stops.txt": ""}, r"stops.txt:1: columns: found '', .*column 'stop_id'"),
    "no column": (
        {"stop_times.txt": "trip_id,stop_id\n"},
        r"stop_times.txt:1: columns: found 'trip_id, stop_id', .*'stop_sequence'",
    ),
    "a type that is no number": (
        {"routes.txt": "route_id,route_type\nL,metro\n"},
        r"routes.txt:2: route_type: found 'metro', expected a number",
    ),
    "a route twice": (
        {"routes.txt": "route_id,route_type\nL,1\nL,1\n"},
        r"routes.txt:3: route_id: found 'L', expected each route once",
    ),
    "a trip twice": (
        {"trips.txt": "route_id,trip_id\nL,a\nL,a\n"},
        r"trips.txt:3: trip_id: found 'a', expected each trip once",
    ),
    "a place in the trip that is none": (
        {"stop_times.txt": "trip_id,stop_id,stop_sequence\na,A,1\na,B,second\n"},
        r"stop_times.txt:3: stop_sequence: found 'second'",
    ),
    "a place in the trip for two stops": (
        {"stop_times.txt": "trip_id,stop_id,stop_sequence\na,A,1\na,B,1\n"},
        r"stop_times.txt: stop_sequence: found 1, expected one stop, not 'A' and 'B'",
    ),
    "a trip without end": (
        {"stop_times.txt": "trip_id,stop_id,stop_sequence\n" + "a,A,1\n" * 10_001},
        r"stop_times.txt:10002: trip_id: found 'a', expected a trip of at most 10,000 stops",
    ),
    "a time that is none": (
        {"frequencies.txt": "trip_id,start_time,end_time,headway_secs\na,noon,1:00:00,60\n"},
        r"frequencies.txt:2: start_time: found 'noon', expected a time as H:MM:SS",
    ),
    "no time between departures": (
        {"frequencies.txt": "trip_id,start_time,end_time,headway_secs\na,1:00:00,2:00:00,0\n"},
        r"frequencies.txt:2: headway_secs: found '0'",
    ),
    "a row without a stop": (
        {"stop_times.txt": "trip_id,stop_id,stop_sequence\na,,1\n"},
        r"stop_times.txt:2: stop_id: found ''",
    ),
    "a stop that is not there": (
        {"stops.txt": "stop_id\nA\n"},
        r"stops.txt: stop_id: found 'no B', expected every stop",
    ),
    "a stop twice": ({"stops.txt": "stop_id\nA\nB\nA\n"}, r"stops.txt:4: stop_id: found 'A'"),
    "a latitude of text": (
        {"stops.txt": "stop_id,stop_lat,stop_lon\nA,north,1\nB,1,1\n"},
        r"stops.txt:2: stop_lat: found 'north', expected degrees from -90 to 90",
    ),
    "a longitude off the earth": (
        {"stops.txt": "stop_id,stop_lat,stop_lon\nA,1,500\nB,1,1\n"},
        r"stops.txt:2: stop_lon: found '500'",
    ),
    "no parent": (
        {"stops.txt": "stop_id,parent_station\nA,P\nB,\n"},
        r"stops.txt: parent_station: found 'P', expected a stop; A names it",
    ),
    "its own parent": (
        {"stops.txt": "stop_id,parent_station\nA,A\nB,\n"},
        r"stops.txt: parent_station: found 'A', expected a station for A",
    ),
    "no trip": (
        {"trips.txt": "route_id,trip_id\n"},
        r"trips: found 0, expected trips that serve two stations",
    ),
    "not UTF-8": (
        {"stops.txt": b"stop_id,stop_name\nA,Alpha\nB,B\xe9ta\n"},
        r"stops.txt:3: line: found b'\\xe9ta",
    ),
    "UTF-16": ({"stops.txt": "stop_id\nA\nB\n".encode("utf-16")}, r"stops.txt:1: line: found b'"),
    "a quote that never ends": (
        {"stops.txt": 'stop_id,stop_name\nA,"Alpha\n' + "B,Beta\n" * 30_000},
        r"stops.txt:\d+: line: found 'field larger than field limit",
    ),
    "one endless line": (
        {"stops.txt": "stop_id\n" + "x" * (4 << 20)},
        r"stops.txt:2: line: found 'more than 1,048,576 bytes'",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_table_is_told_with_file_line_and_column(tmp_path: Path, name: str) -> None:
    change, message = BROKEN[name]
    with pytest.raises(RecordError, match=message) as caught:
        network_of(tmp_path, {**rides(a="L/0: A B"), **change})
    assert str(caught.value).startswith(str(tmp_path / "feed.zip"))


@pytest.mark.parametrize("name", ["routes.txt", "trips.txt", "stop_times.txt", "stops.txt"])
def test_a_table_that_is_missing_is_told(tmp_path: Path, name: str) -> None:
    tables = rides(a="L/0: A B")
    del tables[name]
    with pytest.raises(RecordError, match=rf"feed\.zip: .*{name}"):
        network_of(tmp_path, tables)


def link(path: Path) -> None:
    entry = zipfile.ZipInfo("stops.txt")
    entry.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as feed:
        feed.writestr(entry, "/etc/passwd")


def named(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("x")
    entry.filename = name
    return entry


NAMES = ("../stops.txt", "/etc/passwd", "a/../../b", "..\\stops.txt", "C:stops.txt")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_leads_out_of_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "f.zip", rides(a="L/0: A B"))
    with zipfile.ZipFile(path, "a") as feed:
        feed.writestr(named(name), "x")
    with pytest.raises(RecordError, match=r"f\.zip: entry: found .*stays inside the archive"):
        read_gtfs(path, types=frozenset({1}), city="c", country="d")


def test_a_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    tables = rides(a="L/0: A B")
    del tables["stops.txt"]
    path = zipped(tmp_path / "f.zip", tables)
    link(path)
    with pytest.raises(RecordError, match=r"entry: found 'stops.txt', expected a file, not a link"):
        read_gtfs(path, types=frozenset({1}), city="c", country="d")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_table_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "f.zip", rides(a="L/0: A B"))
    with zipfile.ZipFile(path, "a") as feed:
        feed.writestr("stops.txt", "stop_id\n")
    with pytest.raises(RecordError, match="each name once, not 2 times"):
        read_gtfs(path, types=frozenset({1}), city="c", country="d")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    tables: dict[str, str | bytes] = {**rides(a="L/0: A B"), "stops.txt": bytes(64 << 20)}
    path = zipped(tmp_path / "feed.zip", tables)
    assert path.stat().st_size < 100_000
    del tables
    tracemalloc.start()
    with pytest.raises(RecordError, match=r"stops.txt: found '67,108,864 bytes out of [\d,]+'"):
        read_gtfs(path, types=frozenset({1}), city="c", country="d")
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_an_archive_that_is_damaged_or_too_full_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zipped(tmp_path / "f.zip", {**EXAMPLE, "shapes.txt": "x" * 1000})
    whole = path.read_bytes()

    def told() -> str:
        with pytest.raises(RecordError) as caught:
            read_gtfs(path, types=frozenset({3}), city="c", country="d")
        assert str(caught.value).startswith(str(path))
        return str(caught.value)

    path.write_bytes(whole[: len(whole) // 2])
    assert "expected a GTFS feed as zip file" in told()
    path.write_bytes(b"no zip")
    assert "expected a GTFS feed as zip file" in told()
    place = whole.index(b"stop_times.txt") + 60
    path.write_bytes(whole[:place] + b"\xff\xff\xff\xff" + whole[place + 4 :])
    assert "expected one that can be unpacked" in told()
    path.write_bytes(whole)
    monkeypatch.setattr(archive, "MOST_ENTRIES", 3)
    assert "entries: found 7, expected at most 3" in told()
    monkeypatch.undo()
    monkeypatch.setattr(archive, "MOST_BYTES", 500)
    assert "expected at most 0 GiB unpacked" in told()


def peak(path: Path) -> int:
    tracemalloc.start()
    network, _ = read_gtfs(path, types=frozenset({1}), city="c", country="d")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert network.lines[0].paths == (tuple("ABCDEFGH"),)
    return most


def test_memory_does_not_grow_with_the_rows_of_other_trips(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_CHUNK", 4096)
    tables = rides(a="L/0: A B C D E F G H")
    sizes: list[int] = []
    for others in (500, 8_000):
        rows = (f"bus{t},S{t}{i},{i}" for t in range(others) for i in range(8))
        mixed = tables["stop_times.txt"] + "\n".join(rows)
        sizes.append(peak(zipped(tmp_path / f"{others}.zip", {**tables, "stop_times.txt": mixed})))
    assert sizes[1] < 1.2 * sizes[0]
