"""What runs models here, for `doctor`."""

import onnxruntime


def versions() -> dict[str, str]:
    """The version of ONNX Runtime, and its providers in order of preference."""
    return {
        "onnxruntime": onnxruntime.__version__,
        "providers": ", ".join(onnxruntime.get_available_providers()),
    }
