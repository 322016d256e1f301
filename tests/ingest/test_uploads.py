"""Pictures from outside: opened if sound, refused with a reason if not, and never at our cost."""

import signal
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.arrays import U8
from core.errors import MediaCorrupt, TooLarge
from ingest import upload_worker
from ingest.pictures import header_of, open_own_jpeg
from ingest.surface import HostSurface
from ingest.uploads import UploadLimits, UploadOpener, decoder_environment
from tests.ingest.videos import textured

FORMATS = {".jpg": "JPEG", ".png": "PNG", ".webp": "WebP", ".bmp": "BMP"}


@pytest.fixture(scope="module")
def opener() -> Iterator[UploadOpener]:
    with UploadOpener() as made:
        yield made


def encoded(suffix: str = ".jpg", rgb: U8 | None = None, *options: int) -> bytes:
    pixels = textured((90, 160)) if rgb is None else rgb
    done, content = cv2.imencode(suffix, np.ascontiguousarray(pixels[..., ::-1]), options)
    assert done
    return content.tobytes()


def rgb_of(surface: HostSurface) -> U8:
    height, width = surface.size
    whole = np.array([[0, 0, width, height]], np.float32)
    return np.moveaxis(surface.crops(whole, surface.size)[0], 0, 2)


def turned_quarter(rgb: U8) -> bytes:
    """A JPEG whose EXIF says that it was taken with the camera turned (orientation 6)."""
    tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    exif = b"Exif\0\0" + tiff
    jpeg = encoded(".jpg", rgb)
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that claims, and would have, that many pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + name
            + content
            + struct.pack(">I", zlib.crc32(name + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width // 8 + 1) * height), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("suffix", FORMATS)
def test_each_format_is_opened(opener: UploadOpener, suffix: str) -> None:
    rgb = textured((90, 160))
    opened = rgb_of(opener(encoded(suffix, rgb)))
    assert opened.shape == (90, 160, 3)
    assert np.abs(opened.astype(int) - rgb).mean() < 3


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("size_hw", [(1, 1), (90, 160), (333, 77)])
def test_headers_say_format_and_size(suffix: str, size_hw: tuple[int, int]) -> None:
    header = header_of(encoded(suffix, textured(size_hw)))
    assert (header.format, header.size_hw) == (FORMATS[suffix], size_hw)


def test_a_lossy_webp_says_its_size() -> None:
    content = encoded(".webp", None, cv2.IMWRITE_WEBP_QUALITY, 60)
    assert content[12:16] == b"VP8 "
    assert header_of(content).size_hw == (90, 160)


def test_a_progressive_jpeg_says_its_size() -> None:
    content = encoded(".jpg", None, cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    assert header_of(content).size_hw == (90, 160)


def test_a_picture_is_turned_as_its_exif_says(opener: UploadOpener) -> None:
    rgb = textured((90, 160))
    surface = opener(turned_quarter(rgb))
    assert surface.size == (160, 90)
    assert np.abs(rgb_of(surface).astype(int) - np.rot90(rgb, -1)).mean() < 4


def test_a_grey_and_a_deep_picture_become_rgb(opener: UploadOpener) -> None:
    grey = cv2.imencode(".png", np.full((20, 30), 77, np.uint8))[1].tobytes()
    deep = cv2.imencode(".png", np.full((20, 30, 3), 77 * 257, np.uint16))[1].tobytes()
    for content in (grey, deep):
        assert rgb_of(opener(content)).mean() == pytest.approx(77, abs=1)


def nothing() -> bytes:
    return b""


def text() -> bytes:
    return b"this is no picture" * 50


def gif() -> bytes:
    return b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00"


def vector_drawing() -> bytes:
    return b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'


def half(suffix: str) -> Callable[[], bytes]:
    return lambda: (whole := encoded(suffix))[: len(whole) // 2]


def head(suffix: str) -> Callable[[], bytes]:
    return lambda: encoded(suffix)[:15]


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        pytest.param(nothing, "something else", id="nothing"),
        pytest.param(text, "want JPEG, PNG, WebP or BMP", id="text"),
        pytest.param(gif, "want JPEG, PNG, WebP or BMP", id="gif"),
        pytest.param(vector_drawing, "want JPEG, PNG, WebP or BMP", id="svg"),
        *[
            pytest.param(half(suffix), "broken or cut off", id=f"half {suffix}")
            for suffix in FORMATS
        ],
        *[
            pytest.param(head(suffix), "header is broken", id=f"head {suffix}")
            for suffix in FORMATS
        ],
    ],
)
def test_what_is_no_picture_is_refused_with_a_reason(
    opener: UploadOpener, broken: Callable[[], bytes], words: str
) -> None:
    with pytest.raises(MediaCorrupt, match=words):
        opener(broken())


def test_an_image_bomb_is_refused_by_its_header(opener: UploadOpener) -> None:
    bomb = png_bomb(40_000, 40_000)
    assert len(bomb) < 1_000_000
    with pytest.raises(TooLarge, match="at most 50 megapixels, got 40000x40000"):
        opener(bomb)


def test_too_many_bytes_are_refused_by_name() -> None:
    with (
        UploadOpener(UploadLimits(max_bytes=1_000_000)) as opener,
        pytest.raises(TooLarge, match=r"at most 1 MB, got 1\.5"),
    ):
        opener(bytes(1_500_000))


def test_a_header_that_lies_is_caught_by_the_decoder() -> None:
    # A WebP that says 16x16 up front and holds 1000x1000.
    inside = encoded(".webp", textured((1000, 1000)))[12:]
    size = (15).to_bytes(3, "little")
    body = b"WEBP" + b"VP8X" + struct.pack("<I", 10) + bytes(4) + size + size + inside
    with UploadOpener(UploadLimits(max_pixels=10_000)) as opener, pytest.raises(MediaCorrupt):
        opener(b"RIFF" + struct.pack("<I", len(body)) + body)


def test_decoding_beyond_the_memory_limit_fails_and_the_next_works() -> None:
    large = encoded(".png", np.zeros((4000, 4000, 3), np.uint8))
    with UploadOpener(UploadLimits(memory_bytes=30_000_000)) as opener:
        with pytest.raises(MediaCorrupt):
            opener(large)
        assert opener(encoded()).size == (90, 160)


def test_a_decoder_that_does_not_answer_is_ended() -> None:
    # The process alone takes longer than that to start.
    with (
        UploadOpener(UploadLimits(patience_s=0.005)) as opener,
        pytest.raises(TooLarge, match=r"a JPEG was not decoded within 0\.005 s"),
    ):
        opener(encoded())


def test_decoding_beyond_the_time_limit_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    with UploadOpener() as opener:
        opener(encoded())
        running = opener._workers[0]._running
        assert running is not None

        def exhausted(*_: object) -> None:
            running.send_signal(signal.SIGXCPU)
            running.wait()
            raise EOFError

        monkeypatch.setattr("ingest.uploads._exchange", exhausted)
        with pytest.raises(TooLarge, match="a JPEG took more than 10 s to decode"):
            opener(encoded())


def test_a_decoder_that_died_is_replaced() -> None:
    with UploadOpener() as opener:
        opener(encoded())
        running = opener._workers[0]._running
        assert running is not None
        running.kill()
        running.wait()
        assert opener(encoded()).size == (90, 160)


def test_one_decoder_serves_picture_after_picture(opener: UploadOpener) -> None:
    opener(encoded())
    before = opener._workers[0]._running
    for suffix in FORMATS:
        opener(encoded(suffix))
    assert opener._workers[0]._running is before


def test_several_threads_get_their_own_pictures() -> None:
    sizes = [(40 + 8 * k, 64) for k in range(12)]
    got: dict[int, tuple[int, int]] = {}
    with UploadOpener(workers=2) as opener:

        def work(number: int) -> None:
            got[number] = opener(encoded(".png", textured(sizes[number]))).size

        threads = [threading.Thread(target=work, args=(k,)) for k in range(len(sizes))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(300)
    assert [got[k] for k in range(len(sizes))] == sizes


def test_the_decoder_inherits_no_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_PASSWORD", "canary")
    with UploadOpener() as opener:
        opener(encoded())
        running = opener._workers[0]._running
        assert running is not None
        environment = Path(f"/proc/{running.pid}/environ").read_bytes()
        files = list(Path(f"/proc/{running.pid}/fd").iterdir())
    assert b"canary" not in environment
    assert len(files) == 3


@pytest.mark.parametrize(
    "attempt",
    [
        "open('/etc/hostname')",
        "__import__('socket').socket()",
        "bytearray(500_000_000)",
    ],
)
def test_the_confined_decoder_cannot(attempt: str) -> None:
    folder = str(Path(upload_worker.__file__).parent)
    code = (
        f"import socket, sys; sys.path.insert(0, {folder!r}); import upload_worker\n"
        "upload_worker.confine(100_000_000)\n"
        f"try:\n    {attempt}\nexcept (OSError, MemoryError) as error:\n"
        "    print(type(error).__name__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-X", "faulthandler", "-c", code],
        env=decoder_environment(UploadLimits()),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in {"OSError", "MemoryError"}


def test_an_own_jpeg_is_opened_here() -> None:
    rgb = textured((90, 160))
    again = open_own_jpeg(HostSurface.of_rgb(rgb).jpeg())
    assert np.abs(rgb_of(again).astype(int) - rgb).mean() < 3


@pytest.mark.parametrize("content", [b"", b"no picture"])
def test_an_own_jpeg_that_is_broken_is_said(content: bytes) -> None:
    with pytest.raises(MediaCorrupt, match="kept JPEG"):
        open_own_jpeg(content)


@pytest.mark.parametrize("seed", range(6))
def test_damaged_bytes_give_a_picture_or_an_error_of_ours(opener: UploadOpener, seed: int) -> None:
    random = np.random.default_rng(seed)
    for suffix in FORMATS:
        content = np.frombuffer(encoded(suffix), np.uint8).copy()
        content[random.integers(0, len(content), 20)] = random.integers(0, 256, 20)
        with suppress(MediaCorrupt, TooLarge):
            assert min(opener(content.tobytes()).size) > 0
