"""The open typefaces that plates and other lettering are drawn from, and where they are found.

None is part of this project: each comes from a Debian package, named here with its licence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import NotFound

ROOTS: tuple[Path, ...] = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))


@dataclass(frozen=True, slots=True)
class Face:
    """One file of a package; `licence` is that of the typeface."""

    name: str
    package: str
    file: str
    licence: str


def _faces(package: str, licence: str, **files: str) -> tuple[Face, ...]:
    return tuple(Face(name, package, file, licence) for name, file in files.items())


LATIN: tuple[Face, ...] = (
    *_faces("fonts-roadgeek", "MIT", road_b="RG2014B.ttf", road_c="RG2014C.ttf"),
    *_faces("fonts-roadgeek", "MIT", road_d="RG2014D.ttf"),
    *_faces("fonts-opendin", "OFL-1.1", din="OSP-DIN.ttf"),
    *_faces("fonts-bebas-neue", "OFL-1.1", bebas="BebasNeue-Bold.otf"),
    *_faces("fonts-dosis", "OFL-1.1", dosis="Dosis-SemiBold.otf"),
    *_faces("fonts-liberation", "OFL-1.1", narrow="LiberationSansNarrow-Bold.ttf"),
    *_faces("fonts-liberation", "OFL-1.1", sans="LiberationSans-Bold.ttf"),
    *_faces("fonts-roboto-unhinted", "Apache-2.0", roboto="RobotoCondensed-Medium.ttf"),
    *_faces("fonts-roboto-unhinted", "Apache-2.0", roboto_bold="RobotoCondensed-Bold.ttf"),
)
HAN: tuple[Face, ...] = (
    *_faces("fonts-noto-cjk", "OFL-1.1", noto_bold="NotoSansCJK-Bold.ttc"),
    *_faces("fonts-noto-cjk", "OFL-1.1", noto="NotoSansCJK-Regular.ttc"),
    *_faces("fonts-wqy-zenhei", "GPL-2.0 with font exception", zenhei="wqy-zenhei.ttc"),
    *_faces("fonts-wqy-microhei", "Apache-2.0", microhei="wqy-microhei.ttc"),
)
WORDS: tuple[Face, ...] = (
    *_faces("fonts-lobster", "OFL-1.1", lobster="lobster.otf"),
    *_faces("fonts-dancingscript", "OFL-1.1", script="DancingScript-Bold.otf"),
    *_faces("fonts-league-spartan", "OFL-1.1", spartan="LeagueSpartan-Bold.otf"),
    *_faces("fonts-liberation", "OFL-1.1", serif="LiberationSerif-Bold.ttf"),
)
"""For what stands around the number: names of states, slogans, dealers, badges."""

FACES: tuple[Face, ...] = LATIN + HAN + WORDS


def located(faces: Iterable[Face] = FACES, roots: Sequence[Path] = ROOTS) -> dict[str, Path]:
    """The file of each face by its name; `NotFound` says which packages to install."""
    wanted = tuple(faces)
    there = {
        path.name: path for root in roots if root.is_dir() for path in root.rglob("*.[ot]t[fc]")
    }
    missing = sorted({face.package for face in wanted if face.file not in there})
    if missing:
        raise NotFound(
            f"fonts: want {', '.join(sorted({face.file for face in wanted} - set(there)))}, "
            f"found none of them; install with apt-get install {' '.join(missing)}"
        )
    return {face.name: there[face.file] for face in wanted}
