"""A pursuit: everything under one entry, little of what is many, all of what is shown."""

from dataclasses import replace

import pytest

from cases.answers import (
    Passage,
    PlateQuery,
    Pursued,
    Pursuit,
    VectorQuery,
    VectorSearch,
    VectorsOf,
)
from cases.authority import Narrowing
from cases.pursuit import MAX_SHOWN
from core.errors import CaseNotActive, InvalidInput, OutOfScope, TooLarge
from core.types import ClockCorrection, Coverage, Family, ObjectClass, Outcome, TimeSpan, VectorRows
from tests.builders import MODEL_KEY, at, span
from tests.cases.world import ANN, ZOE, World, vector

PERSON = Family.PERSON


def query(looks: str = "thief", *, probe_ids: tuple[int, ...] = (7,)) -> VectorQuery:
    return VectorQuery(PERSON, MODEL_KEY, vector(looks)[None], probe_ids)


def wanted(*queries: VectorQuery, k: int = 10, plate: str | None = None) -> VectorSearch:
    return VectorSearch(55, queries, k, None if plate is None else PlateQuery.of(plate))


def hit_ids(read: Pursued) -> list[int]:
    return [i for i in read.found.hits[0].ids[0].tolist() if i >= 0]


def test_pursuit_gives_hits_and_passings_without_their_rows(world: World) -> None:
    world.open_case()

    read = world.door.pursue(ANN, 1, Pursuit(wanted(query())))

    assert sorted(hit_ids(read)) == [101, 102]
    assert read.passings.tracklet_ids.tolist() == [101, 102]
    assert (read.found.rows.parts, read.found.rows.shots) == ({}, {})
    assert read.found.coverage.missing == ()


def test_pursuit_leaves_one_entry_that_says_what_it_was_made_of(world: World) -> None:
    world.open_case()
    rider = (Family.RIDER, MODEL_KEY, (101,))

    world.door.pursue(
        ANN,
        1,
        Pursuit(wanted(query(), plate="京A123"), tracklet_ids=[102, 101], vectors_of=[rider]),
    )

    (entry,) = world.entries()
    detail = entry.event.detail
    assert entry.event.kind == "search"
    assert detail["search_id"] == 55
    assert detail["tracklet_ids"] == [101, 102]
    assert detail["probe_ids"] == [7]
    assert detail["compared"] == [f"person:{MODEL_KEY}", f"rider:{MODEL_KEY}"]
    assert detail["plate"] == "京A123"


def test_pursuit_gives_the_vectors_and_whole_rows_of_those_named(world: World) -> None:
    world.open_case()

    read = world.door.pursue(
        ANN,
        1,
        Pursuit(
            wanted(),
            tracklet_ids=[101, 103],
            vectors_of=[(PERSON, MODEL_KEY, (101, 103)), (PERSON, "other@ba9876543210", (101,))],
        ),
    )

    kept, none = read.vectors
    assert kept.embeddings.shot_ids.tolist() == [1010]
    assert kept.embeddings.vectors.tobytes() == vector("thief").tobytes()
    assert len(none.tracklet_ids) == 0
    assert sorted(read.traced.rows.parts) == [101]  # 103 is of a camera that is not granted
    assert [shot.shot_id for shot in read.traced.rows.shots[101]] == [1010]
    assert sorted(read.traced.epochs) == [1]


def test_queries_may_be_made_of_the_vectors_that_were_read(world: World) -> None:
    world.open_case()
    world.person(1, 200.0, tracklet_id=201, looks="other")

    def of_the_confirmed(vectors: tuple[VectorRows, ...]) -> tuple[VectorQuery, ...]:
        rows = vectors[0].embeddings.vectors
        return (VectorQuery(PERSON, MODEL_KEY, rows, (0,) * len(rows)),)

    read = world.door.pursue(
        ANN,
        1,
        Pursuit(
            wanted(k=1),
            vectors_of=[(PERSON, MODEL_KEY, (201,))],
            queries_of=of_the_confirmed,
        ),
    )

    assert hit_ids(read) == [201]


def test_rows_come_of_the_chosen_alone(world: World) -> None:
    world.open_case()
    world.person(2, 400.0, tracklet_id=300, text="京A12345", class_id=ObjectClass.CAR, looks="")

    def last_two(read: Pursued) -> list[int]:
        assert read.passings.tracklet_ids.tolist() == [101, 102, 300]
        return [300, 102, 300]

    read = world.door.pursue(ANN, 1, Pursuit(wanted(query()), choose=last_two))

    assert sorted(read.found.rows.parts) == [102, 300]
    assert sorted(read.found.rows.shots) == [102, 300]
    assert sorted(read.found.rows.plates) == [300]


def test_plates_of_all_hits_are_there_where_one_is_asked_for(world: World) -> None:
    world.open_case()
    world.person(1, 400.0, tracklet_id=300, text="京A12345", class_id=ObjectClass.CAR, looks="")
    world.person(2, 500.0, tracklet_id=301, text="沪B99999", looks="thief")

    read = world.door.pursue(ANN, 1, Pursuit(wanted(query(), plate="京A12345", k=3)))

    assert read.found.plate_hits[0].tracklet_id == 300
    assert sorted(hit_ids(read)) == [101, 102, 301]
    assert sorted(read.found.rows.plates) == [300, 301]


def test_what_is_chosen_outside_the_case_has_no_rows(world: World) -> None:
    world.open_case()

    read = world.door.pursue(ANN, 1, Pursuit(wanted(query()), choose=lambda _: [103, 999]))

    assert read.found.rows.parts == {}


def test_more_than_may_be_shown_is_refused(world: World) -> None:
    world.open_case()

    with pytest.raises(TooLarge, match=f"at most {MAX_SHOWN}"):
        world.door.pursue(ANN, 1, Pursuit(wanted(), choose=lambda _: range(MAX_SHOWN + 1)))


def test_pursuit_stays_within_what_it_is_narrowed_to(world: World) -> None:
    world.open_case()
    within = Narrowing((2,), TimeSpan(at(200), at(1000)))

    read = world.door.pursue(ANN, 1, Pursuit(wanted(query())), within=within)

    assert hit_ids(read) == [102]
    assert read.passings.tracklet_ids.tolist() == [102]
    with pytest.raises(OutOfScope):
        world.door.pursue(ANN, 1, Pursuit(wanted(query())), within=Narrowing((3,)))


def test_stranger_gets_nothing_and_leaves_a_denial(world: World) -> None:
    world.open_case()

    with pytest.raises(Exception, match="do not work in it"):
        world.door.pursue(
            ZOE, 1, Pursuit(wanted(query()), choose=lambda _: pytest.fail("was asked"))
        )

    assert [e.event.outcome for e in world.entries()] == [Outcome.DENY]


def test_case_that_changes_meanwhile_lets_nothing_out(world: World) -> None:
    case = world.open_case()

    def somebody_amends(_: Pursued) -> list[int]:
        world.store.cases.put(replace(case, version=case.version + 1))
        return [101]

    with pytest.raises(CaseNotActive, match="changed since"):
        world.door.pursue(ANN, 1, Pursuit(wanted(query()), choose=somebody_amends))

    assert len(world.denials()) == 1


def test_times_are_corrected_by_each_cameras_history(world: World) -> None:
    world.open_case()
    world.person(1, 2000.0, tracklet_id=201)
    world.store.cameras.correct_clock(1, ClockCorrection(at(-9000), 10.0, 0.1), at(0))
    world.store.cameras.correct_clock(1, ClockCorrection(at(1000), -5.0, 0.1), at(0))

    read = world.door.pursue(ANN, 1, Pursuit(wanted()))

    starts = dict(zip(read.passings.tracklet_ids.tolist(), read.utc_start_ns.tolist(), strict=True))
    assert starts == {101: at(90), 102: at(300), 201: at(2005)}


def test_times_are_those_that_a_passage_gives_a_tracklet(world: World) -> None:
    world.open_case()
    # The clock was set back 60 s while the person stood there.
    world.store.cameras.correct_clock(1, ClockCorrection(at(102.5), 60.0, 0.1), at(0))

    read = world.door.pursue(ANN, 1, Pursuit(wanted(), tracklet_ids=[101, 102]))

    for row, tracklet_id in enumerate(read.passings.tracklet_ids.tolist()):
        whole = read.passage.utc_span(read.traced.rows.parts[tracklet_id])
        assert whole == TimeSpan(int(read.utc_start_ns[row]), int(read.utc_end_ns[row]))


def test_camera_deleted_meanwhile_has_no_passings_and_says_so(world: World) -> None:
    world.open_case()
    world.store.cameras.delete(2)

    read = world.door.pursue(ANN, 1, Pursuit(wanted(query()), tracklet_ids=[101, 102]))

    assert read.passings.tracklet_ids.tolist() == [101]
    assert sorted(read.traced.rows.parts) == [101]
    assert [(part.camera_id, part.span, why) for part, why in read.found.coverage.missing] == [
        (2, span(), "camera deleted")
    ]
    assert hit_ids(read) == [101]


def test_what_can_be_prepared_is_done_before_the_vectors_nearby_are_named(world: World) -> None:
    world.open_case()
    done: list[str] = []

    def near(read: Pursued) -> list[VectorsOf]:
        done.append("near")
        return []

    world.door.pursue(
        ANN,
        1,
        Pursuit(
            wanted(query()),
            prepare=lambda passage, coverage: done.append(f"case {passage.case.case_id}"),
            near_of=near,
        ),
    )

    assert done == ["case 1", "near"]


def test_what_fails_to_be_prepared_fails_the_pursuit(world: World) -> None:
    world.open_case()

    def refused(passage: Passage, coverage: Coverage) -> None:
        raise InvalidInput("roads: want some")

    with pytest.raises(InvalidInput, match="roads: want some"):
        world.door.pursue(ANN, 1, Pursuit(wanted(query()), prepare=refused))
