"""FFmpeg alone, without our ingest, plays what we serve: every picture once, at its time."""

import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import cast

import av
import pytest

from core.arrays import U8
from core.clocks import NS
from core.errors import Conflict
from scenes.rtsp import CameraServer, Clip, Mount, Pace, RealTime, Unpaced
from scenes.rtsp.__main__ import main
from tests.ingest.videos import number_in, numbered, write_video

T0 = 1_780_000_000 * NS
COUNT = 60
STEP = 90_000 // 25
WAIT_S = 300.0


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return write_video(path, numbered(), count=COUNT, fps=25, gop=15)


def played(
    url: str,
    transport: str,
    *,
    count: int = 10_000,
    taken: Callable[[int], None] = lambda row: None,
) -> list[tuple[int | None, int]]:
    """(timestamp, number) of up to `count` pictures; each row is `taken` when it is there."""
    options = {"rtsp_transport": transport}
    shown: list[tuple[int | None, int]] = []
    with av.open(url, format="rtsp", container_options=options, timeout=WAIT_S) as container:
        for row, frame in zip(range(count), container.decode(video=0), strict=False):
            shown.append((frame.pts, number_of(frame)))
            taken(row)
    return shown


def number_of(frame: av.VideoFrame) -> int:
    return number_in(cast(U8, frame.to_ndarray(format="gray")))


def assert_whole(shown: list[tuple[int | None, int]]) -> None:
    assert [number for _, number in shown] == list(range(COUNT))
    # FFmpeg gives the very first packet of a stream no time.
    assert [pts for pts, _ in shown[1:]] == [row * STEP for row in range(1, COUNT)]


@pytest.mark.parametrize("pace", [lambda: Unpaced(T0), RealTime], ids=["unpaced", "real time"])
def test_a_file_is_played_whole_and_in_time(film: Path, pace: Callable[[], Pace]) -> None:
    with CameraServer({"gate": Mount(Clip(film, loop=False))}, clock=pace()) as server:
        assert_whole(played(server.url("gate"), "tcp"))


def test_over_udp_a_file_is_played_whole_and_in_time(film: Path) -> None:
    # So many pictures fit into the player's socket, however late it reads them.
    time = Unpaced(T0, lead=COUNT)
    with CameraServer({"gate": Mount(Clip(film))}, clock=time) as server:
        assert_whole(
            played(
                server.url("gate"),
                "udp",
                count=COUNT,
                taken=lambda row: time.taken(T0 + row * NS // 25),
            )
        )


def test_over_udp_pictures_come_in_real_time(film: Path) -> None:
    with CameraServer({"gate": Mount(Clip(film))}) as server:
        assert_whole(played(server.url("gate"), "udp", count=COUNT))


@pytest.mark.parametrize("b_frames", [0, 2])
@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_codecs_and_picture_orders_are_played(tmp_path: Path, codec: str, b_frames: int) -> None:
    options = {"x265-params": f"log-level=none:pools=1:bframes={b_frames}"}
    path = write_video(
        tmp_path / "film.mkv",
        numbered(),
        count=COUNT,
        codec=codec,
        gop=15,
        b_frames=b_frames,
        options=options if codec == "libx265" else {},
    )
    with CameraServer({"gate": Mount(Clip(path, loop=False))}, clock=Unpaced(T0)) as server:
        shown = played(server.url("gate"), "tcp")
    assert [number for _, number in shown] == list(range(COUNT))


def test_a_loop_is_played_on(film: Path) -> None:
    with CameraServer({"gate": Mount(Clip(film))}, clock=Unpaced(T0)) as server:
        shown = played(server.url("gate"), "tcp", count=150)
    assert [number for _, number in shown] == [row % COUNT for row in range(150)]
    assert [pts for pts, _ in shown[1:]] == [row * STEP for row in range(1, 150)]


def test_many_players_and_cameras_at_once_get_every_picture(film: Path) -> None:
    names = [f"camera-{row}" for row in range(4)]
    mounts = {name: Mount(Clip(film, loop=False)) for name in names}
    shown: dict[str, list[tuple[int | None, int]]] = {}
    with CameraServer(mounts, clock=Unpaced(T0)) as server:

        def play(name: str) -> None:
            shown[name] = played(server.url(name), "tcp")

        threads = [threading.Thread(target=play, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(WAIT_S)
    for name in names:
        assert_whole(shown[name])


# --- the command line --------------------------------------------------------------------------


class Line(io.StringIO):
    """Standard output that says when something was said."""

    def __init__(self) -> None:
        super().__init__()
        self.said = threading.Event()

    def flush(self) -> None:
        self.said.set()


def test_the_command_serves_files_by_their_names(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = tmp_path / "the film.mp4"
    again.write_bytes(film.read_bytes())
    out, until, codes = Line(), threading.Event(), []
    monkeypatch.setattr("sys.stdout", out)
    arguments = [str(film), str(again), str(film), "--port", "0", "--once"]
    thread = threading.Thread(target=lambda: codes.append(main(arguments, until=until)))
    thread.start()
    assert out.said.wait(WAIT_S)
    urls = out.getvalue().split()
    assert [url.rpartition("/")[2] for url in urls] == ["film", "the-film", "film-2"]
    assert len(played(urls[1], "tcp")) == COUNT
    until.set()
    thread.join(WAIT_S)
    assert codes == [0]


def test_the_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.mp4")]) == 1
    assert "error[source_unavailable]" in capsys.readouterr().err


def test_the_command_says_which_port_is_in_use(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with CameraServer({}) as server:
        assert main([str(film), "--port", str(server.port)]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"error[{Conflict.code}]: camera server: port {server.port}")
