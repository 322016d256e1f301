"""Cards say what was measured, and `unknown` where nothing was."""

from training.cards import card, real_figures
from training.declared import detector_spec, embedder_spec, finder_spec, reader_spec

TRAINING = {
    "seed": 1,
    "versions": {"torch": "2"},
    "history": [{"steps": 10, "ap50": 0.5, "ap50.car": 0.75}, {"steps": 20}],
}
SHARE = {"share": 0.9, "low": 0.8, "high": 0.95, "n": 40, "identities": 12}
RESULTS = {
    "held_out_cities": 4,
    "errors": {
        "threshold_llr": 2.3,
        "missed": SHARE,
        "misled": SHARE,
        "gallery": 50.0,
        "absent_alarm": SHARE,
    },
    "ranking": {
        "rank1": SHARE,
        "rank5": SHARE,
        "map": 0.7,
        "slices": {"light": {"day": SHARE}},
        "camera_pairs": {"pairs": 9, "worst": 0.5, "median": 0.8, "best": 1.0},
    },
    "calibration": {"cllr": 0.3, "min_cllr": 0.25, "ece": 0.05},
    "riders": None,
}


def test_card_of_a_detector_says_unknown_for_classes_that_were_not_seen() -> None:
    text = card(detector_spec("a" * 64), TRAINING, None, None)
    assert "| mean | 0.500 |" in text
    assert "| car | 0.750 |" in text
    assert "| bus | unknown |" in text
    assert "20 steps" in text


def test_card_of_an_embedder_has_every_figure_with_its_interval() -> None:
    spec = embedder_spec("person", "a" * 64)
    text = card(spec, {**TRAINING, "identities": 99}, RESULTS, {"rank-1, Market-1501": 0.25})
    assert text.count("0.900 (0.800 to 0.950; 40 of 12 identities)") == 6
    assert "although the subject is absent, 50 passages" in text
    assert "| calibration: Cllr, bits | 0.300 |" in text
    assert "worst 0.500, median 0.800, best 1.000 of 9 pairs" in text
    assert "| rank-1, Market-1501 | 0.250 |" in text
    assert "similar appearance" in text


def test_card_without_results_says_unknown() -> None:
    spec = embedder_spec("person", "a" * 64)
    text = card(spec, TRAINING, None, None)
    assert "Error rates, ranks and calibration: unknown." in text
    assert "## On real footage\n\nUnknown." in text


def test_real_figures_are_taken_from_the_report_by_model() -> None:
    report = {"figures": {"market1501.rank1": 0.25, "market1501.queries": 492, "other": 1.0}}
    assert list(real_figures("person", report).values()) == [0.25, 492]
    assert real_figures("vehicle", report) == {}
    assert real_figures("person", None) == {}


PLATE_TRAINING = {
    "seed": 1,
    "versions": {"torch": "2"},
    "history": [{"steps": 10, "exact": 0.5, "exact.12px": 0.1, "found": 0.7}, {"steps": 20}],
}


def test_card_of_a_plate_model_says_what_was_drawn_and_how_good_by_width() -> None:
    reader = card(reader_spec("a" * 64), PLATE_TRAINING, None, {"exact, 9 photographs of a": 0.5})
    assert "Reads a plate made level" in reader
    assert "plates that `training/plates/` draws" in reader
    assert "| any | 0.500 |" in reader
    assert "| 12 px | 0.100 |" in reader
    assert "| exact, 9 photographs of a | 0.500 |" in reader
    finder = card(finder_spec("a" * 64), PLATE_TRAINING, None, None)
    assert "| any | 0.700 |" in finder
    assert "no single read is evidence" in finder


def test_real_figures_of_plates_are_shares_by_set() -> None:
    report = {
        "figures": {
            "plates.cn.n": 9,
            "plates.cn.exact": 0.5,
            "plates.cn.exact.low": 0.2,
            "plates.cn.lprnet.exact": 0.9,
            "plates.us.n": 4,
            "plates.us.found": 0.75,
        }
    }
    assert real_figures("reader", report) == {"exact, 9 photographs of cn": 0.5}
    assert real_figures("finder", report) == {"found, 4 photographs of us": 0.75}
