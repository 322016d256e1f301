"""What the page's benchmark makes of an answer and of frames; a test of its own walks the page."""

from typing import Any

import pytest

from benchmarks.page_view import frames, spread, weak


def answer(candidates: int, shots: int = 2) -> dict[str, Any]:
    found = [
        {
            "tracklet_id": str(place),
            "shot_id": f"{place}.0",
            "shot_ids": [f"{place}.{shot}" for shot in range(shots)],
            "verdict": "confirm",
        }
        for place in range(candidates)
    ]
    return {"search_id": "7", "candidates": found}


def test_spread_answer_begins_with_its_own_candidates() -> None:
    own = answer(3)
    assert spread(own, 10)["candidates"][:3] == own["candidates"]


def test_spread_answer_has_a_number_for_each() -> None:
    found = spread(answer(3), 10)["candidates"]
    assert len({one["tracklet_id"] for one in found}) == 10


def test_spread_answer_shows_the_other_shots_in_turn() -> None:
    found = spread(answer(3), 9)["candidates"]
    assert [one["shot_id"] for one in found[3:6]] == ["0.1", "1.1", "2.1"]


def test_frames_are_late_where_one_was_left_out() -> None:
    found = frames([16.7] * 19 + [33.4])
    assert found["page.scroll_late_share"] == pytest.approx(0.05)
    assert found["page.scroll_frame_p50_ms"] == pytest.approx(16.7)
    assert found["page.scroll_frame_worst_ms"] == pytest.approx(33.4)


def test_weak_figures_are_those_of_the_clock() -> None:
    assert weak({"page.a_s": 1.0, "page.b_ms": 2.0, "page.c": 3.0, "page.cpu_s": 4.0}) == {
        "page.a_s_weak": 1.0,
        "page.b_ms_weak": 2.0,
    }
