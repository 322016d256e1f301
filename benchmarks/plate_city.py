"""Plates from film to answer: whether a tracklet's vote is right, and whether a search finds it.

    python -m benchmarks.plate_city --json FILE [--seeds 5] [--first-seed 1000] [--cameras 5]
        [--seconds 75] [--cache DIR]

The films of cities of test seeds, a checkpoint's and streets', go through the real ingest, all into
one installation. A tracklet counts where it shows one vehicle or rider with a plate. `wide_px` is
the most that its plate, whole in the picture and half of its vehicle to be seen, ever measured
across while the tracklet lasted; no pixel was looked at for that. The text is that of the
tracklet's last vote; beside it stand the read of the best picture and the surest read of the same
tracklet. Then each plate's text is searched for in a case over all cameras of all cities.

Ingest is timed once more without the two models: `ingest.cpu_ratio` is what they add.
"""

from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import process_time
from unittest.mock import patch

import numpy as np

from benchmarks.city import ingested
from benchmarks.common import arguments, report
from benchmarks.filmed import FilmedCamera, FilmedCity, filmed_city
from benchmarks.hardness import city_arguments
from benchmarks.judging import LEAST_OVERLAP, with_interval
from benchmarks.site import Site
from benchmarks.thefts import CameraTruth
from cases.search import SearchRequest
from core.arrays import F64
from core.geometry import iou
from core.plates.alphabet import likeliest_text
from core.plates.folding import folded
from core.types import PlatePosterior, PlateRead, Tracklet
from detectors.plate_quality import ReadQuality
from detectors.plate_voting import PlateVoter
from scenes.city import City, plan_city
from scenes.exposures import FPS
from scenes.hung_plates import shown_plates
from scenes.plan import Placed
from scenes.views import View

PACKAGES = ("av", "numpy", "onnxruntime", "opencv-python-headless")
READ_PX, FOUND_PX = 60.0, 25.0
K = 20
_LEAST_VISIBILITY = 0.5


# --- how wide a plate is seen ------------------------------------------------------------------


def plate_widths(city: City, camera: FilmedCamera) -> Mapping[int, F64]:
    """Of each actor with a plate how wide it is in each picture (P,), 0 where it is not shown."""
    view, found = city.cameras[camera.row].view, dict[int, F64]()
    for number in range(camera.pictures):
        seen = camera.boxes.of_picture(number)
        shown = set(seen.subject[seen.visibility >= _LEAST_VISIBILITY].tolist())
        for placed in city.placed(number / FPS, camera.row):
            actor = placed.actor
            if actor.plate and actor.actor_id in shown:
                widths = found.setdefault(actor.actor_id, np.zeros(camera.pictures))
                widths[number] = shown_width_px(placed, view)
    return found


def shown_width_px(placed: Placed, view: View) -> float:
    """The widest plate of its that faces the camera and lies in the picture as a whole."""
    height, width = view.size_hw
    whole = [
        px for px in shown_plates(placed, view) if (px >= 0).all() and (px < (width, height)).all()
    ]
    across = [np.linalg.norm(px[[1, 2]] - px[[0, 3]], axis=1).mean() for px in whole]
    return float(max(across, default=0.0))


# --- what was read -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Read:
    """A tracklet that shows one plate: its true text, how wide it ever was, and what three ways of
    reading made of it; empty where nothing was read."""

    tracklet_id: int
    truth: str
    wide_px: float
    voted: str = ""
    best: str = ""
    surest: str = ""


@dataclass
class Ballots:
    """What the votes of an ingest were given, by tracklet: the last one's reads and its result."""

    reads: dict[int, tuple[list[PlateRead], list[ReadQuality]]]
    voted: dict[int, str]

    def of(self, read: Read) -> Read:
        """The same tracklet with what was read."""
        if read.tracklet_id not in self.reads:
            return read
        reads, qualities = self.reads[read.tracklet_id]
        best = max(range(len(reads)), key=lambda row: qualities[row].weight)
        surest = max(reads, key=lambda one: float(one.log_probs.max(axis=1).mean()))
        return replace(
            read,
            voted=self.voted[read.tracklet_id],
            best=likeliest_text(reads[best].log_probs),
            surest=likeliest_text(surest.log_probs),
        )


@contextmanager
def noted_votes() -> Iterator[Ballots]:
    """Notes every vote that is taken in the block."""
    ballots = Ballots({}, {})
    vote = PlateVoter.vote

    def noting(
        self: PlateVoter,
        tracklet_id: int,
        reads: Sequence[PlateRead],
        qualities: Sequence[ReadQuality] | None = None,
    ) -> PlatePosterior:
        posterior = vote(self, tracklet_id, reads, qualities)
        assert qualities is not None
        ballots.reads[tracklet_id] = list(reads), list(qualities)
        ballots.voted[tracklet_id] = likeliest_text(posterior.log_probs)
        return posterior

    with patch.object(PlateVoter, "vote", noting):
        yield ballots


def reads_of(
    tracklets: Sequence[Tracklet],
    truth: CameraTruth,
    widths: Mapping[int, F64],
    plates: Mapping[int, str],
) -> Iterator[Read]:
    """The tracklets of one camera that show a plate's owner, without what was read of them."""
    parts: dict[int, list[Tracklet]] = {}
    for one in tracklets:
        parts.setdefault(one.tracklet_id, []).append(one)
    for tracklet_id, some in parts.items():
        actor_id = shown_actor(some, truth)
        if actor_id in widths:
            first, last = (
                int(np.abs(truth.at_ns - end_ns).argmin())
                for end_ns in (some[0].device_ns[0], some[-1].device_ns[-1])
            )
            wide_px = float(widths[actor_id][first : last + 1].max(initial=0.0))
            yield Read(tracklet_id, folded(plates[actor_id]), wide_px)


def shown_actor(parts: Sequence[Tracklet], truth: CameraTruth) -> int:
    """Who most looks of a tracklet lie on; -1 if that is nobody."""
    counts: dict[int, int] = {}
    looks = 0
    for part in parts:
        for box, at_ns in zip(part.xyxy, part.device_ns.tolist(), strict=True):
            seen = truth.boxes.of_picture(int(np.abs(truth.at_ns - at_ns).argmin()))
            looks += 1
            overlaps = iou(box[None], seen.xyxy)[0]
            if len(overlaps) and overlaps.max() >= LEAST_OVERLAP:
                actor_id = int(seen.subject[overlaps.argmax()])
                counts[actor_id] = counts.get(actor_id, 0) + 1
    best = max(counts, key=lambda actor_id: counts[actor_id], default=-1)
    return best if best >= 0 and counts[best] >= looks / 2 else -1


# --- all ---------------------------------------------------------------------------------------


def found_ranks(site: Site, reads: Sequence[Read]) -> list[int]:
    """Where each tracklet stands among the first `K` of a search for its plate; `K` if not."""
    case = site.case or site.open_case()
    ranks: list[int] = []
    for read in reads:
        asked = SearchRequest(plate=read.truth, k=K)
        answer = site.service.search.search(site.people.investigator, case.case_id, asked)
        ids = [one.tracklet_id for one in answer.candidates]
        ranks.append(ids.index(read.tracklet_id) if read.tracklet_id in ids else K)
    return ranks


def figures_of(reads: Sequence[Read], ranks: Sequence[int]) -> dict[str, float]:
    """All shares with their intervals."""
    wide = [one for one in reads if one.wide_px > READ_PX]
    places = [rank for one, rank in zip(reads, ranks, strict=True) if one.wide_px > FOUND_PX]
    legible = [one for one in reads if one.wide_px > FOUND_PX]
    figures: dict[str, float] = {"plates.city.tracklets": float(len(reads))}
    for key, some in (("", wide), ("legible.", legible)):
        for name in ("voted", "best", "surest"):
            right = np.array([getattr(one, name) == one.truth for one in some], np.bool_)
            figures |= with_interval(f"plates.city.{key}{name}.exact", right)
    figures |= with_interval("plates.city.read", np.array([bool(one.voted) for one in legible]))
    figures |= with_interval("plates.city.recall1", np.array(places) < 1)
    return figures | with_interval("plates.city.recall20", np.array(places) < K)


def measured(asked: Namespace) -> dict[str, float]:
    """All figures over the asked seeds."""
    cities = [
        filmed_city(seed, asked.cache, cameras=asked.cameras, seconds=asked.seconds)
        for seed in range(asked.first_seed, asked.first_seed + asked.seeds)
    ]
    spent_s = {}
    with Site(plate_finder="", plate_reader="") as site:
        spent_s["without"] = _ingest(site, cities)
    with Site() as site, noted_votes() as ballots:
        spent_s["with"] = _ingest(site, cities)
        reads = [ballots.of(one) for city in cities for one in _reads(site, city, asked)]
        for one in reads:
            if one.wide_px > FOUND_PX:
                print(f"{one.wide_px:5.0f} px {one.truth:>9} {one.voted or '-':>9} {one.best:>9}")
        ranks = found_ranks(site, reads)
    return {
        "plates.city.seeds": float(asked.seeds),
        **figures_of(reads, ranks),
        "plates.city.ingest.cpu_s": spent_s["with"],
        "plates.city.ingest.cpu_ratio": spent_s["with"] / spent_s["without"],
    }


def _ingest(site: Site, cities: Sequence[FilmedCity]) -> float:
    """Processor seconds."""
    since_s = process_time()
    for city in cities:
        ingested(site, _named_apart(city))
    return process_time() - since_s


def _named_apart(city: FilmedCity) -> FilmedCity:
    """Cameras of several cities may have one name."""
    cameras = (replace(one, name=f"{city.seed} {one.name}") for one in city.cameras)
    return replace(city, cameras=tuple(cameras))


def _reads(site: Site, city: FilmedCity, asked: Namespace) -> Iterator[Read]:
    plan = plan_city(city.seed, cameras=asked.cameras, seconds=asked.seconds)
    plates = {leg.actor.actor_id: leg.actor.plate for leg in plan.legs}
    ours = site.tracklets()
    for camera in _named_apart(city).cameras:
        camera_id = site.cameras[camera.name].camera_id
        truth = CameraTruth(camera_id, camera.size_hw, camera.boxes, camera.at_ns)
        yield from reads_of(ours[camera.name], truth, plate_widths(plan, camera), plates)


def parsed() -> Namespace:
    parser = arguments(__doc__ or "")
    city_arguments(parser)
    parser.add_argument("--cameras", type=int, default=5, help="filmed")
    parser.add_argument("--seconds", type=int, default=75, help="of film, each camera")
    return parser.parse_args()


def main() -> None:
    asked = parsed()
    report("plate_city", measured(asked), into=asked.json, packages=PACKAGES)


if __name__ == "__main__":
    main()
