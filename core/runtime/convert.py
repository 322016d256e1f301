"""A `.pt` file of ultralytics as an ONNX model of the operator's own.

Such a file is a pickle, and whoever opens a pickle runs what its author wrote. So it is opened in
a process of its own, with an empty environment and a folder of its own as home, which ends when
its time is over; what comes back is an ONNX file and one line of JSON, both checked. That holds
off accidents and stray credentials, not malice: convert only files whose author you trust.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from core.errors import DeviceUnavailable, InvalidInput, ModelMismatch, ModelMissing
from core.runtime.catalogue import CatalogueEntry, render_declaration
from core.runtime.export import make_batch_dynamic
from core.runtime.models import ModelFolder, sha256_of
from core.types import ModelSpec

TIMEOUT_S = 600.0
_NEEDED = ("ultralytics", "torch", "onnx")
_STRIDE = 32
_KEPT = ("PATH", "LANG", "LD_LIBRARY_PATH", "SYSTEMROOT")
_LAST = 400  # characters of what a failed conversion said


@dataclass(frozen=True, slots=True)
class Converted:
    """What the conversion learnt of a detector besides its file."""

    labels: tuple[str, ...]
    input_hw: tuple[int, int]
    decoder: str
    licence: str


def export_checkpoint(
    folder: ModelFolder,
    file: Path,
    *,
    name: str = "",
    input_hw: tuple[int, int] | None = None,
    timeout_s: float = TIMEOUT_S,
) -> ModelSpec:
    """The detector in `file`, converted and added to the folder as the operator's own.

    It is called `name`, or after the file; `input_hw` None takes the size it was trained at.
    `DeviceUnavailable` without `[train]`, `ModelMismatch` for a file that does not convert.
    """
    _check_asked(file, input_hw)
    with TemporaryDirectory(prefix="casetrace-convert-") as scratch:
        onnx = Path(scratch) / "model.onnx"
        learnt = _converted(file, onnx, input_hw, timeout_s)
        onnx = _with_open_batch(onnx)
        spec = _spec(name or _name_of(file), sha256_of(onnx), learnt)
        note = f"Converted from {file.name}."
        declared = CatalogueEntry(spec, size_bytes=onnx.stat().st_size, note=note)
        return folder.add(onnx, render_declaration(declared))


def _check_asked(file: Path, input_hw: tuple[int, int] | None) -> None:
    if file.suffix != ".pt":
        raise InvalidInput(f"{file}: want a .pt file of ultralytics")
    if not file.is_file():
        raise ModelMissing(f"{file}: no such file")
    if input_hw and (min(input_hw) < _STRIDE or any(side % _STRIDE for side in input_hw)):
        raise InvalidInput(f"input size: want multiples of {_STRIDE} px, got {list(input_hw)}")
    missing = [package for package in _NEEDED if find_spec(package) is None]
    if missing:
        raise DeviceUnavailable(
            f"converting a .pt file wants {', '.join(missing)}; install casetrace[train]"
        )


def _with_open_batch(onnx: Path) -> Path:
    """The model with any batch, or as it is where the network cannot: a batch of one works too."""
    opened = onnx.with_name("opened.onnx")
    try:
        make_batch_dynamic(onnx, opened)
    except ModelMismatch:
        return onnx
    return opened


def _converted(
    file: Path, onnx: Path, input_hw: tuple[int, int] | None, timeout_s: float
) -> Converted:
    size = [str(side) for side in input_hw or ()]
    command = [sys.executable, "-m", __name__, str(file.resolve()), str(onnx), *size]
    try:
        done = subprocess.run(  # noqa: S603 (our own module; the file's name is one argument)
            command,
            env=_bare_environment(onnx.parent),
            cwd=onnx.parent,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ModelMismatch(f"{file.name}: not converted within {timeout_s:g} s") from error
    if done.returncode or not onnx.is_file():
        said = (done.stderr.strip() or done.stdout.strip())[-_LAST:]
        raise ModelMismatch(f"{file.name}: no detector of ultralytics that converts: {said}")
    return _learnt(file, done.stdout)


def _bare_environment(home: Path) -> Mapping[str, str]:
    """Nothing of ours but where programs lie: no passwords, no addresses, no downloads."""
    root = str(Path(__file__).parents[2])
    return {
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        "PYTHONPATH": root,
        "HOME": str(home),
        "YOLO_CONFIG_DIR": str(home),
        "YOLO_AUTOINSTALL": "false",
        "YOLO_OFFLINE": "true",
        "CUDA_VISIBLE_DEVICES": "",
    }


def _learnt(file: Path, said: str) -> Converted:
    try:
        found = json.loads(said.strip().splitlines()[-1])
        height, width = (int(side) for side in found["input_hw"])
        labels = tuple(str(label) for label in found["labels"])
        return Converted(labels, (height, width), str(found["decoder"]), str(found["licence"]))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise ModelMismatch(f"{file.name}: the conversion answered nonsense") from error


def _name_of(file: Path) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", file.stem.lower()).strip("-._") or "converted"


def _spec(name: str, sha256: str, learnt: Converted) -> ModelSpec:
    return ModelSpec(
        name=name,
        version="1",
        sha256=sha256,
        licence=learnt.licence,
        task="detect",
        family="",
        decoder=learnt.decoder,
        input_hw=learnt.input_hw,
        layout="NCHW",
        colour="RGB",
        scale=1 / 255,
        mean=(0.0, 0.0, 0.0),
        std=(1.0, 1.0, 1.0),
        labels=learnt.labels,
    )


# --- in the other process ----------------------------------------------------------------------


def write_onnx(
    module: Any, onnx: Path, input_hw: tuple[int, int], *, output: str | Sequence[str]
) -> None:
    """A torch module of one picture in and one array out, or several, as an ONNX file with a batch
    of one; `output` names them in order."""
    import torch

    blank = torch.zeros(1, 3, *input_hw)
    with torch.no_grad():
        module.eval()(blank)  # heads lay out their anchors at the first call
        torch.onnx.export(
            module,
            (blank,),
            str(onnx),
            input_names=["images"],
            output_names=[output] if isinstance(output, str) else list(output),
            opset_version=17,
            dynamo=False,
        )


def _convert_here(file: str, onnx: str, *size: str) -> Converted:
    from ultralytics import YOLO

    holder = YOLO(file)
    if holder.task != "detect":
        raise ModelMismatch(f"want a detector, got a model for {holder.task}")
    network = holder.model.float().fuse(verbose=False)
    height, width = [int(side) for side in size] or _trained_at(network)
    head = network.model[-1]
    head.export, head.format, head.dynamic = True, "onnx", False
    write_onnx(network, Path(onnx), (height, width), output="output0")
    labels = tuple(str(network.names[row]) for row in sorted(network.names))
    decoder = "yolo_end_to_end" if head.end2end else "yolov8"
    licence = (getattr(holder, "ckpt", None) or {}).get("license") or "unknown"
    return Converted(labels, (height, width), decoder, licence)


def _trained_at(network: Any) -> list[int]:
    size = (getattr(network, "args", None) or {}).get("imgsz", 640)
    return [size, size] if isinstance(size, int) else list(size)


def main() -> None:
    found = _convert_here(*sys.argv[1:])
    print(json.dumps({key: getattr(found, key) for key in Converted.__slots__}))  # noqa: T201


if __name__ == "__main__":
    main()
