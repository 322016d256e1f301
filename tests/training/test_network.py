"""The embedder's network and its losses."""

import pytest

torch = pytest.importorskip("torch", reason="casetrace[train] is not installed")

from training.declared import DIM
from training.network import Embedding, MarginHead, hardest_triplets

SMALL = (8, 8, 16, 16)


@pytest.mark.parametrize("hw", [(128, 64), (96, 128)])
def test_row_of_a_crop_does_not_depend_on_its_batch(hw: tuple[int, int]) -> None:
    torch.manual_seed(0)
    network = Embedding(SMALL).eval()
    crops = torch.rand(3, 3, *hw)
    together = network(crops)
    assert together.shape == (3, DIM)
    assert torch.allclose(together[1:2], network(crops[1:2]), atol=1e-5)


def test_whole_network_stays_small() -> None:
    assert sum(part.numel() for part in Embedding().parameters()) < 1_700_000


def test_triplets_cost_nothing_more_when_subjects_are_apart() -> None:
    who = torch.tensor([0, 0, 1, 1])
    apart = torch.eye(2)[who]
    mixed = torch.eye(2)[torch.tensor([0, 1, 0, 1])]
    assert hardest_triplets(apart, who) < 1e-4
    assert hardest_triplets(mixed, who) > 0.5


def test_margin_makes_the_same_rows_cost_more() -> None:
    torch.manual_seed(0)
    head = MarginHead(5, 4)
    rows, who = torch.randn(6, 4), torch.tensor([0, 1, 2, 3, 4, 0])
    assert head(rows, who, 0.3) > head(rows, who, 0.0)


def test_neighbours_start_with_oneself() -> None:
    head = MarginHead(4, 4)
    with torch.no_grad():
        head.centres.copy_(
            torch.tensor([[1, 0, 0, 0], [1, 0.1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]])
        )
    assert head.neighbours(torch.tensor([0, 1]), 2).tolist() == [[0, 1], [1, 0]]
