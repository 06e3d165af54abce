from random import Random

import pytest

from rm_data.cities import repair as repair_module
from rm_data.cities.draft import Draft, drafted
from rm_data.cities.repair import Sketch, repair
from rm_data.cities.station_names import Names
from rm_data.cities.styles import CITY_STYLES
from rm_data.picture import Look

CROWDED = CITY_STYLES["crowded"]
SMALL = Look(text=0.4)
"""Names so large that some find no room."""


def draft(seed: int, lines: int = 9) -> tuple[Draft, Names]:
    found = drafted(Random(seed), CROWDED, lines)
    assert found is not None
    return found


def test_repairs_leave_out_ordinary_stations_and_rename_others_and_say_how_many() -> None:
    dropped = renamed = rejected = 0
    for seed in range(6):
        sketch, names = draft(seed)
        done = repair(sketch, names, Sketch(city="x", number=seed, look=SMALL))
        if isinstance(done, str):
            assert done.startswith(("label-", "badge-"))
            rejected += 1
            continue
        assert done.scene.conflicts == ()
        assert sketch.stops.needed <= done.draft.names.keys()
        assert len(sketch.names) - len(done.draft.names) == done.dropped
        changed = [c for c, name in done.draft.names.items() if sketch.names[c] != name]
        assert len(changed) == done.renamed
        dropped, renamed = dropped + done.dropped, renamed + done.renamed
    assert dropped + renamed > 0


def test_a_station_that_goes_leaves_the_track(monkeypatch: pytest.MonkeyPatch) -> None:
    sketch, _ = draft(1)
    ordinary = sorted(sketch.names.keys() - sketch.stops.needed)[0]
    left = sketch.without({ordinary})
    gone = sketch.names[ordinary]
    assert gone not in left.network("x").names
    assert len(left.network("x").lines) == len(sketch.network("x").lines)
    monkeypatch.setattr(repair_module, "_FEWEST", 1000)
    assert not repair_module._may_go(sketch, ordinary, set())  # pyright: ignore[reportPrivateUsage]
