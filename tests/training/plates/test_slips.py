"""What a reader surely takes signs for is counted; what it doubts itself is not."""

import numpy as np
import pytest

from core.plates.alphabet import index_of
from tests.core.plates.builders import logs, reading
from training.plates.slips import slip_counts


def test_a_sure_slip_counts_by_its_chance_and_a_doubt_does_not() -> None:
    slip, doubt = (
        logs(share * np.exp(reading("A8")) + (1 - share) * np.exp(reading("AB")))
        for share in (0.3, 0.7)
    )
    counts = slip_counts([slip, slip, doubt], ["A8"] * 3)
    eight, b = index_of("8B").tolist()
    assert counts[eight, b] == pytest.approx(2 * 0.7 * 0.97, abs=0.02)
    assert counts.sum() == counts[eight, b]


def test_reads_of_another_length_do_not_count() -> None:
    assert not slip_counts([reading("A88")], ["A8"]).any()
