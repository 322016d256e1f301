"""Which passages are asked for, which of their pictures are kept, and what pairs come of them."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from benchmarks.judging import TruthBoxes
from benchmarks.passages import (
    Album,
    Passage,
    album,
    best_shots,
    cut_shots,
    embedded,
    hard_pairs,
    likeness,
    pair_scores,
    passages_of,
    ranks,
)
from core.types import ClockSource, Family, Frame, ObjectClass
from ingest.pictures import open_own_jpeg
from ingest.surface import HostSurface
from reid.fake import ColourEmbedder

SIZE_HW = (360, 640)
RED, BLUE = (220, 20, 20), (20, 20, 220)


def truth(
    pictures: range | list[int], *, subject: int = 1, height: float = 80, visible: float = 1
) -> TruthBoxes:
    count = len(pictures)
    return TruthBoxes(
        np.array(pictures, np.int64),
        np.full(count, subject, np.int64),
        np.full(count, ObjectClass.PERSON, np.int32),
        np.tile(np.array([100, 100, 140, 100 + height], np.float32), (count, 1)),
        np.full(count, visible, np.float32),
    )


def test_passage_of_one_subject_holds_its_rows() -> None:
    (one,) = passages_of(truth(range(20)), 3, SIZE_HW)
    assert (one.camera, one.subject, one.kind) == (3, 1, ObjectClass.PERSON)
    assert one.rows.tolist() == list(range(20))


def test_return_after_three_seconds_is_another_passage() -> None:
    back = truth([*range(10), *range(41, 51)])
    assert [len(one.rows) for one in passages_of(back, 0, SIZE_HW)] == [10, 10]


def test_return_within_three_seconds_is_the_same_passage() -> None:
    assert len(passages_of(truth([*range(10), *range(39, 49)]), 0, SIZE_HW)) == 1


def test_passage_too_small_or_hidden_or_short_is_not_asked_for() -> None:
    assert passages_of(truth(range(20), height=40), 0, SIZE_HW) == []
    assert passages_of(truth(range(20), visible=0.2), 0, SIZE_HW) == []
    assert passages_of(truth(range(4)), 0, SIZE_HW) == []


def test_best_shots_are_apart_in_time_and_best_first() -> None:
    rows = best_shots(
        np.array([10, 11, 12, 13]), np.array([0, 1, 6, 12]), np.array([0.5, 0.6, 0.9, 0.8])
    )
    assert rows.tolist() == [12, 13, 11]  # picture 0 is too near to picture 1


def test_best_shots_leave_out_what_is_far_worse() -> None:
    rows = best_shots(np.array([0, 1]), np.array([0, 20]), np.array([1.0, 0.3]))
    assert rows.tolist() == [0]


def frames(count: int) -> Iterator[Frame]:
    """Pictures whose grey value is ten times their number."""
    for number in range(count):
        grey = HostSurface.of_rgb(np.full((*SIZE_HW, 3), 10 * number, np.uint8))
        yield Frame(1, grey, number, Fraction(1, 10), 0, 0, ClockSource.CONTAINER, 0.0, 1)


def test_cut_shots_come_from_their_own_pictures_in_their_order() -> None:
    passage = Passage(0, 1, ObjectClass.PERSON, np.arange(20), np.array([15, 3]))
    ((first, second),) = cut_shots(frames(20), truth(range(20)), [passage])
    assert [round(mean_of(shot)) for shot in (first, second)] == [150, 30]


def mean_of(jpeg: bytes) -> float:
    return float(open_own_jpeg(jpeg).crops(np.array([[0, 0, 40, 80]], np.float32), (8, 8)).mean())


# --- ranking -----------------------------------------------------------------------------------


def shot(colour: tuple[int, int, int]) -> bytes:
    pixels = np.broadcast_to(np.array(colour, np.uint8), (96, 48, 3)).copy()
    return HostSurface.of_rgb(pixels).jpeg()


def pages(*rows: tuple[int, int, tuple[int, int, int]]) -> Album:
    """Rows of identity, camera and the colour of the one shot."""
    return Album(
        np.array([who for who, _, _ in rows], np.int64),
        np.array([where for _, where, _ in rows], np.int64),
        tuple((shot(colour),) for _, _, colour in rows),
    )


def test_album_is_of_one_family() -> None:
    walker = Passage(0, 1, ObjectClass.PERSON, np.arange(1), np.arange(1))
    car = Passage(2, 9, ObjectClass.CAR, np.arange(1), np.arange(1))
    both = [(walker, [b"w"]), (car, [b"c"])]
    mine = album(Family.VEHICLE, both, {1: 11, 9: 99})
    assert (mine.identity.tolist(), mine.camera.tolist(), mine.pictures) == ([99], [2], ((b"c",),))


def test_queries_are_one_for_each_identity_and_camera() -> None:
    twice = pages((1, 0, RED), (1, 0, RED), (1, 1, RED), (2, 0, BLUE))
    assert twice.queries.tolist() == [0, 2, 3]


def test_rank_finds_the_same_colour_in_another_camera() -> None:
    city = pages((1, 0, RED), (1, 1, RED), (2, 1, BLUE))
    found = ranks(city, likeness(city, ColourEmbedder()))
    assert (found.queries, found.rank(1)) == (2, 1.0)


def test_rank_is_not_led_astray_by_look_alikes_of_the_same_camera() -> None:
    city = pages((1, 0, RED), (2, 0, RED), (1, 1, (150, 60, 60)), (2, 1, BLUE))
    found = ranks(city, likeness(city, ColourEmbedder()))
    assert found.first_match[0] == 1


def test_likeness_takes_the_best_shot_of_a_passage() -> None:
    city = Album(np.array([1, 1]), np.array([0, 1]), ((shot(RED),), (shot(BLUE), shot(RED))))
    assert likeness(city, ColourEmbedder())[0, 1] > 0.99


def test_embedding_of_nothing_is_empty() -> None:
    assert embedded([], ColourEmbedder()).shape == (0, 192)


def test_hard_pairs_take_the_nearest_colour_of_the_true_passages_camera() -> None:
    city = pages((1, 0, RED), (1, 1, RED), (2, 1, BLUE), (3, 1, RED), (3, 2, RED))
    pairs = hard_pairs(city, likeness(city, ColourEmbedder()))
    first = np.flatnonzero(pairs.query == 0)
    assert pairs.same[first].tolist() == [1]
    assert pairs.different[first].tolist() == [3]


def test_hard_pairs_need_somebody_else_in_that_camera() -> None:
    city = pages((1, 0, RED), (1, 1, RED))
    assert len(hard_pairs(city, likeness(city, ColourEmbedder()))) == 0


def test_pair_scores_are_of_query_and_gallery_rows() -> None:
    city = pages((1, 0, RED), (1, 1, RED), (2, 1, BLUE))
    scores = likeness(city, ColourEmbedder())
    pairs = hard_pairs(city, scores)
    same, different = pair_scores(pairs, scores)
    assert same[0] > 0.99 > different[0]
