"""Array types and the one check that each structure of arrays runs when it is made."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidInput

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
U8 = NDArray[np.uint8]
Bool = NDArray[np.bool_]


def checked(field: str, value: Any, dtype: type[np.generic], *shape: int | str) -> None:
    """Raise `InvalidInput` unless `value` is an array of `dtype` and `shape`.

    A number in `shape` must match; a letter stands for any length.
    """
    if (
        isinstance(value, np.ndarray)
        and value.dtype == np.dtype(dtype)
        and value.ndim == len(shape)
    ):
        for wanted, got in zip(shape, value.shape, strict=True):
            if wanted != got and not isinstance(wanted, str):
                break
        else:
            return
    letters = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
    raise InvalidInput(f"{field}: want {np.dtype(dtype).name} ({letters}), got {described(value)}")


def described(value: Any) -> str:
    """`float64 (3, 4)` for an array, the type's name for anything else."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype.name} {value.shape}"
    return type(value).__name__


def same_length(**arrays: NDArray[Any]) -> int:
    """The common first length of `arrays`; `InvalidInput` names those that differ."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise InvalidInput(f"lengths differ: {', '.join(f'{n}={v}' for n, v in lengths.items())}")
    return next(iter(lengths.values()))
