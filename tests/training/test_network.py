"""The embedder's network and its losses."""

import pytest

torch = pytest.importorskip("torch", reason="casetrace[train] is not installed")

from training.declared import DIM
from training.network import Embedding, Memory, contrast

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


def test_contrast_costs_nothing_more_when_subjects_are_apart() -> None:
    who = torch.tensor([0, 0, 1, 1])
    apart, mixed = torch.eye(2)[who], torch.eye(2)[torch.tensor([0, 1, 0, 1])]
    assert contrast(apart, who) < 1e-3
    assert contrast(mixed, who) > 5


def memory(*rows: tuple[float, ...]) -> Memory:
    kept = Memory(len(rows) + 1, len(rows[0]))
    kept.remember(torch.tensor(rows), torch.arange(len(rows)))
    return kept


def test_memory_makes_its_own_identity_harder_by_the_margin() -> None:
    kept = memory((1.0, 0.0), (0.0, 1.0))
    rows, who = torch.tensor([[1.0, 0.2]]), torch.tensor([0])
    assert kept(rows, who, 0.3) > kept(rows, who, 0.0)


def test_identity_that_was_never_seen_neither_costs_nor_confuses() -> None:
    kept = memory((1.0, 0.0), (0.0, 1.0))
    assert kept(torch.tensor([[0.5, 0.5]]), torch.tensor([2]), 0.3) == 0
    alone = memory((1.0, 0.0))
    assert alone(torch.tensor([[0.0, 1.0]]), torch.tensor([0]), 0.0) < 1e-3


def test_memory_forgets_slowly_what_is_seen_again() -> None:
    kept = memory((1.0, 0.0), (0.0, 1.0))
    kept.remember(torch.tensor([[0.0, 1.0]]), torch.tensor([0]))
    assert 0.3 < kept.centres[0, 0] < 0.5


def test_nearest_identities_start_with_oneself() -> None:
    kept = memory((1.0, 0.0), (0.9, 0.1), (0.0, 1.0))
    assert kept.nearest(2)[:3].tolist() == [[0, 1], [1, 0], [2, 1]]


def test_memory_may_change_before_the_gradient_is_taken() -> None:
    kept = memory((1.0, 0.0), (0.0, 1.0))
    rows = torch.tensor([[0.5, 0.4]], requires_grad=True)
    loss = kept(rows, torch.tensor([0]), 0.1)
    kept.remember(rows.detach(), torch.tensor([0]))
    loss.backward()
    assert rows.grad is not None
