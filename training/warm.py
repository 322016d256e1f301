"""A checkpoint to start from, made of an exported model: for whoever has the package alone.

    python -m training.warm reader --packs DIR --out build/training/plates/start.pt
    python -m training.plates.train reader --start build/training/plates/start.pt
    python -m training.warm person --packs DIR --out build/training/start.pt
    python -m training.embedder person --start build/training/start.pt

An exported network has its norms folded into its convolutions. Here each gets its norm back, with
the mean and spread that its convolution gives on samples, and weights that undo just that: the
network says what the file says, and can learn on.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from core.errors import ModelMismatch
from core.runtime.catalogue import BUNDLED
from training import embedder
from training.crops import album_of, plain_views
from training.declared import EMBEDDER_HW, NAMES
from training.network import Embedding
from training.packs import read_packs
from training.plates import train
from training.plates.batches import as_input, stacked
from training.plates.packs import decoded, pack_files

_SAMPLES = 512
_SAME = 2e-2  # of the largest output: weights were kept in 16 bits

Weights = Mapping[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Kind:
    """A network that can be taught on: how a new one is made, pictures (N, 3, h, w) of a folder
    of packs as it is given them, and what its recipe trains, which may be more than the network."""

    new_model: Callable[[], nn.Module]
    pictures: Callable[[Path], torch.Tensor]
    taught: Callable[[nn.Module], nn.Module] = lambda model: model


def warmed(kind: str, file: Path, pictures: torch.Tensor) -> nn.Module:
    """The network of an exported `file`, its norms measured on `pictures` (N, 3, h, w).

    `ModelMismatch` for a file that is no export of this kind of network.
    """
    graph = onnx.load(str(file)).graph
    weights = _weights(graph)
    model = KINDS[kind].new_model().eval()
    try:
        _take_over(model, graph, weights, pictures[:1])
    except (KeyError, RuntimeError, ValueError) as error:
        raise ModelMismatch(f"{file}: want an export of a {NAMES[kind]}: {error}") from error
    said = _first(model(pictures[:8]))
    _spread_norms(model, pictures)
    off = float((_first(model(pictures[:8])) - said).abs().max() / said.abs().max())
    if not off <= _SAME:
        raise ModelMismatch(f"{file}: norms put back change its answers by {off:g} of the largest")
    return model


def save(kind: str, model: nn.Module, path: Path) -> None:
    """As `training.loop.Run` keeps one that has not begun."""
    taught = KINDS[kind].taught(model)
    optimiser = torch.optim.AdamW(train.parameters(taught), lr=1e-3)
    content = {
        "model": taught.state_dict(),
        "average": taught.state_dict(),
        "optimiser": optimiser.state_dict(),
        "steps": 0,
        "spent_s": 0.0,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(content, path)


def _weights(graph: Any) -> Weights:
    """The file's numbers by name; those kept in 16 bits lose that ending."""
    floats = (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16)
    return {
        one.name.removesuffix("_half"): torch.from_numpy(
            numpy_helper.to_array(one).astype(np.float32)
        )
        for one in graph.initializer
        if one.data_type in floats
    }


def _take_over(model: nn.Module, graph: Any, weights: Weights, picture: torch.Tensor) -> None:
    """Put the file's numbers into the model, each folded convolution's before a norm of nothing."""
    state = model.state_dict()
    named = {name for name in weights if name in state}
    for name in named:
        state[name] = weights[name].reshape(state[name].shape)
    convolutions, products = _in_order(model, picture)
    folded = [node for node in graph.node if node.op_type == "Conv" and node.input[1] not in named]
    left = [name for name in convolutions if f"{name}.weight" not in named]
    for name, node in zip(left, folded, strict=True):
        norm = norm_after(name)
        bias = weights[node.input[2]]
        state[f"{name}.weight"] = weights[node.input[1]]
        state[f"{norm}.weight"] = torch.ones_like(bias)
        state[f"{norm}.bias"] = bias
        state[f"{norm}.running_mean"] = torch.zeros_like(bias)
        state[f"{norm}.running_var"] = torch.ones_like(bias) - _eps(model, name)
    multiplied = [
        node for node in graph.node if node.op_type == "MatMul" and node.input[1] in weights
    ]
    without = [name for name in products if f"{name}.weight" not in named]
    for name, node in zip(without, multiplied, strict=True):
        state[f"{name}.weight"] = weights[node.input[1]].T.contiguous()
    model.load_state_dict(state)


@torch.no_grad()
def _spread_norms(model: nn.Module, pictures: torch.Tensor) -> None:
    """Give each norm behind a convolution the mean and spread of what comes to it."""
    modules = dict(model.named_modules())
    seen: dict[str, tuple[torch.Tensor, torch.Tensor]] = {}

    def note(name: str) -> Any:
        def hook(module: nn.Module, given: Any, out: torch.Tensor) -> None:
            seen[name] = out.mean((0, 2, 3)), out.var((0, 2, 3))

        return modules[name].register_forward_hook(hook)

    before = [name for name in modules if norm_after(name) in _norms(model)]
    hooks = [note(name) for name in before]
    model(pictures)
    for hook in hooks:
        hook.remove()
    for name, (mean, variance) in seen.items():
        norm = cast(nn.BatchNorm2d, modules[norm_after(name)])
        assert norm.running_mean is not None
        assert norm.running_var is not None
        gain = norm.weight / (norm.running_var + norm.eps).sqrt()
        norm.bias += gain * (mean - norm.running_mean)
        norm.weight.copy_(gain * (variance + norm.eps).sqrt())
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)


def norm_after(convolution: str) -> str:
    """The module behind one in a sequence, by name; empty where it stands in none."""
    head, _, number = convolution.rpartition(".")
    return f"{head}.{int(number) + 1}" if number.isdigit() else ""


def _norms(model: nn.Module) -> set[str]:
    return {name for name, one in model.named_modules() if isinstance(one, nn.BatchNorm2d)}


def _eps(model: nn.Module, convolution: str) -> float:
    norm = norm_after(convolution)
    found = model.get_submodule(norm)
    if not isinstance(found, nn.BatchNorm2d):
        raise KeyError(f"a norm behind a folded convolution, at {norm or convolution}")
    return float(found.eps)


@torch.no_grad()
def _in_order(model: nn.Module, picture: torch.Tensor) -> tuple[list[str], list[str]]:
    """Convolutions and linear layers as they are called."""
    called: list[tuple[type[nn.Module], str]] = []
    hooks = [
        one.register_forward_hook(
            lambda module, given, out, name=name: called.append((type(module), name))
        )
        for name, one in model.named_modules()
        if isinstance(one, nn.Conv2d | nn.Linear)
    ]
    model(picture)
    for hook in hooks:
        hook.remove()
    convolutions = [name for kind, name in called if kind is nn.Conv2d]
    return convolutions, [name for kind, name in called if kind is nn.Linear]


@torch.no_grad()
def _first(said: Any) -> torch.Tensor:
    return cast(torch.Tensor, said if isinstance(said, torch.Tensor) else said[0]).detach()


# --- the kinds ---------------------------------------------------------------------------------


def _plates(kind: train.Kind, packs: Path) -> torch.Tensor:
    samples = train.WAYS[kind].read(pack_files(packs, held_out=False)[:1])[:_SAMPLES]
    return as_input(stacked([decoded(sample.jpeg) for sample in samples]))


def _crops(family: embedder.Family, packs: Path) -> torch.Tensor:
    album = album_of(read_packs(embedder.pack_files((packs,), held_out=False)[:4]), family, least=1)
    rows = np.concatenate(album.views)[:_SAMPLES]
    crops = [album.crops[row] for row in rows]
    return embedder.as_input(plain_views(crops, EMBEDDER_HW[family]))


def _with_memory(model: nn.Module) -> nn.Module:
    taught = embedder.Taught(identities=1)
    taught.embedding.load_state_dict(model.state_dict())
    return taught


KINDS: Mapping[str, Kind] = {
    "reader": Kind(train.WAYS["reader"].new_model, partial(_plates, "reader")),
    "finder": Kind(train.WAYS["finder"].new_model, partial(_plates, "finder")),
    "person": Kind(Embedding, partial(_crops, "person"), _with_memory),
    "vehicle": Kind(Embedding, partial(_crops, "vehicle"), _with_memory),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("--packs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", type=Path, help="without it the bundled one")
    asked = parser.parse_args()
    file = asked.model or BUNDLED / f"{NAMES[asked.kind]}.onnx"
    model = warmed(asked.kind, file, KINDS[asked.kind].pictures(asked.packs))
    save(asked.kind, model, asked.out)
    print(f"{asked.out}: starts as {file.name}")


if __name__ == "__main__":
    main()
