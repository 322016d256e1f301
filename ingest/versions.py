"""What decodes here, for `doctor`."""

import av


def versions() -> dict[str, str]:
    """Names and versions of PyAV and of the FFmpeg libraries inside it."""
    libraries = {
        name: ".".join(map(str, parts)) for name, parts in sorted(av.library_versions.items())
    }
    return {"pyav": av.__version__, **libraries}
