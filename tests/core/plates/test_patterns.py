import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput, TooLarge
from core.plates.alphabet import ALPHABET
from core.plates.patterns import LONGEST_PATTERN, LONGEST_QUERY, Pattern, parse_pattern
from tests.core.plates.builders import CALM

ANY_SIGNS = st.one_of(
    st.integers(0x00, 0x24F), st.integers(0x4E00, 0x4EFF), st.integers(0x1F600, 0x1F6FF)
).map(chr)
QUERIES = st.lists(st.one_of(st.sampled_from(ALPHABET + "?*·- "), ANY_SIGNS), max_size=80)
PATTERNS = st.text(alphabet=ALPHABET + "?*", min_size=1, max_size=LONGEST_PATTERN)


@pytest.mark.parametrize(
    ("query", "slots", "runs"),
    [
        ("A1", "A1", "---"),
        ("京?*5", "京?5", "--*-"),
        ("*A*", "A", "**"),
        ("**A", "A", "*-"),
        ("a·１？", "A1?", "----"),  # noqa: RUF001
    ],
)
def test_parse_reads_signs_and_wildcards(query: str, slots: str, runs: str) -> None:
    pattern = parse_pattern(query)
    assert "".join(pattern.slots) == slots
    assert pattern.runs == tuple(run == "*" for run in runs)


@pytest.mark.parametrize("query", ["", "   ", "·-·", "\t\n", "\u200b"])
def test_parse_of_nothing_says_so(query: str) -> None:
    with pytest.raises(InvalidInput, match="got nothing"):
        parse_pattern(query)


@pytest.mark.parametrize("query", ["*", "?", "???????", "?*?", "＊", "* * *"])  # noqa: RUF001
def test_parse_of_bare_wildcards_is_refused(query: str) -> None:
    with pytest.raises(InvalidInput, match="at least one sign that is known"):
        parse_pattern(query)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("🚗", "🚗"),
        ("' OR 1=1 --", "' ="),
        ("%A%", "%"),
        ("A_12", "_"),
        ("^A[0-9]+$", r"\$ \+ \[ \] \^"),
        (".*(A|B){3}", r"\( \) \{ \| \}"),
        ("A\x00B", r"U\+0000"),
        ("猫A123", "猫"),
        ("ЖA123", "Ж"),
        ("A/1\\2", r"/ \\"),
        ("<script>", "< >"),
    ],
)
def test_parse_names_the_signs_that_no_plate_bears(query: str, named: str) -> None:
    with pytest.raises(InvalidInput, match=f"got {named}$"):
        parse_pattern(query)


def test_parse_of_a_pattern_beyond_the_limit_says_the_limit() -> None:
    with pytest.raises(TooLarge, match="want at most 16 signs, got 17"):
        parse_pattern("A" * (LONGEST_PATTERN + 1))


def test_parse_of_200_characters_is_refused_unread() -> None:
    with pytest.raises(TooLarge, match=f"want at most {LONGEST_QUERY} characters, got 200"):
        parse_pattern("京" * 200)


@given(QUERIES.map("".join))
@CALM
def test_parse_of_anything_answers_or_raises_invalid_input(query: str) -> None:
    try:
        pattern = parse_pattern(query)
    except InvalidInput as error:
        assert str(error).startswith("plate: want ")  # noqa: PT017 - either end is right
    else:
        assert pattern.known
        assert len(pattern.slots) <= LONGEST_PATTERN


@given(PATTERNS.filter(lambda text: bool(set(text) - {"?", "*"})))
@CALM
def test_a_pattern_written_and_parsed_again_is_the_same(text: str) -> None:
    pattern = parse_pattern(text)
    assert parse_pattern(str(pattern)) == pattern


@pytest.mark.parametrize(
    ("query", "chance"), [("京A12345", 0.05), ("京A?2345", 0.05), ("12345", 0.5), ("345", 0.95)]
)
def test_part_chance_follows_the_forms_that_fit(query: str, chance: float) -> None:
    assert parse_pattern(query).part_chance == chance


def test_a_star_pins_the_ends() -> None:
    assert parse_pattern("京*").part_chance == 0.0


def test_fragments_are_runs_of_known_signs() -> None:
    assert parse_pattern("京A?12*").fragments == ("京A", "12")


def test_columns_and_known_leave_unknown_signs_out() -> None:
    pattern = parse_pattern("?A1")
    assert pattern.known == (1, 2)
    assert pattern.columns.tolist() == [10, 1]


def test_pattern_of_wildcards_alone_cannot_be_made() -> None:
    with pytest.raises(InvalidInput, match="slots: want"):
        Pattern(("?",), (False, False))
