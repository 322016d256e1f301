"""How a process that answers questions is set up: for a short wait, not for one large sum."""

import gc

from threadpoolctl import threadpool_limits


def ready_to_answer() -> None:
    """Call it once all is loaded, before the first question.

    Several questions come at once and each keeps several threads of ours busy already: those of
    BLAS, which wait for work by spinning, only take the cores away from them. And what is loaded
    by now stays, so the garbage collector need not go through it in the middle of an answer.
    """
    threadpool_limits(limits=1, user_api="blas")
    gc.collect()
    gc.freeze()
