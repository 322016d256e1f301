"""How a process that answers questions is set up: for a short wait, not for one large sum."""

import gc

import numpy as np
from threadpoolctl import threadpool_limits

_USUAL_ARRAY_BYTES = 31 << 20  # 32 MiB is the most that glibc keeps


def ready_to_answer() -> None:
    """Call it once all is loaded, before the first question.

    Several questions come at once and each keeps several threads of ours busy already: those of
    BLAS, which wait for work by spinning, only take the cores away from them. And what is loaded
    by now stays, so the garbage collector need not go through it in the middle of an answer. An
    array of megabytes is given back to the system when it is freed and has to be mapped anew, page
    by page, until the allocator (glibc's) has seen one of its size freed.
    """
    threadpool_limits(limits=1, user_api="blas")
    np.empty(_USUAL_ARRAY_BYTES, np.uint8)  # and freed again
    gc.collect()
    gc.freeze()
