"""The two-hour case with a scripted investigator: how many looks until a thief's way is known.

    python -m benchmarks.drill --seeds N --json FILE [--population CAMERAS HOURS]
        [--first-seed 5000] [--wrong 0.02] [--unsure 0.05] [--plot FILE.svg]
    python -m benchmarks.drill --seeds N --json FILE --pixels [--cache DIR] [--cameras 5]
        [--seconds 75]
    python -m benchmarks.drill --mmptrack --data DIR --json FILE

Each seed: a theft at 07:55 in a town of 4,200 cameras, its thief on foot, mounted and on foot again
for up to two hours; the 500 cameras that an investigator would ask for, kept in an installation as
ingest keeps them, missed passings and broken tracklets included; a case, the scene confirmed. Then
the engine ranks, the investigator looks at the first, decides, and so on until every stop was shown
and decided on. Three simpler searchers do the same in cases of their own.

Truth is asked only about the tracklet that is looked at; the answer is wrong, or at first unsure,
at the stated rates. A stop is a passing of which a tracklet was kept; a hop leads from a stop to
the next, a change of carrier in one view too.
"""

import shutil
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks import drill_pixels
from benchmarks.common import arguments, report
from benchmarks.drill_desk import Doubts, Investigator, Looked, Searcher, Stops, work
from benchmarks.drill_pixels import filmed_theft
from benchmarks.drill_probes import ProbeMaker
from benchmarks.drill_score import ENGINE, Drilled, figures_of, refused_hops, scored
from benchmarks.drill_searchers import (
    ByAppearance,
    ByDistance,
    ByTime,
    CaseDesk,
    Engine,
    Simple,
)
from benchmarks.drill_shop import shop_figures
from benchmarks.drill_town import FIRST_SEED, KeptTown, TownPlan, opened_town, plan_town
from benchmarks.filmed import filmed_city
from benchmarks.hardness import CACHE
from benchmarks.hardness import FIRST_SEED as PIXEL_SEED
from benchmarks.recognition import DETECTOR, EMBEDDER
from benchmarks.reliability import Claims, drawn
from benchmarks.site import Site, model_values
from cases.papers import CaseRequest
from core.clocks import DAY_NS, format_utc
from core.runtime.answering import ready_to_answer
from core.types import Candidate, Verdict

PACKAGES = ("numpy", "faiss-cpu", "sqlalchemy", "scipy")
MOST_LOOKS = 150
"""Where a searcher is given up; what it needed beyond is not counted, which flatters it."""


def drilled(
    kept: KeptTown, doubts: Doubts, most_looks: int, *, simple: bool = True
) -> Iterator[Drilled]:
    """All searchers in one town, each in its own case, each with the same investigator."""
    maker = ProbeMaker(kept)
    desk = opened_desk(kept, ENGINE)
    scene_id = kept.told.scene_id
    engine = Engine(desk, (maker.of_tracklet(desk, scene_id),), maker.entered)
    engine.probe_ids += tuple(maker.entered(desk, scene_id))
    yield engine_outcome(kept, engine, worked(kept, engine, doubts, most_looks))
    for kind in (ByAppearance, ByTime, ByDistance) if simple else ():
        other: Simple = kind(opened_desk(kept, kind.name), maker)
        other.confirm(scene_id)
        yield outcome(kept, other.desk, other.name, worked(kept, other, doubts, most_looks))


def opened_desk(kept: KeptTown, name: str) -> CaseDesk:
    """A case of its own over the whole scope, in which the scene is confirmed."""
    service, people = kept.service, kept.people
    asked = CaseRequest(
        reference=f"drill {kept.town.plan.seed} {name}",
        offence="theft of a phone",
        legal_basis="a drill on a drawn population",
        purpose="how many looks it takes until a way is known",
        grants=kept.town.scope,
        expires_ns=service.now() + DAY_NS,
    )
    case = service.desk.request(people.investigator, asked)
    approved = service.desk.approve(people.approver, case.case_id)
    service.reconstructions.prepare(approved)  # as the API does after an approval
    desk = CaseDesk(service, people.investigator, approved)
    desk.decide(kept.told.scene_id, Verdict.CONFIRM)
    return desk


def worked(
    kept: KeptTown, searcher: Searcher, doubts: Doubts, most_looks: int
) -> tuple[list[Looked], bool]:
    """The looks of one searcher, and whether every stop was shown."""
    stop_of = dict(kept.told.stop_of)
    investigator = Investigator(stop_of.__contains__, kept.town.plan.seed, doubts)
    scene_id = kept.told.scene_id
    stops = Stops(stop_of, {stop_of[scene_id]})
    settled = frozenset([scene_id])
    looked = work(searcher, investigator, stops=stops, most_looks=most_looks, settled=settled)
    return looked, stops.complete


def outcome(
    kept: KeptTown, desk: CaseDesk, name: str, looked: tuple[list[Looked], bool]
) -> Drilled:
    """What a searcher's looks came to: the confirmed sightings against the truth."""
    told, trajectory = kept.told, desk.trajectory()
    return Drilled(
        name,
        tuple(looked[0]),
        looked[1],
        scored(told.stops, told.stop_of, trajectory.sightings),
        refused_hops(told.stop_of, trajectory),
    )


def engine_outcome(kept: KeptTown, engine: Engine, looked: tuple[list[Looked], bool]) -> Drilled:
    """The same with the engine's answers, and the trajectory that it proposes at the end."""
    found = outcome(kept, engine.desk, engine.name, looked)
    told = kept.told
    list(engine.ranked())
    assert engine.last is not None
    sightings = engine.last.trajectory.sightings
    return replace(
        found,
        answers=tuple(engine.answers),
        proposed=scored(told.stops, told.stop_of, sightings),
        stop_of=told.stop_of,
    )


# --- all ---------------------------------------------------------------------------------------


def measured_pixels(asked: Namespace) -> tuple[dict[str, float], Claims]:
    """The same on films. `drill.links_found` are the changes in view that the tracker linked."""
    doubts = Doubts(asked.wrong, asked.unsure)
    found: list[Drilled] = []
    changes = linked = 0
    first = PIXEL_SEED if asked.first_seed is None else asked.first_seed
    for seed in range(first, first + asked.seeds):
        city = filmed_city(seed, asked.cache, cameras=asked.cameras, seconds=asked.seconds)
        with Site() as site:
            theft = filmed_theft(site, city)
            if theft is None:
                print(f"seed {seed}: nobody steals")
                continue
            seen, tied = theft.subject_links
            changes, linked = changes + seen, linked + tied
            for one in drill_pixels.drilled(theft, doubts, asked.looks):
                found.append(one)
                print(told_of(seed, one), flush=True)
        if asked.trace is not None:
            asked.trace.write_text("".join(map(trace_of, found)), "utf-8")
    claims = claims_of(found)
    figures = {
        "drill.seeds": float(asked.seeds),
        "drill.wrong_verdicts": asked.wrong,
        "drill.unsure_verdicts": asked.unsure,
        "drill.changes_in_view": float(changes),
        "drill.links_found": float(linked),
        **figures_of(found),
        **claims.figures("drill.probability"),
    }
    return figures, claims


def measured_towns(asked: Namespace) -> Iterator[tuple[dict[str, float], Claims]]:
    """All figures over the seeds so far, seed by seed; each seed's are printed as it is done."""
    doubts = Doubts(asked.wrong, asked.unsure)
    found: list[Drilled] = []
    sizes: list[int] = []
    first = FIRST_SEED if asked.first_seed is None else asked.first_seed
    cameras, hours = int(asked.population[0]), float(asked.population[1])
    for count, seed in enumerate(range(first, first + asked.seeds), 1):
        since_s = perf_counter()
        plan = TownPlan(
            seed,
            cameras,
            hours,
            links=asked.links,
            own_calibration=asked.own_calibration,
            passings_per_camera_hour=asked.passings,
        )
        with opened_town(plan_town(plan)) as kept:
            ready_to_answer()  # as `casetrace serve` does
            sizes.append(kept.tracklets)
            made_s = perf_counter() - since_s
            for one in drilled(kept, doubts, asked.looks, simple=not asked.engine_alone):
                found.append(one)
                print(told_of(seed, one), flush=True)
        spent_s = perf_counter() - since_s
        print(f"seed {seed}: made in {made_s:.0f} s, all in {spent_s:.0f} s", flush=True)
        if asked.trace is not None:
            asked.trace.write_text("".join(map(trace_of, found)), "utf-8")
        claims = claims_of(found)
        figures = {
            "drill.seeds": float(count),
            "drill.tracklets": float(np.mean(sizes)),
            "drill.wrong_verdicts": asked.wrong,
            "drill.unsure_verdicts": asked.unsure,
            "drill.links": asked.links,
            **figures_of(found),
            **claims.figures("drill.probability"),
        }
        yield figures, claims


def claims_of(found: Sequence[Drilled]) -> Claims:
    """Every probability of an undecided tracklet that the engine ever showed."""
    pairs = [pair for one in found for pair in one.claims]
    stated, true = zip(*pairs, strict=True) if pairs else ((), ())
    return Claims(np.array(stated, np.float64), np.array(true, np.bool_))


def trace_of(one: Drilled) -> str:
    """What was shown look by look: the first three undecided, and where the first true one stands.

    Empty for a searcher without answers.
    """
    lines = [f"{one.searcher}: {one.looks} looks for {one.way.true} hops\n"] if one.answers else []
    for number, answer in enumerate(one.answers, 1):
        left = [each for each in answer.candidates if each.verdict in (None, Verdict.UNSURE)]
        true = [row for row, each in enumerate(left) if each.tracklet_id in one.stop_of]
        rows = sorted({*range(min(3, len(left))), *true[:2]})
        lines.append(f"answer {number}: {answer.took_s:.2f} s, {len(left)} undecided\n")
        lines += [f"  {row + 1:3d} {_shown(left[row], one)}\n" for row in rows]
    return "".join(lines)


def _shown(candidate: Candidate, one: Drilled) -> str:
    stop = one.stop_of.get(candidate.tracklet_id)
    numbers = (candidate.cosine, candidate.llr, candidate.transit_llr, candidate.probability)
    said = " ".join("-" if number is None else f"{number:.3f}" for number in numbers)
    return (
        f"{'stop ' + str(stop) if stop is not None else 'wrong':<8} {candidate.tracklet_id} "
        f"camera {candidate.camera_id} {candidate.class_label} "
        f"{format_utc(candidate.span.start_ns)[11:]} cosine, looks, way, chance: {said}"
    )


def told_of(seed: int, one: Drilled) -> str:
    """One line for one searcher in one seed."""
    signs = {Verdict.CONFIRM: "+", Verdict.REJECT: "-", Verdict.UNSURE: "?"}
    looks = "".join(signs[each.verdict] for each in one.looked)
    whole = "" if one.complete else ", incomplete"
    return (
        f"seed {seed} {one.searcher:<15} {one.looks:4d} looks for {one.way.true} hops{whole}; "
        f"recall {one.way.recall:.2f} precision {one.way.precision:.2f} {looks}"
    )


def parsed() -> Namespace:
    usual, doubts = TownPlan(), Doubts()
    parser = arguments(__doc__ or "")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int)
    parser.add_argument("--pixels", action="store_true", help="film cities and ingest them")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where films are kept")
    parser.add_argument("--cameras", type=int, default=5, help="filmed")
    parser.add_argument("--seconds", type=int, default=75, help="of film, each camera")
    parser.add_argument("--mmptrack", action="store_true", help="real clips instead of cities")
    parser.add_argument("--data", type=Path, help="test data with the clips")
    parser.add_argument("--detector", default=DETECTOR, help="for the clips: name or file")
    parser.add_argument("--embedder", default=EMBEDDER, help="for the clips: name or file")
    parser.add_argument(
        "--population",
        nargs=2,
        default=(usual.cameras, usual.hours),
        metavar=("CAMERAS", "HOURS"),
        help="of the town",
    )
    parser.add_argument(
        "--passings",
        type=float,
        default=usual.passings_per_camera_hour,
        help="an hour and camera of the town, in the mean",
    )
    parser.add_argument("--wrong", type=float, default=doubts.wrong, help="share of verdicts")
    parser.add_argument("--unsure", type=float, default=doubts.unsure, help="share of first looks")
    parser.add_argument("--links", type=float, default=usual.links, help="share of changes linked")
    parser.add_argument(
        "--bundled-calibration",
        dest="own_calibration",
        action="store_false",
        help="of looks, instead of one fitted to anybody of such towns",
    )
    parser.add_argument("--engine-alone", action="store_true", help="without the simple ones")
    parser.add_argument("--looks", type=int, default=MOST_LOOKS, help="after which one gives up")
    parser.add_argument("--trace", type=Path, help="where each look's candidates are written")
    parser.add_argument("--plot", type=Path, help="where the reliability plot is written, as SVG")
    return parser.parse_args()


def main() -> None:
    asked = parsed()
    if asked.mmptrack:
        if asked.data is None:
            raise SystemExit("--mmptrack wants --data")
        report("drill", measured_shop(asked), into=asked.json, packages=PACKAGES)
        return
    for figures, claims in [measured_pixels(asked)] if asked.pixels else measured_towns(asked):
        if asked.plot:
            title = f"Stated and true chances, {figures['drill.seeds']:.0f} unseen seeds"
            asked.plot.write_text(drawn(claims, title), "utf-8")
        report("drill", figures, into=asked.json, packages=PACKAGES)


def measured_shop(asked: Namespace) -> dict[str, float]:
    """Figures of the clips of one shop, with public models: the bundled ones know none but ours."""
    values = model_values(asked.detector, asked.embedder, asked.data)
    try:
        return shop_figures(asked.data, values)
    finally:
        shutil.rmtree(values["model_dir"])


if __name__ == "__main__":
    main()
