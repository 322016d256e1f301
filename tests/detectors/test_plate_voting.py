import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.arrays import F32
from core.errors import InvalidInput
from core.plates.alphabet import ABSENT, index_of, likeliest_text
from core.types import PlateRead
from detectors.plate_quality import ReadQuality
from detectors.plate_voting import MOST_READS, PlateVoter, read_of_text
from tests.core.plates.builders import CALM, logs, padded, reading
from tests.detectors.plate_noise import NoisyReader, plate_read

VOTER = PlateVoter()


def voted(*texts: str, apart_s: float = 1.0, sure: float = 0.9) -> str:
    reads = [
        plate_read(reading(text, sure=sure), at_s=apart_s * place)
        for place, text in enumerate(texts)
    ]
    return likeliest_text(VOTER.vote(1, reads).log_probs)


def test_one_read_in_is_that_read_out() -> None:
    read = plate_read(padded(reading("京A12345"), 2))
    posterior = VOTER.vote(7, [read])
    np.testing.assert_array_equal(posterior.log_probs, read.log_probs)
    assert (posterior.tracklet_id, posterior.layout, posterior.colour) == (7, "cn_blue", "blue")
    assert posterior.reads == (read,)


def test_rows_of_the_vote_are_chances() -> None:
    reads, qualities = NoisyReader(3).tracklet("京A12345", 6)
    posterior = VOTER.vote(1, reads, qualities)
    assert posterior.log_probs.dtype == np.float32
    np.testing.assert_allclose(np.exp(posterior.log_probs).sum(axis=1), 1.0, rtol=1e-4)


def test_two_equal_reads_are_surer_than_one() -> None:
    read = reading("京A12345", sure=0.6)
    posterior = VOTER.vote(1, [plate_read(read), plate_read(read, at_s=60.0)])
    assert np.all(posterior.log_probs.max(axis=1) > read.max(axis=1))


def test_the_same_frame_twice_is_hardly_surer_than_once() -> None:
    read = reading("9ZX7Q2", sure=0.6)
    once = np.exp(read.max(axis=1))
    twice = VOTER.vote(1, [plate_read(read), plate_read(read)]).log_probs
    later = VOTER.vote(1, [plate_read(read), plate_read(read, at_s=60.0)]).log_probs
    gain_twice = np.exp(twice.max(axis=1)) - once
    gain_later = np.exp(later.max(axis=1)) - once
    assert np.all(gain_twice < gain_later)


@pytest.mark.parametrize(
    "texts",
    [
        ("京A12345", "京A12B45", "京A12345"),
        ("京A1245", "京A12345", "京A12345"),
        ("京A12345", "京A123345", "京A12345"),
        ("A12345", "京A12345", "京A1234", "京A12345"),
        ("京A1234S", "琼A12345", "京A1Z345", "京4A12345"),
    ],
)
def test_slips_of_single_reads_are_outvoted(texts: tuple[str, ...]) -> None:
    assert voted(*texts) == "京A12345"


def test_a_sign_that_one_of_many_reads_invented_is_left_out() -> None:
    reads = [plate_read(reading("京A12345"), at_s=s) for s in range(5)]
    reads.append(plate_read(reading("京A123945"), at_s=9))
    assert likeliest_text(VOTER.vote(1, reads).log_probs) == "京A12345"


def test_doubt_of_many_reads_outlives_one_sure_slip() -> None:
    torn = logs(0.6 * np.exp(reading("京A12845")) + 0.4 * np.exp(reading("京A12B45")))
    reads = [plate_read(torn, at_s=s) for s in range(6)]
    reads.append(plate_read(reading("京A12B45", sure=0.99), at_s=9))
    chances = np.exp(VOTER.vote(1, reads).log_probs[4])
    assert 0.02 < chances[8] < 0.98


def test_void_positions_do_not_become_signs() -> None:
    reads = [plate_read(padded(reading("京A12345"), 3), at_s=s) for s in range(3)]
    posterior = VOTER.vote(1, reads)
    assert len(posterior.log_probs) == 7
    assert np.exp(posterior.log_probs[:, ABSENT]).max() < 0.1


def test_reads_of_nothing_give_a_posterior_of_no_position() -> None:
    reads = [plate_read(padded(reading(""), 3), at_s=s) for s in range(2)]
    assert VOTER.vote(1, reads).log_probs.shape == (0, ABSENT + 1)


def test_a_large_sharp_read_outweighs_small_smeared_ones() -> None:
    reads = [plate_read(reading("京A12345", sure=0.9))]
    reads += [plate_read(reading("京A12745", sure=0.9), at_s=10.0 * s) for s in (1, 2)]
    qualities = [ReadQuality(150.0), *[ReadQuality(20.0, sharpness=0.3, angle_deg=60.0)] * 2]
    assert likeliest_text(VOTER.vote(1, reads, qualities).log_probs) == "京A12345"


def test_the_layout_settles_what_the_reads_leave_open() -> None:
    torn = logs(0.5 * np.exp(reading("京A123O5")) + 0.5 * np.exp(reading("京A12305")))
    posterior = VOTER.vote(1, [plate_read(torn), plate_read(torn, at_s=5.0)])
    assert likeliest_text(posterior.log_probs) == "京A12305"


def test_the_layout_never_overrules_clear_reads() -> None:
    assert voted("OI挂Q京7", "OI挂Q京7", "OI挂Q京7", sure=0.97) == "OI挂Q京7"


def test_layout_and_colour_are_elected_among_those_that_say_one() -> None:
    rows = reading("京A12345")
    reads = [
        plate_read(rows, layout="unknown", colour=""),
        plate_read(rows, at_s=5, layout="cn_yellow", colour="yellow"),
        plate_read(rows, at_s=10, layout="unknown", colour=""),
    ]
    posterior = VOTER.vote(1, reads)
    assert (posterior.layout, posterior.colour) == ("cn_yellow", "yellow")


def expecting(sign: str, chance: float = 0.15) -> F32:
    """What a reader says of nothing that expects `sign` more than others, at each of 7 places."""
    chances = np.full((7, ABSENT + 1), (1 - chance) / ABSENT)
    chances[:, index_of(sign)[0]] = chance
    return logs(chances)


def test_reads_of_nothing_do_not_add_up_to_what_their_reader_expects() -> None:
    silence = expecting("7")
    nothing = [plate_read(silence, at_s=3.0 * at) for at in range(20)]
    plain = VOTER.vote(1, nothing).log_probs
    voiced = PlateVoter(silence=silence).vote(1, nothing).log_probs
    seven = index_of("7")[0]
    assert np.exp(plain[1:, seven]).min() > 0.4
    assert np.exp(voiced[1:, seven]).max() < 0.1


def test_what_was_seen_once_stands_against_many_reads_of_nothing() -> None:
    silence = expecting("7")
    faint = logs(0.6 * np.exp(silence) + 0.4 * np.exp(reading("京A12345", sure=1.0)))
    reads = [plate_read(faint), *[plate_read(silence, at_s=3.0 * at) for at in range(1, 20)]]
    assert likeliest_text(PlateVoter(silence=silence).vote(1, reads).log_probs) == "京A12345"


def test_a_stated_plate_and_one_read_alone_stay_as_they_are() -> None:
    voter = PlateVoter(silence=expecting("7"))
    stated = [read_of_text("京A77777", 0.9, device_ns=at) for at in (0, 10**10)]
    assert likeliest_text(voter.vote(1, stated).log_probs) == "京A77777"
    alone = plate_read(reading("京A77777", sure=0.5))
    np.testing.assert_array_equal(voter.vote(1, [alone]).log_probs, alone.log_probs)


def test_a_reader_that_is_sure_of_even_pictures_is_not_believed_to_expect_that() -> None:
    sure = PlateVoter(silence=reading("京A12345", sure=0.98))
    reads = [plate_read(reading("京A12345", sure=0.9), at_s=5.0 * at) for at in range(2)]
    assert likeliest_text(sure.vote(1, reads).log_probs) == "京A12345"


@given(st.permutations(range(6)))
@CALM
def test_the_order_of_reads_does_not_matter(order: list[int]) -> None:
    reads, qualities = NoisyReader(11).tracklet("京A1B345", 6)
    plain = VOTER.vote(1, reads, qualities)
    mixed = VOTER.vote(1, [reads[i] for i in order], [qualities[i] for i in order])
    np.testing.assert_array_equal(mixed.log_probs, plain.log_probs)


def test_voting_beats_the_best_single_read() -> None:
    reader, right = NoisyReader(1), np.zeros(3)
    for _ in range(60):
        plate = reader.plate()
        reads, qualities = reader.tracklet(plate, 8)
        surest = max(reads, key=lambda read: float(read.log_probs.max(axis=1).sum()))
        posterior = VOTER.vote(1, reads, qualities)
        answers = (posterior.log_probs, reads[-1].log_probs, surest.log_probs)
        right += [likeliest_text(rows) == plate for rows in answers]
    voting, largest, surest_one = right / 60
    assert voting >= max(largest, surest_one) + 0.15
    assert voting >= 0.9


def test_more_reads_than_may_vote_are_all_kept() -> None:
    reads = [plate_read(reading("A1"), at_s=s) for s in range(MOST_READS + 5)]
    assert len(VOTER.vote(1, reads).reads) == MOST_READS + 5


def test_no_read_at_all_is_refused() -> None:
    with pytest.raises(InvalidInput, match="want at least one"):
        VOTER.vote(1, [])


def test_another_number_of_qualities_is_refused() -> None:
    with pytest.raises(InvalidInput, match="got 1 and 2 qualities"):
        VOTER.vote(1, [plate_read(reading("A1"))], [ReadQuality(50.0)] * 2)


def text_read(text: str, confidence: float | list[float] = 0.9) -> PlateRead:
    return read_of_text(text, confidence, device_ns=5)


def test_a_checkpoints_text_is_a_read_of_it() -> None:
    read = text_read("京a·12345", 0.9)
    assert likeliest_text(read.log_probs) == "京A12345"
    np.testing.assert_allclose(np.exp(read.log_probs).sum(axis=1), 1.0, rtol=1e-5)
    assert read.device_ns == 5


def test_confidence_left_open_falls_on_look_alikes_first() -> None:
    chances = np.exp(text_read("京A12348", 0.8).log_probs[6])
    assert chances[8] == pytest.approx(0.8, abs=0.01)
    assert chances[11] > 10 * chances[12]  # B against C


def test_confidence_may_differ_by_sign() -> None:
    best = np.exp(text_read("A1", [0.9, 0.4]).log_probs).max(axis=1)
    assert best == pytest.approx([0.9, 0.4], abs=0.02)


def test_an_unreadable_sign_says_that_there_is_one() -> None:
    read = text_read("京A*2345")
    assert len(read.log_probs) == 7
    assert np.ptp(read.log_probs[2]) == 0.0


def test_a_checkpoints_read_joins_the_vote() -> None:
    torn = logs(0.5 * np.exp(reading("京A12845")) + 0.5 * np.exp(reading("京A12B45")))
    reads = [plate_read(torn, at_s=s) for s in range(3)]
    without = VOTER.vote(1, reads).log_probs[4]
    joined = VOTER.vote(1, [*reads, text_read("京A12B45")]).log_probs[4]
    letter_b = index_of("B")[0]
    assert joined[letter_b] - joined[8] > without[letter_b] - without[8] + 0.5


@pytest.mark.parametrize("text", ["", "  ", "***", "无牌", "A!"])
def test_a_text_that_names_no_plate_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="plate"):
        text_read(text)


@pytest.mark.parametrize("confidence", [1.5, -0.1, float("nan"), [0.9, 2.0]])
def test_a_confidence_that_is_no_chance_is_refused(confidence: float | list[float]) -> None:
    with pytest.raises(InvalidInput, match="confidence: want 0 to 1"):
        text_read("A1", confidence)


def test_confidences_of_another_number_are_refused() -> None:
    with pytest.raises(InvalidInput, match="got 'A1' and 3 confidences"):
        text_read("A1", [0.9, 0.9, 0.9])
