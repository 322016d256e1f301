"""ONNX Runtime keeps nothing to send home, whatever the environment says."""

import os
import subprocess
import sys
from pathlib import Path

from core.runtime.catalogue import BUNDLED

_RUN = """
import sys
from pathlib import Path
from core.runtime.models import ModelFolder
from core.runtime.session import OnnxSession
models = ModelFolder(Path(sys.argv[1]))
OnnxSession(models.path("city-person"), models.spec("city-person"), threads=1).close()
"""


def test_no_file_of_telemetry_is_made(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    env = {name: value for name, value in os.environ.items() if name not in ("CI", "HOME")}
    env |= {"XDG_CACHE_HOME": str(cache), "HOME": str(cache), "ORT_DISABLE_TELEMETRY": "0"}
    subprocess.run(
        [sys.executable, "-c", _RUN, str(tmp_path / "models")],
        env=env,
        cwd=BUNDLED.parents[2],
        check=True,
    )
    assert list(cache.rglob("*")) == []
