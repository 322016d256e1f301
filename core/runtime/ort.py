"""ONNX Runtime, behind one door: how its sessions are opened and what its errors become."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any, Literal, get_args

from core.errors import DeviceUnavailable, ModelError, ModelMismatch

Device = Literal["cpu", "cuda", "tensorrt"]

_PROVIDERS: Mapping[str, str] = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
}
_ERRORS_ONLY = 3  # some exporters leave hundreds of warnings in a file that runs well


def available_devices() -> tuple[Device, ...]:
    """The devices that the installed ONNX Runtime has a provider for."""
    there = _onnxruntime().get_available_providers()
    return tuple(device for device in get_args(Device) if _PROVIDERS[device] in there)


def opened(model: str | bytes, name: str, *, device: Device = "cpu", threads: int = 1) -> Any:
    """ONNX Runtime's session of a file's path or content, on just that device.

    It never falls back to another device: `DeviceUnavailable` says what there is. `ModelMismatch`
    if the file is no model.
    """
    provider = _PROVIDERS[device]
    ort = _onnxruntime()
    if provider not in ort.get_available_providers():
        raise DeviceUnavailable(
            f"device {device}: want {provider}, ONNX Runtime here has "
            f"{ort.get_available_providers()}"
        )
    try:
        with translated(ModelMismatch, f"{name}: ONNX Runtime cannot load it"):
            session = ort.InferenceSession(
                model, _options(ort, threads), providers=_chain(device), enable_fallback=False
            )
    except (RuntimeError, ValueError) as error:  # a provider that is there and does not start
        raise DeviceUnavailable(f"device {device}: {error}") from error
    if session.get_providers()[0] != provider:
        raise DeviceUnavailable(f"device {device}: {provider} did not start")
    return session


def _chain(device: Device) -> list[str]:
    """Providers in order; each leaves the operators that it has no kernel for to the next."""
    chain = {"cpu": ["cpu"], "cuda": ["cuda", "cpu"], "tensorrt": ["tensorrt", "cuda", "cpu"]}
    return [_PROVIDERS[name] for name in chain[device]]


def _options(ort: ModuleType, threads: int) -> Any:
    options = ort.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # A thread that spins between two operators takes its core from the decoders.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _onnxruntime() -> ModuleType:
    try:
        import onnxruntime
    except ImportError as error:
        raise DeviceUnavailable(
            "ONNX Runtime is not installed; install casetrace[cpu] or casetrace[cuda]"
        ) from error
    module: ModuleType = onnxruntime
    return module


@cache
def _runtime_errors() -> tuple[type[Exception], ...]:
    """What ONNX Runtime raises; its classes share no base of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    kinds = (kind for kind in vars(state).values() if isinstance(kind, type))
    return tuple(kind for kind in kinds if issubclass(kind, Exception))


@contextmanager
def translated(kind: type[ModelError], what: str) -> Iterator[None]:
    """What ONNX Runtime raises within becomes `kind`, saying `what` failed."""
    try:
        yield
    except _runtime_errors() as error:
        raise kind(f"{what}: {error}") from error
