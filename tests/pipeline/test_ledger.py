"""What was analysed, as spans that Coverage can rest on."""

from core.ids import IdSource
from core.types import Activity, ActivityKind
from pipeline.ledger import Ledger
from tests.pipeline.frames import SECOND


def ledger() -> Ledger:
    return Ledger(7, IdSource(1, lambda: 1_800_000_000 * SECOND), hole_s=2.0)


def spans(
    rows: list[Activity], kind: ActivityKind = ActivityKind.ANALYSED
) -> list[tuple[int, int]]:
    return [(row.span.start_ns, row.span.end_ns) for row in rows if row.kind is kind]


def test_looks_close_together_make_one_span() -> None:
    watched = ledger()
    for at in (0, 1, 2):
        watched.looked(at * SECOND)
    rows = watched.settled(None)
    assert spans(rows) == [(0, 2 * SECOND + 1)]
    assert rows[0].count == 3


def test_looks_far_apart_leave_a_hole() -> None:
    watched = ledger()
    watched.looked(0)
    watched.looked(10 * SECOND)
    assert spans(watched.settled(None)) == [(0, 1), (10 * SECOND, 10 * SECOND + 1)]


def test_settled_says_nothing_of_what_is_not_kept_yet() -> None:
    watched = ledger()
    for at in range(4):
        watched.looked(at * SECOND)
    assert spans(watched.settled(2 * SECOND)) == [(0, 2 * SECOND)]


def test_settled_again_grows_the_same_row() -> None:
    watched = ledger()
    watched.looked(0)
    first = watched.settled(1)[0].activity_id
    watched.looked(SECOND)
    rows = watched.settled(None)
    assert [row.activity_id for row in rows] == [first]
    assert spans(rows) == [(0, SECOND + 1)]


def test_settled_before_everything_gives_no_row() -> None:
    watched = ledger()
    watched.looked(5 * SECOND)
    assert watched.settled(5 * SECOND) == []


def test_an_earlier_span_stays_until_it_is_settled() -> None:
    watched = ledger()
    watched.looked(0)
    watched.looked(10 * SECOND)
    watched.settled(0)
    assert spans(watched.settled(None)) == [(0, 1), (10 * SECOND, 10 * SECOND + 1)]


def test_shed_frames_are_counted() -> None:
    watched = ledger()
    watched.shed(0)
    watched.shed(SECOND)
    rows = watched.settled(None)
    assert spans(rows, ActivityKind.SHED) == [(0, SECOND + 1)]
    assert rows[0].count == 2
