"""Small data of coloured shapes in the recipes' formats: enough to run them, not to learn from."""

from pathlib import Path

import cv2
import numpy as np

from core.arrays import F32, I32, U8
from training.packs import Crop, write_pack
from training.tiles import Labelled

HW = (360, 640)


def picture(xyxy: F32, shade: int = 200) -> U8:
    """A grey street with a bright block in each box (N, 4)."""
    rgb = np.full((*HW, 3), 90, np.uint8)
    for left, top, right, bottom in xyxy.astype(int).tolist():
        rgb[top:bottom, left:right] = shade
    return rgb


def labelled(xyxy: F32, class_id: I32 | None = None) -> Labelled:
    """That picture with its boxes, all persons unless said otherwise."""
    _, content = cv2.imencode(".jpg", picture(xyxy))
    kinds = np.zeros(len(xyxy), np.int32) if class_id is None else class_id
    return Labelled(content.tobytes(), xyxy, kinds)


def boxes(*rows: tuple[float, float, float, float]) -> F32:
    return np.array(rows, np.float32).reshape(-1, 4)


def write_pictures(folder: Path, *, train: int = 6, val: int = 2) -> Path:
    """A dataset in YOLO's format with one person in each picture."""
    rng = np.random.default_rng(0)
    for part, count in (("train", train), ("val", val)):
        for kind in ("images", "labels"):
            (folder / kind / part).mkdir(parents=True)
        for number in range(count):
            left, top = float(rng.integers(0, 600)), float(rng.integers(0, 260))
            rgb = picture(boxes((left, top, left + 40, top + 100)))
            cv2.imwrite(str(folder / "images" / part / f"{number:03}.jpg"), rgb)
            centre = f"{(left + 20) / HW[1]:.6f} {(top + 50) / HW[0]:.6f}"
            row = f"0 {centre} {40 / HW[1]:.6f} {100 / HW[0]:.6f}\n"
            (folder / "labels" / part / f"{number:03}.txt").write_text(row)
    return folder


def crop(who: str, *, camera: int = 0, colour: tuple[int, int, int] = (200, 30, 30)) -> Crop:
    """A crop of one colour on grey."""
    rgb = np.full((100, 60, 3), 90, np.uint8)
    rgb[10:90, 10:50] = colour
    box = np.array([10, 10, 50, 90], np.float32)
    return Crop.cut(rgb, box, person=who, vehicle=f"{who}/on", camera=camera)


def write_crops(folder: Path, *, people: int = 6) -> Path:
    """Pack 1 to learn from and pack 20 to look at, each person in its own colour."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    for number in (1, 20):
        rows = []
        for person in range(people):
            red, green, blue = rng.integers(0, 256, 3).tolist()
            colour = (int(red), int(green), int(blue))
            who = f"{number}/{person}"
            rows += [crop(who, camera=camera, colour=colour) for camera in range(4)]
        write_pack(folder / f"{number:06}.npz", rows)
    return folder
