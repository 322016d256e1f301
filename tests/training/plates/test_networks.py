"""The plate networks and their losses."""

from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="casetrace[train] is not installed")

from core.plates.alphabet import ABSENT, COLUMNS
from training.declared import COLOURS, FINDER_HW, LAYOUT_NAMES, POSITIONS, READER_HW
from training.plates.networks import (
    STRIDE_PX,
    Finding,
    Reading,
    evened,
    finding_loss,
    reading_loss,
)

SMALL = (4, 8, 8, 8)
CELLS_HW = (FINDER_HW[0] // STRIDE_PX, FINDER_HW[1] // STRIDE_PX)


def reader() -> Reading:
    torch.manual_seed(0)
    network = Reading(SMALL)
    network.eval()
    return network


def finder() -> Finding:
    torch.manual_seed(0)
    network = Finding(SMALL)
    network.eval()
    return network


def test_read_does_not_depend_on_the_batch() -> None:
    network, plates = reader(), torch.rand(3, 3, *READER_HW)
    together, alone = network(plates), network(plates[1:2])
    shapes = [(POSITIONS, COLUMNS), (len(LAYOUT_NAMES),), (len(COLOURS),)]
    assert [tuple(one.shape[1:]) for one in together] == shapes
    for whole, part in zip(together, alone, strict=True):
        assert torch.allclose(whole[1:2], part, atol=1e-5)


def test_rows_of_a_read_are_distributions() -> None:
    characters, *_ = reader()(torch.rand(2, 3, *READER_HW))
    assert torch.allclose(characters.exp().sum(2), torch.ones(2, POSITIONS), atol=1e-5)


def test_cells_are_chances_and_corners_near_their_cell() -> None:
    cells = finder()(torch.rand(2, 3, *FINDER_HW))
    assert cells.shape == (2, 9, *CELLS_HW)
    assert ((cells[:, 0] >= 0) & (cells[:, 0] <= 1)).all()
    assert (cells[:, 1, 0, 0] - STRIDE_PX / 2).abs().max() < 40
    assert (cells[:, 1, 0, -1] - (FINDER_HW[1] - STRIDE_PX / 2)).abs().max() < 40


def test_both_networks_stay_below_eight_megabytes_in_sixteen_bits() -> None:
    count = sum(part.numel() for one in (Reading(), Finding()) for part in one.parameters())
    assert 2 * count < 8_000_000 * 0.75


def test_evened_pictures_are_alike_by_day_and_night() -> None:
    day = torch.rand(1, 3, 48, 160) * 2
    night = day * 0.5 - 1.5
    assert torch.allclose(evened(day), evened(night), atol=0.25)


def test_flat_picture_stays_flat() -> None:
    assert evened(torch.full((1, 3, 8, 8), -1.2)).abs().max() < 1e-5


def test_right_read_costs_little_and_a_wrong_one_much() -> None:
    columns = torch.tensor([[1, 2, 3, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT]])
    logits = torch.nn.functional.one_hot(columns, COLUMNS).float() * 20
    others = torch.tensor([[20.0, 0.0]])
    first = torch.tensor([0])
    right = reading_loss((logits.log_softmax(2), others, others), columns, first, first)
    wrong = reading_loss((logits.log_softmax(2), others, others), columns.flip(1), first, first)
    assert right < 0.01
    assert wrong > 5


def heat_of_one() -> tuple[Any, Any]:
    heat, corners = torch.zeros(1, 6, 8), torch.zeros(1, 8, 6, 8)
    heat[0, 3, 4] = 1
    corners[0] = torch.tensor([8, 10, 24, 10, 24, 18, 8, 18.0])[:, None, None]
    return heat, corners


def test_found_plate_costs_nothing_and_a_missed_one_much() -> None:
    heat, corners = heat_of_one()
    sure = torch.where(heat > 0, 12.0, -12.0)[:, None]
    assert finding_loss((sure, corners), heat, corners) < 0.01
    assert finding_loss((-sure, corners), heat, corners) > 5


def test_corners_cost_in_shares_of_the_plates_height() -> None:
    heat, corners = heat_of_one()
    sure = torch.where(heat > 0, 12.0, -12.0)[:, None]
    off = finding_loss((sure, corners + 0.8), heat, corners)
    assert off == pytest.approx(2 * 0.8 / 8, abs=0.01)


def test_corners_where_no_plate_is_cost_nothing() -> None:
    heat, corners = torch.zeros(1, 6, 8), torch.zeros(1, 8, 6, 8)
    quiet = torch.full((1, 1, 6, 8), -12.0)
    assert finding_loss((quiet, corners + 50), heat, corners) < 0.01
