"""A checkpoint becomes a model of the package: ONNX with any batch, weights in 16 bits, declared.

    python -m training.export detector
    python -m training.export person
    python -m training.export vehicle
    python -m training.export finder --work build/training/plates
    python -m training.export reader --work build/training/plates

Nothing is written unless ONNX Runtime gives what torch gives, for one picture and for several.
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import nn

from core.arrays import F32
from core.errors import ModelMismatch
from core.runtime.catalogue import BUNDLED, CatalogueEntry, render_declaration
from core.runtime.convert import write_onnx
from core.runtime.export import make_batch_dynamic, store_half
from core.runtime.models import sha256_of
from core.runtime.session import OnnxSession
from core.types import ModelSpec
from training import detector, embedder, loop
from training.declared import NAMES, spec_of
from training.plates import train

_SAME = 1e-3  # of the largest output: torch and ONNX Runtime sum in another order
_HALVED = 2e-2  # likewise, with weights of 11 bits
_NOTE = (
    "Trained on the synthetic city alone: see its card, and `models pull street` for real cameras."
)
_PLATE_NOTE = "Trained on plates of our own drawing alone: see its card."
_OUTPUTS: Mapping[str, Sequence[str]] = {
    "finder": ("cells",),
    "reader": ("characters", "layout", "colour"),
}


def export(kind: str, work: Path, folder: Path) -> ModelSpec:
    """The declaration of the model that now lies in `folder` under its name."""
    module = _module(kind, work)
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as scratch:
        single, opened, halved = (Path(scratch) / f"{step}.onnx" for step in ("a", "b", "c"))
        spec = spec_of(kind, "0" * 64)
        write_onnx(module, single, spec.input_hw, output=_OUTPUTS.get(kind, ("output0",)))
        make_batch_dynamic(single, opened)
        check_parity(module, opened, spec, most=_SAME)
        store_half(opened, halved)
        check_parity(module, halved, spec, most=_HALVED)
        spec = replace(spec, sha256=sha256_of(halved), version=_version(kind, work))
        size = halved.stat().st_size
        (folder / f"{spec.name}.onnx").write_bytes(halved.read_bytes())
    note = _PLATE_NOTE if kind in train.WAYS else _NOTE
    entry = CatalogueEntry(spec, size_bytes=size, note=note)
    (folder / f"{spec.name}.toml").write_text(render_declaration(entry), "utf-8")
    return spec


def check_parity(module: nn.Module, onnx: Path, spec: ModelSpec, *, most: float) -> None:
    """`ModelMismatch` unless the file gives what the module gives, alone and in a batch."""
    pictures = np.random.default_rng(0).random((3, 3, *spec.input_hw), np.float32)
    with torch.no_grad():
        wanted = _arrays(module(torch.from_numpy(pictures)))
    session = OnnxSession(onnx, spec, threads=1)
    together, alone = session.run(pictures), session.run(pictures[:1])
    session.close()
    for row, right in enumerate(wanted[: len(together)]):
        slack = most * float(np.abs(right).max())
        apart = max(_apart(together[row], right), _apart(alone[row], right[:1]))
        if not apart <= slack:
            raise ModelMismatch(
                f"{spec.name}: ONNX and torch differ by {apart:g}, want {slack:g} (output {row})"
            )


def _arrays(output: torch.Tensor | tuple[torch.Tensor, ...]) -> list[F32]:
    """All that a module says in arrays; a file may have the first of them alone."""
    every = [output] if isinstance(output, torch.Tensor) else [*output]
    return [np.asarray(one.numpy(), np.float32) for one in every if isinstance(one, torch.Tensor)]


def _apart(got: F32, wanted: F32) -> float:
    if got.shape != wanted.shape:
        return float("inf")
    return float(np.abs(got - wanted).max())


def _module(kind: str, work: Path) -> nn.Module:
    makers: dict[str, Callable[[Path], nn.Module]] = {
        "detector": detector.for_export,
        "finder": partial(train.for_export, "finder"),
        "reader": partial(train.for_export, "reader"),
    }
    return makers.get(kind, embedder.for_export)(work / f"{kind}.pt")


def _version(kind: str, work: Path) -> str:
    """Seed and steps: what tells two trainings of one recipe apart."""
    seed = json.loads((work / f"{kind}.json").read_text())["seed"]
    return f"seed {seed}, {int(loop.read_checkpoint(work / f'{kind}.pt')['steps'])} steps"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("kind", choices=sorted(NAMES))
    parser.add_argument("--work", type=Path, default=Path("build/training"))
    parser.add_argument("--folder", type=Path, default=BUNDLED)
    asked = parser.parse_args()
    spec = export(asked.kind, asked.work, asked.folder)
    print(f"{spec.name}: {spec.key}, {(asked.folder / f'{spec.name}.onnx').stat().st_size} bytes")


if __name__ == "__main__":
    main()
