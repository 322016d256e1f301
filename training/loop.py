"""What the recipes share: a budget, the learning rate over it, averaged weights, checkpoints.

A recipe runs until its budget is spent, counting all earlier runs of the same work folder, so that
somebody with more hours continues the very same training with a larger budget.
"""

import copy
import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from torch import nn

from core.errors import InvalidInput, ModelMismatch

Clock = Callable[[], float]
Say = Callable[[str], None]

ROUND_S = 120.0
"""A round ends after so long, however slow the machine: no more than that is lost by a stop."""

_WARM_UP = 0.03
_LOWEST = 0.01
_AVERAGED_OVER = 300  # steps; a longer memory would still hold the noise of the beginning


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a recipe trains in all: the first bound that is reached ends it."""

    minutes: float
    steps: int = 1_000_000

    def __post_init__(self) -> None:
        if self.minutes <= 0 or self.steps < 1:
            raise InvalidInput(
                f"budget: want minutes and steps above 0, got {self.minutes}, {self.steps}"
            )

    def progress(self, spent_s: float, steps: int) -> float:
        """Which share of the budget is gone, 0 to 1."""
        return min(1.0, max(spent_s / (60 * self.minutes), steps / self.steps))


def learning_rate(progress: float, peak: float) -> float:
    """A short rise, then half a cosine down to a hundredth of `peak`."""
    if progress < _WARM_UP:
        return peak * max(_LOWEST, progress / _WARM_UP)
    along = (progress - _WARM_UP) / (1 - _WARM_UP)
    return peak * (_LOWEST + (1 - _LOWEST) * (1 + math.cos(math.pi * along)) / 2)


def device() -> torch.device:
    """The GPU where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def seeded(seed: int, *path: int) -> np.random.Generator:
    """The generator of one purpose of a run; torch's own is seeded with it."""
    torch.manual_seed(seed)
    return np.random.default_rng((seed, *path))


class Average:
    """The running mean of a model's weights: what is exported, steadier than the last step.

    Polyak & Juditsky, "Acceleration of stochastic approximation by averaging", 1992.
    """

    def __init__(self, model: nn.Module) -> None:
        self.model = copy.deepcopy(model).eval().requires_grad_(False)

    @torch.no_grad()
    def update(self, model: nn.Module, steps: int) -> None:
        """Take in the weights after `steps` steps; the first ones are soon forgotten."""
        keep = min(1 - 1 / _AVERAGED_OVER, (1 + steps) / (10 + steps))
        current = model.state_dict()
        for name, mean in self.model.state_dict().items():
            if mean.dtype.is_floating_point:
                mean.lerp_(current[name].to(mean.dtype), 1 - keep)
            else:
                mean.copy_(current[name])


class Run:
    """One recipe's state on disk: model, average, optimiser, and what was spent so far."""

    def __init__(
        self,
        path: Path,
        model: nn.Module,
        optimiser: torch.optim.Optimizer,
        *,
        budget: Budget,
        clock: Clock = time.monotonic,
    ) -> None:
        self.model, self.optimiser, self.average = model, optimiser, Average(model)
        self.steps = 0
        self._path, self._budget, self._clock = path, budget, clock
        self._before_s, self._start_s = 0.0, clock()
        self._peaks = [float(group["lr"]) for group in optimiser.param_groups]
        if path.is_file():
            self._load()

    @property
    def spent_s(self) -> float:
        """Seconds of training, of earlier runs too."""
        return self._before_s + self._clock() - self._start_s

    @property
    def progress(self) -> float:
        return self._budget.progress(self.spent_s, self.steps)

    @property
    def over(self) -> bool:
        return self.progress >= 1.0

    def step(self, loss: torch.Tensor) -> None:
        """One step down the gradient of `loss` at the rate that the schedule says."""
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 10.0)
        for group, peak in zip(self.optimiser.param_groups, self._peaks, strict=True):
            group["lr"] = learning_rate(self.progress, peak)
        self.optimiser.step()
        self.steps += 1
        self.average.update(self.model, self.steps)

    def save(self) -> None:
        """Write the checkpoint whole, or leave the last one."""
        content = {
            "model": self.model.state_dict(),
            "average": self.average.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "steps": self.steps,
            "spent_s": self.spent_s,
        }
        unfinished = self._path.with_name(self._path.name + ".part")
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        torch.save(content, unfinished)
        unfinished.replace(self._path)

    def _load(self) -> None:
        content = read_checkpoint(self._path)
        try:
            self.model.load_state_dict(content["model"])
            self.average.model.load_state_dict(content["average"])
            self.optimiser.load_state_dict(content["optimiser"])
        except (KeyError, RuntimeError, ValueError) as error:
            raise ModelMismatch(f"{self._path}: a checkpoint of another recipe: {error}") from error
        self.steps, self._before_s = int(content["steps"]), float(content["spent_s"])


def read_checkpoint(path: Path) -> Mapping[str, Any]:
    """A checkpoint's content; `ModelMismatch` if it is none."""
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, ValueError, EOFError, UnpicklingError) as error:
        raise ModelMismatch(f"{path}: not a checkpoint: {error}") from error
    if not isinstance(content, dict):
        raise ModelMismatch(f"{path}: want a checkpoint, got {type(content).__name__}")
    return content


def earlier_history(report: Path, run: Run) -> list[dict[str, Any]]:
    """The figures of the rounds before a run was stopped; none for a new one."""
    if not run.steps or not report.is_file():
        return []
    history: list[dict[str, Any]] = json.loads(report.read_text())["history"]
    return history


def averaged_weights(path: Path, model: nn.Module) -> nn.Module:
    """`model` with the averaged weights of a checkpoint, ready for inference."""
    try:
        model.load_state_dict(read_checkpoint(path)["average"])
    except (KeyError, RuntimeError) as error:
        raise ModelMismatch(f"{path}: a checkpoint of another recipe: {error}") from error
    return model.eval()


def versions() -> dict[str, str]:
    """What a result depends on besides the seed."""
    return {"torch": torch.__version__, "numpy": np.__version__}
