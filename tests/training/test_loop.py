"""A recipe stops when its budget is spent and goes on where it was stopped."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="casetrace[train] is not installed")

from core.errors import InvalidInput, ModelMismatch
from training.loop import Budget, Run, averaged_weights, learning_rate


class Ticks:
    """A clock that goes on by `step_s` at each look."""

    def __init__(self, step_s: float) -> None:
        self.step_s, self.now_s = step_s, 0.0

    def __call__(self) -> float:
        self.now_s += self.step_s
        return self.now_s


def run(path: Path, *, steps: int = 100, width: int = 2, step_s: float = 0.0) -> Run:
    torch.manual_seed(0)
    model = torch.nn.Linear(width, 1)
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.1)
    return Run(path, model, optimiser, budget=Budget(1, steps), clock=Ticks(step_s))


def taught(one: Run, steps: int) -> Run:
    for _ in range(steps):
        one.step(one.model(torch.ones(4, 2)).square().mean())
    return one


def test_first_bound_that_is_reached_ends_the_budget() -> None:
    budget = Budget(minutes=2, steps=10)
    assert budget.progress(60, 2) == 0.5
    assert budget.progress(6, 5) == 0.5
    assert budget.progress(6000, 1) == 1.0


@pytest.mark.parametrize(("minutes", "steps"), [(0, 1), (1, 0), (-1, 5)])
def test_budget_of_nothing_is_refused(minutes: float, steps: int) -> None:
    with pytest.raises(InvalidInput, match="want minutes and steps above 0"):
        Budget(minutes, steps)


def test_learning_rate_rises_shortly_and_falls_to_a_hundredth() -> None:
    rates = [learning_rate(share, 1.0) for share in (0.0, 0.015, 0.03, 0.5, 1.0)]
    assert rates[0] == pytest.approx(0.01)
    assert rates[1] == pytest.approx(0.5)
    assert rates[2] == pytest.approx(1.0)
    assert 0.4 < rates[3] < 0.6
    assert rates[4] == pytest.approx(0.01)


def test_stopped_run_goes_on_as_if_never_stopped(tmp_path: Path) -> None:
    whole = taught(run(tmp_path / "whole.pt"), 6)
    first = taught(run(tmp_path / "two.pt"), 3)
    first.save()
    second = taught(run(tmp_path / "two.pt"), 3)
    assert second.steps == 6
    for one, two in zip(whole.model.parameters(), second.model.parameters(), strict=True):
        assert torch.equal(one, two)
    for one, two in zip(
        whole.average.model.parameters(), second.average.model.parameters(), strict=True
    ):
        assert torch.equal(one, two)


def test_time_of_earlier_runs_counts(tmp_path: Path) -> None:
    first = taught(run(tmp_path / "a.pt", step_s=10), 2)
    first.save()
    assert run(tmp_path / "a.pt", step_s=10).spent_s > 30
    assert not run(tmp_path / "new.pt", step_s=10).over


def test_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    taught(run(tmp_path / "a.pt"), 1).save()
    with pytest.raises(ModelMismatch, match="a checkpoint of another recipe"):
        run(tmp_path / "a.pt", width=3)
    with pytest.raises(ModelMismatch, match="a checkpoint of another recipe"):
        averaged_weights(tmp_path / "a.pt", torch.nn.Linear(5, 1))


def test_file_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.pt").write_bytes(b"not one")
    with pytest.raises(ModelMismatch, match="not a checkpoint"):
        run(tmp_path / "a.pt")
