import math

import pytest

from core.errors import InvalidInput
from scenes.rtsp.faults import (
    Bye,
    ClockDrift,
    Corrupt,
    Drip,
    Fault,
    Faults,
    Hang,
    Jump,
    Loss,
    Plan,
    Reorder,
    Restart,
    Stall,
)


def test_what_happens_once_is_given_out_once_in_its_order() -> None:
    plan = Plan(Faults((Bye(at_s=2.0), Hang(at_s=1.0), Jump(at_s=3.0))))
    assert plan.due(0.5) == []
    assert plan.due(2.0) == [Hang(at_s=1.0), Bye(at_s=2.0)]
    assert plan.due(9.0) == [Jump(at_s=3.0)]
    assert plan.due(9.0) == []


def test_what_lasts_begins_and_ends() -> None:
    plan = Plan(Faults((Stall(at_s=2.0, for_s=1.0), Loss(at_s=0.0))))
    assert [plan.lasting(Stall, at_s) is not None for at_s in (1.9, 2.0, 2.9, 3.0)] == [
        False,
        True,
        True,
        False,
    ]
    assert plan.lasting(Loss, 1e9) is not None
    assert plan.lasting(Drip, 1.0) is None


def test_the_fault_said_last_counts() -> None:
    plan = Plan(Faults((Loss(share=0.1),)))
    plan.add(Loss(share=0.9), 5.0)
    assert [plan.lasting(Loss, at_s) for at_s in (4.0, 6.0)] == [
        Loss(share=0.1),
        Loss(at_s=5.0, share=0.9),
    ]


def test_a_fault_said_later_counts_from_then() -> None:
    plan = Plan(Faults())
    plan.add(Restart(at_s=1.0, down_s=2.0), 10.0)
    assert plan.due(10.9) == []
    assert plan.due(11.0) == [Restart(at_s=11.0, down_s=2.0)]


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Hang(at_s=-1.0), "at_s"),
        (lambda: Jump(by_s=math.nan), "by_s"),
        (lambda: Stall(for_s=-1.0), "for_s"),
        (lambda: Restart(down_s=math.inf), "down_s"),
        (lambda: Loss(share=1.5), "share"),
        (lambda: Corrupt(share=-0.1), "share"),
        (lambda: Reorder(depth=0), "depth"),
        (lambda: Drip(chunk_bytes=0), "chunk_bytes"),
        (lambda: Drip(bytes_per_s=0.0), "bytes_per_s"),
        (lambda: ClockDrift(ppm=1e9), "ppm"),
    ],
)
def test_a_number_out_of_range_is_refused_by_name(make: "type[Fault]", field: str) -> None:
    with pytest.raises(InvalidInput, match=f"want {field} from"):
        make()
