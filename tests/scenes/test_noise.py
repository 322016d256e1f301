"""The embedding noise: how drawn vectors lie, and that a fit finds what they were drawn with."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.arrays import F32, I64
from core.errors import InvalidInput
from scenes.noise import (
    Drawn,
    EmbeddingNoise,
    FittedNoise,
    Part,
    VectorDraws,
    load_noise,
    save_noise,
)
from scenes.noise_fit import as_figures, fit_noise, resemblance
from scenes.splits import Split

SUBJECTS, CAMERAS, SHOTS = 120, 5, 3


def noise(**changes: object) -> EmbeddingNoise:
    usual = EmbeddingNoise(
        dim=64,
        mean=0.1,
        subject=Part(0.4, 0.15, 0.6),
        camera=Part(0.05, 0.0, 0.5, 0.5),
        passing=Part(0.2, 0.4, 0.5, 0.5),
        shot=Part(0.25, 0.3, 0.3, 0.5),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def labels() -> tuple[I64, I64, I64]:
    """Each subject once in every camera, some shots each: subjects, cameras, tracklets, (N,)."""
    subject, camera, _ = np.meshgrid(
        np.arange(SUBJECTS), np.arange(CAMERAS), np.arange(SHOTS), indexing="ij"
    )
    return subject.ravel(), camera.ravel(), (subject * CAMERAS + camera).ravel()


def drawn(of: EmbeddingNoise, seed: int = 1) -> F32:
    subject, camera, tracklet = labels()
    shots = np.arange(len(subject))
    return VectorDraws(of, seed, Split.TEST).vectors(Drawn(subject, camera, tracklet, shots))


def mean_cosines(vectors: F32) -> dict[str, float]:
    """Of pairs that have only a subject in common, only a camera, a tracklet, or nothing."""
    subject, camera, tracklet = labels()
    products = vectors @ vectors.T
    one_subject, one_camera, one_tracklet = (
        every[:, None] == every for every in (subject, camera, tracklet)
    )
    others = ~np.eye(len(vectors), dtype=np.bool_)
    return {
        "subject": float(products[one_subject & ~one_camera].mean()),
        "camera": float(products[~one_subject & one_camera].mean()),
        "tracklet": float(products[one_tracklet & others].mean()),
        "nothing": float(products[~one_subject & ~one_camera].mean()),
    }


# --- drawing -------------------------------------------------------------------------------------


def test_vectors_are_unit_rows() -> None:
    vectors = drawn(noise())

    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_cosines_without_spread_are_the_parts_that_are_shared() -> None:
    parts = {
        name: replace(getattr(noise(), name), spread=0.0, decay=0.0, overlap=1.0)
        for name in ("subject", "camera", "passing", "shot")
    }

    found = mean_cosines(drawn(noise(dim=512, **parts)))

    # mean, mean + camera, mean + subject, mean + subject + camera + passing
    assert found["nothing"] == pytest.approx(0.10, abs=0.01)
    assert found["camera"] == pytest.approx(0.15, abs=0.01)
    assert found["subject"] == pytest.approx(0.50, abs=0.01)
    assert found["tracklet"] == pytest.approx(0.75, abs=0.01)


def test_vectors_do_not_depend_on_the_batch_or_its_order() -> None:
    subject, camera, tracklet = labels()
    of = Drawn(subject, camera, tracklet, np.arange(len(subject)))
    order = np.random.default_rng(0).permutation(len(subject))[:700]
    mixed = Drawn(*(getattr(of, field)[order] for field in Drawn.__dataclass_fields__))
    draws = VectorDraws(noise(alike=0.5, likeness=0.8), 1, Split.TEST)

    assert np.allclose(draws.vectors(mixed), draws.vectors(of)[order], atol=1e-6)


def test_another_model_sees_the_same_subjects_in_its_own_way() -> None:
    of = Drawn(*(np.arange(100) for _ in range(4)))
    mine, theirs = (VectorDraws(noise(mean=0.0), 1, Split.TEST, model=m) for m in (0, 1))

    cosines = (mine.vectors(of) * theirs.vectors(of)).sum(axis=1)

    assert abs(cosines.mean()) < 0.1


def only_subjects(**changes: object) -> EmbeddingNoise:
    """Noise of which nothing but the subject counts, in a thousand dimensions."""
    nothing = Part(0.0)
    parts = dict.fromkeys(("camera", "passing", "shot"), nothing)
    return noise(dim=1024, mean=0.0, subject=Part(1.0), **parts, **changes)


def cosines_of(draws: VectorDraws, subjects: I64) -> F32:
    vectors = draws.vectors(Drawn(*(subjects for _ in range(4))))
    return np.asarray(vectors @ vectors.T)


def test_subjects_of_one_look_are_alike_however_many_there_are() -> None:
    draws = VectorDraws(only_subjects(alike=1.0, likeness=0.8, looks=1), 1, Split.TEST)

    found = cosines_of(draws, np.arange(50))

    assert found[~np.eye(50, dtype=np.bool_)] == pytest.approx(0.8, abs=0.05)


def test_as_many_pairs_are_alike_as_looks_and_share_say() -> None:
    draws = VectorDraws(only_subjects(alike=0.5, likeness=0.8, looks=5), 1, Split.TEST)

    found = cosines_of(draws, np.arange(400))[np.triu_indices(400, 1)]

    # Both have a look with 1/4, the same one with 1/5 of that.
    assert (found > 0.5).mean() == pytest.approx(0.25 / 5, abs=0.015)


def test_a_rider_resembles_the_same_person_on_foot_by_what_was_measured() -> None:
    mounted = only_subjects(mounted=0.6)
    draws = VectorDraws(mounted, 1, Split.TEST, riders={7: 3})

    found = cosines_of(draws, np.array([3, 7, 9]))

    assert found[0, 1] == pytest.approx(0.6, abs=0.1)
    assert abs(found[1, 2]) < 0.15


def test_a_share_of_no_sense_is_refused() -> None:
    with pytest.raises(InvalidInput, match="shares of 0 to 1"):
        noise(alike=1.5)
    with pytest.raises(InvalidInput, match="a look"):
        noise(looks=0)
    with pytest.raises(InvalidInput, match="finite numbers from 0 on"):
        Part(-0.1)


# --- fitting -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def refitted() -> EmbeddingNoise:
    """What a fit finds in vectors that `noise()` drew."""
    return fit_noise(drawn(noise()), *labels())


@pytest.mark.parametrize("name", ["subject", "camera", "passing", "shot"])
def test_fit_recovers_how_much_each_part_varies(refitted: EmbeddingNoise, name: str) -> None:
    got, wanted = getattr(refitted, name), getattr(noise(), name)

    assert got.variance == pytest.approx(wanted.variance, rel=0.2, abs=0.015)


@pytest.mark.parametrize("name", ["passing", "shot"])
def test_fit_recovers_how_uneven_a_part_is(refitted: EmbeddingNoise, name: str) -> None:
    got, wanted = getattr(refitted, name), getattr(noise(), name)

    assert got.spread == pytest.approx(wanted.spread, abs=0.12)


def test_fit_recovers_what_all_vectors_share(refitted: EmbeddingNoise) -> None:
    assert refitted.mean == pytest.approx(0.1, abs=0.03)


def test_vectors_of_a_fit_are_like_those_it_was_made_from(refitted: EmbeddingNoise) -> None:
    real, like = resemblance(refitted, drawn(noise(), seed=5), *labels())

    assert like.subject == pytest.approx(real.subject, abs=0.03)
    assert like.strangers == pytest.approx(real.strangers, abs=0.03)
    assert like.passing_sigma == pytest.approx(real.passing_sigma, rel=0.2)
    assert like.rank1 == pytest.approx(real.rank1, abs=0.06)


def test_fit_refuses_too_few_subjects() -> None:
    subject, camera, tracklet = labels()
    few = subject < 5

    with pytest.raises(InvalidInput, match="want 10 subjects or more"):
        fit_noise(drawn(noise())[few], subject[few], camera[few], tracklet[few])


def test_fit_refuses_tracklets_of_one_vector() -> None:
    subject, camera, _ = labels()

    with pytest.raises(InvalidInput, match="tracklets of two vectors"):
        fit_noise(drawn(noise()), subject, camera, np.arange(len(subject)))


# --- its file ------------------------------------------------------------------------------------


def test_saved_noise_is_read_as_it_was_written(tmp_path: Path) -> None:
    one = FittedNoise("m@0", "nothing real", noise(), {"subject": 0.5}, {"subject": 0.6})

    save_noise({"person": one}, tmp_path / "noise.json")

    assert load_noise(tmp_path / "noise.json") == {"person": one}


@pytest.mark.parametrize("content", ["", "[]", '{"person": {}}', '{"person": {"noise": 3}}'])
def test_a_file_that_holds_no_noise_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "noise.json"
    path.write_text(content)

    with pytest.raises(InvalidInput, match="want fitted noise by family"):
        load_noise(path)


def test_bundled_noise_says_where_it_came_from_and_resembles_it() -> None:
    bundled = load_noise()

    assert set(bundled) == {"person", "vehicle"}
    for fitted in bundled.values():
        assert fitted.model
        assert fitted.fitted_on
        assert set(fitted.real) == set(fitted.drawn)
        assert fitted.drawn["subject"] == pytest.approx(fitted.real["subject"], abs=0.02)
        assert fitted.drawn["stranger_tail"] == pytest.approx(
            fitted.real["stranger_tail"], abs=0.02
        )
        # Vehicles of one look are drawn fewer than there are: rank 1 is 0.11 too good there.
        assert fitted.drawn["rank1"] == pytest.approx(fitted.real["rank1"], abs=0.12)


def test_figures_are_named() -> None:
    real, _ = resemblance(noise(), drawn(noise()), *labels())

    assert json.loads(json.dumps(as_figures(real)))["rank1"] == real.rank1
