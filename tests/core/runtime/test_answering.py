"""A process that answers: one thread of BLAS, and nothing loaded that is gone through again."""

import subprocess
import sys

CODE = """
import gc
import numpy, scipy.linalg
from threadpoolctl import threadpool_info
from core.runtime.answering import ready_to_answer
ready_to_answer()
blas = [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]
print(set(blas), gc.get_freeze_count() > 1000)
"""


def test_a_process_is_made_ready_to_answer() -> None:
    """In one of its own, for it stays so."""
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, timeout=600, check=True
    )
    assert done.stdout.strip() == "{1} True"
