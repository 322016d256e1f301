"""LPRNet's public weights give what their authors say, about."""

import os
from pathlib import Path

import pytest

from benchmarks.plate_lprnet import FILE
from benchmarks.plate_reads import lprnet_figures

DATA = Path(
    os.environ.get("CASETRACE_TESTDATA") or Path(__file__).parents[2] / "../shared/testdata"
)


@pytest.mark.testdata
@pytest.mark.skipif(
    not (DATA / "weights" / "plate" / FILE).is_file(), reason=f"no {FILE} below {DATA}"
)
def test_lprnet_reads_nine_crops_in_ten() -> None:
    figures = lprnet_figures(DATA, "guide")
    assert 0.86 < figures["plates.cn_crops_lprnet.lprnet.exact"] < 0.96
