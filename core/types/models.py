"""What a model file declares of itself; the code for it is chosen by this and by nothing else."""

from dataclasses import dataclass
from typing import Literal

Task = Literal["detect", "embed", "plate_find", "plate_read"]


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model's declaration, as in `models.toml`.

    `input_hw` is (height, width) in pixels; `layout` of the input blob; `colour` order of its
    channels; pixels enter as `(pixel * scale - mean) / std` per channel in that order, with
    pixel 0 to 255. `decoder` names the output family of a detector (`yolox`, `yolov8`,
    `yolo_end_to_end`, `nanodet`); empty for others. `labels` of a detector in class order.
    `dim` is an embedder's vector length, else 0. `family` is what an embedder embeds
    (person, vehicle) and empty for others.
    """

    name: str
    version: str
    sha256: str
    licence: str
    task: Task
    family: str
    decoder: str
    input_hw: tuple[int, int]
    layout: Literal["NCHW", "NHWC"]
    colour: Literal["RGB", "BGR"]
    scale: float
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    labels: tuple[str, ...] = ()
    dim: int = 0

    @property
    def key(self) -> str:
        """Names this very file: vectors of different keys never mix."""
        return f"{self.name}@{self.sha256[:12]}"
