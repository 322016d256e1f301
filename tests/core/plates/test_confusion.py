from pathlib import Path

import numpy as np
import pytest

from core.errors import InvalidInput, StorageCorrupt
from core.plates import confusion as module
from core.plates.alphabet import ALPHABET, index_of
from core.plates.confusion import (
    Confusion,
    default_confusion,
    learned,
    load_confusion,
    save_confusion,
    save_slips,
    slips,
)


def chance(confusion: Confusion, true: str, seen: str) -> float:
    return float(confusion.seen_given_true[index_of(true)[0], index_of(seen)[0]])


def test_default_rows_are_chances_and_mostly_right() -> None:
    matrix = default_confusion().seen_given_true
    np.testing.assert_allclose(matrix.sum(axis=1), 1.0)
    assert np.diag(matrix).min() >= 0.9 - 1e-9


@pytest.mark.parametrize(
    ("true", "alike", "unlike"),
    [("0", "O", "7"), ("8", "B", "1"), ("5", "S", "W"), ("2", "Z", "M"), ("京", "琼", "蒙")],
)
def test_default_takes_a_sign_for_its_look_alike_first(true: str, alike: str, unlike: str) -> None:
    confusion = default_confusion()
    assert chance(confusion, true, alike) > 5 * chance(confusion, true, unlike)
    assert chance(confusion, true, unlike) > chance(confusion, true, "挂" if true < "A" else "0")


def test_learned_from_no_pairs_is_the_prior() -> None:
    prior = default_confusion()
    confusion = learned([], prior=prior)
    np.testing.assert_allclose(confusion.seen_given_true, prior.seen_given_true)
    assert (confusion.missing, confusion.extra) == pytest.approx((prior.missing, prior.extra))


def test_learned_from_many_pairs_is_what_they_show() -> None:
    pairs = [("京A88888", "京A88888")] * 600 + [("京A88888", "京AB8888")] * 400
    confusion = learned(pairs)
    assert chance(confusion, "8", "B") == pytest.approx(400 / 5000, rel=0.03)
    assert chance(confusion, "京", "京") > 0.99


def test_learned_counts_a_missing_and_an_extra_sign() -> None:
    confusion = learned([("京A12345", "京A1245")] * 1000, strength=1.0)
    assert confusion.missing == pytest.approx(1 / 7, rel=0.01)
    assert confusion.extra < 0.01
    confusion = learned([("京A12345", "京A123445")] * 1000, strength=1.0)
    assert confusion.extra == pytest.approx(1 / 8, rel=0.01)
    assert confusion.missing < 0.01


def test_learned_stays_a_confusion_when_every_sign_is_missed() -> None:
    assert learned([("A1", "")] * 10_000, strength=1.0).missing == 0.49


def test_learned_names_a_sign_outside_the_alphabet() -> None:
    with pytest.raises(InvalidInput, match="got '!'"):
        learned([("A!", "A1")])


def test_saved_and_loaded_is_the_same(tmp_path: Path) -> None:
    confusion = learned([("京A12345", "京A1234S")] * 3)
    save_confusion(confusion, tmp_path / "confusion.json")
    again = load_confusion(tmp_path / "confusion.json")
    np.testing.assert_array_equal(again.seen_given_true, confusion.seen_given_true)
    assert (again.missing, again.extra) == (confusion.missing, confusion.extra)


@pytest.mark.parametrize(
    "content", ["", "{}", "[1]", '{"format": "other", "alphabet": "01"}', "\0"]
)
def test_load_of_something_else_is_corrupt(tmp_path: Path, content: str) -> None:
    path = tmp_path / "confusion.json"
    path.write_text(content)
    with pytest.raises(StorageCorrupt, match="casetrace-plate-confusion-1"):
        load_confusion(path)


def test_load_of_no_file_is_corrupt(tmp_path: Path) -> None:
    with pytest.raises(StorageCorrupt):
        load_confusion(tmp_path / "missing.json")


def test_confusion_refuses_rows_that_are_no_chances() -> None:
    with pytest.raises(InvalidInput, match="want rows of chances"):
        Confusion(np.full((len(ALPHABET), len(ALPHABET)), 0.5), missing=0.1, extra=0.1)


@pytest.mark.parametrize("rate", [0.0, 0.5, float("nan")])
def test_confusion_refuses_a_rate_that_is_no_small_chance(rate: float) -> None:
    with pytest.raises(InvalidInput, match="extra: want a chance"):
        Confusion(default_confusion().seen_given_true, missing=0.1, extra=rate)


def test_slips_that_were_counted_are_of_other_signs_and_of_every_sign() -> None:
    counted = slips()
    assert counted.shape == (len(ALPHABET), len(ALPHABET))
    assert not np.diag(counted).any()
    assert counted[index_of("8"), index_of("B")] > counted[index_of("8"), index_of("W")]


def test_what_is_counted_decides_on_which_sign_a_mistake_falls() -> None:
    row = index_of("8")[0]
    often, seldom = np.argsort(-slips()[row])[[0, 40]]
    believed = default_confusion().seen_given_true[row]
    assert believed[often] > 3 * believed[seldom]
    assert believed[row] == pytest.approx(0.95, abs=0.01)


def test_saved_slips_come_back_but_for_what_is_hardly_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = np.zeros((len(ALPHABET), len(ALPHABET)))
    counts[3, [5, 6, 7]] = 80.0, 19.8, 0.2
    save_slips(counts, tmp_path / "slips.json", "by hand")
    monkeypatch.setattr(module, "_SLIPS", tmp_path / "slips.json")
    back = slips.__wrapped__()
    assert back[3, [5, 6, 7]].tolist() == [80.0, 19.8, 0.0]
    assert back.sum() == pytest.approx(99.8)


@pytest.mark.parametrize("text", ["", "[]", '{"format": "other", "slips": {}}', '{"format": 1}'])
def test_slips_of_another_kind_are_named(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "slips.json").write_text(text, encoding="utf-8")
    monkeypatch.setattr(module, "_SLIPS", tmp_path / "slips.json")
    with pytest.raises(StorageCorrupt, match="casetrace-plate-slips-1"):
        slips.__wrapped__()
