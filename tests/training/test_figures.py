"""Figures of an embedder on passages: intervals by identity, errors, slices."""

from collections.abc import Sequence

import cv2
import numpy as np

from core.arrays import F32
from core.types import Family
from reid.fake import ColourEmbedder
from training.figures import City, by_identity, camera_pairs, errors, ranking

Colour = tuple[int, int, int]
RED, GREEN, BLUE, PINK = (220, 20, 20), (20, 200, 30), (20, 30, 220), (220, 60, 60)


class Line:
    """A calibration: ten nats for a cosine of 1, none at a half."""

    model = "colour"

    def llr(self, cosine: F32) -> F32:
        return np.asarray((cosine - 0.5) * 20, np.float32)


def city(rows: Sequence[tuple[int, int, Colour]]) -> City:
    """A city of passages (identity, camera, colour), judged by their colours alone."""
    from benchmarks.pages import Page, album_of

    pages = []
    for identity, camera, colour in rows:
        rgb = np.full((96, 48, 3), colour[::-1], np.uint8)
        _, content = cv2.imencode(".jpg", rgb)
        shots = (content.tobytes(),)
        pages.append(Page(Family.PERSON, identity, camera, "day", "clear", 96.0, shots))
    return City(*album_of(pages, Family.PERSON), ColourEmbedder())


EASY = [(who, camera, (RED, GREEN, BLUE)[who]) for who in range(3) for camera in range(2)]


def test_interval_counts_an_identity_once_however_often_it_is_seen() -> None:
    often = by_identity(np.array([True] * 99 + [False]), np.array([0] * 99 + [1]))
    assert often["share"] == 0.99
    assert often["low"] == 0.0  # both draws may be the one that was missed
    assert (often["n"], often["identities"]) == (100, 2)


def test_distinct_colours_are_all_found() -> None:
    found = ranking([city(EASY)])
    assert found["rank1"]["share"] == 1.0
    assert found["queries"] == 6
    assert found["slices"]["size"] == {"80 to 128 px": found["rank1"]}


def test_errors_are_those_of_the_threshold() -> None:
    found = errors([city(EASY)], Line())
    assert found["missed"]["share"] == 0.0
    assert found["misled"]["share"] == 0.0
    assert found["absent_alarm"]["share"] == 0.0
    assert found["gallery"] == 2.0


def test_a_look_alike_is_one_of_many_strangers() -> None:
    rows = [*EASY, (3, 0, PINK), (3, 1, PINK)]
    found = city(rows)
    _, alike, _ = found.pairs()
    same, different, who = found.strangers()
    assert len(same) == len(who) == 8
    assert len(different) == 8 * 3
    assert alike.mean() > different.mean()


def test_look_alike_raises_an_alarm_when_the_subject_is_absent() -> None:
    twins = [(0, 0, RED), (0, 1, RED), (1, 0, RED), (1, 1, RED)]
    found = errors([city(twins)], Line())
    assert found["misled"]["share"] == 1.0
    assert found["absent_alarm"]["share"] == 1.0


def test_pairs_of_cameras_with_few_queries_are_left_out() -> None:
    assert camera_pairs([city(EASY)]) == {}
    many = [(who, camera, (who * 20, 255 - who * 20, 128)) for who in range(6) for camera in (0, 1)]
    assert camera_pairs([city(many)])["pairs"] == 2
