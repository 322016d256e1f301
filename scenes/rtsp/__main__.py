"""Video files as cameras, to try a player or an installation: `python -m scenes.rtsp FILE...`"""

import argparse
import re
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from core.errors import CaseTraceError
from scenes.rtsp.broadcast import Mount
from scenes.rtsp.server import CameraServer
from scenes.rtsp.sources import Clip


def main(arguments: Sequence[str] | None = None, *, until: threading.Event | None = None) -> int:
    """Serve until interrupted (or until `until` is set); the exit code."""
    options = _parser().parse_args(arguments)
    try:
        with CameraServer(
            _mounts(options.file, loop=not options.once), host=options.host, port=options.port
        ) as server:
            for name in server.names:
                sys.stdout.write(f"{server.url(name)}\n")
            sys.stdout.flush()
            (until or threading.Event()).wait()
    except CaseTraceError as error:
        sys.stderr.write(f"error[{error.code}]: {error}\n")
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scenes.rtsp", description=__doc__)
    parser.add_argument("file", nargs="+", type=Path, help="H.264 or H.265 in MP4, Matroska ...")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at")
    parser.add_argument("--port", type=int, default=8554, help="0 takes any free one")
    parser.add_argument("--once", action="store_true", help="end with the file, do not loop")
    return parser


def _mounts(files: Sequence[Path], *, loop: bool) -> dict[str, Mount]:
    """A mount per file, called as the file is; equal names are numbered."""
    mounts: dict[str, Mount] = {}
    for path in files:
        name = stem = re.sub(r"[^A-Za-z0-9._~-]", "-", path.stem)[:60] or "camera"
        for number in range(2, len(files) + 2):
            if name not in mounts:
                break
            name = f"{stem}-{number}"
        mounts[name] = Mount(Clip(path, loop=loop))
    return mounts


if __name__ == "__main__":
    sys.exit(main())
