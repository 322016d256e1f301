"""A camera for the tests: GStreamer's RTSP server, run by the system's Python as a subprocess.

Serves `/main` and `/sub`: pictures that carry their own number as sixteen black or white blocks
along the top, H.264 with a keyframe every `--gop` pictures. Commands come as lines on stdin and
are each answered by `ok COMMAND` on stdout, after it took effect:

    stall            no more pictures, the connection stays
    pause SECONDS    no pictures for so long, then on by itself
    resume           pictures again
    jump SECONDS     all timestamps from now on are so much later (or earlier)
    size WxH         the main stream changes its resolution
    password TEXT    clients must know this one from now on, and those connected are thrown out
    drop             throw all clients out
"""

import argparse
import sys
import threading
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

ENCODERS = {
    "h264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max={gop}"
    " threads=1 sliced-threads=false ! video/x-h264,profile=baseline"
    " ! rtph264pay name=pay0 pt=96 config-interval=-1",
    "h265": "x265enc tune=zerolatency speed-preset=ultrafast key-int-max={gop}"
    " ! h265parse ! rtph265pay name=pay0 pt=96 config-interval=-1",
    "mjpeg": "jpegenc ! rtpjpegpay name=pay0",
}
BITS = 16


def picture(number: int, width: int, height: int) -> bytes:
    """I420 of a grey picture with `number` in black and white blocks along its top quarter."""
    block = width // BITS
    bits = (b"\xeb" if number >> bit & 1 else b"\x10" for bit in range(BITS))
    row = b"".join(level * block for level in bits).ljust(width, b"\x80")
    top = height // 4
    luma = row * top + bytes([64 + number % 128]) * (width * (height - top))
    return luma + b"\x80" * (width * height // 2)


class Feed:
    """One mount point's pictures: pushed into whatever media is live."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size
        self.jump_ns = 0
        self.source: Any = None
        self.media: Any = None

    def attach(self, _factory: Any, media: Any) -> None:
        media.connect("unprepared", self.detach)
        source = media.get_element().get_by_name_recurse_up("feed")
        source.set_property("caps", self.caps())
        # Last, as from now on the other thread pushes pictures, which must have their caps.
        self.media, self.source = media, source

    def detach(self, media: Any) -> None:
        if media is self.media:
            self.source = self.media = None

    def resize(self, size: tuple[int, int]) -> None:
        self.size = size
        if self.source is not None:
            self.source.set_property("caps", self.caps())

    def caps(self) -> Any:
        width, height = self.size
        text = f"video/x-raw,format=I420,width={width},height={height},framerate=25/1"
        return Gst.Caps.from_string(text)

    def jump(self, by_ns: int) -> None:
        """Later pictures are that much later; nothing waits until their time has come."""
        if self.media is not None:
            sinks = self.media.get_element().get_parent().iterate_sinks()
            while True:
                found, sink = sinks.next()
                if found != Gst.IteratorResult.OK:
                    break
                sink.set_property("sync", False)
        self.jump_ns += by_ns

    def push(self, number: int) -> None:
        source = self.source
        # Before it plays, a pipeline has no base time, and pictures would be for another century.
        if source is None or source.get_state(0).state != Gst.State.PLAYING:
            return
        buffer = Gst.Buffer.new_wrapped(picture(number, *self.size))
        now_ns = source.get_clock().get_time() - source.get_base_time()
        buffer.pts = max(0, now_ns + self.jump_ns)
        buffer.duration = Gst.SECOND // 25
        source.emit("push-buffer", buffer)


class Server:
    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.number = 0
        self.running = True
        self.ended = threading.Event()
        self.pause_s = 0.0
        self.feeds = {"/main": Feed((320, 240)), "/sub": Feed((160, 120))}
        self.server = GstRtspServer.RTSPServer.new()
        self.server.set_address("127.0.0.1")
        self.server.set_service(str(options.port))
        for mount, feed in self.feeds.items():
            self.server.get_mount_points().add_factory(mount, self.factory(feed))
        if options.password:
            self.set_password(options.password)
        self.server.attach(None)

    def factory(self, feed: Feed) -> Any:
        factory = GstRtspServer.RTSPMediaFactory.new()
        encoder = ENCODERS[self.options.codec].format(gop=self.options.gop)
        factory.set_launch(f"( appsrc name=feed is-live=true format=time block=false ! {encoder} )")
        factory.set_shared(True)
        factory.connect("media-configure", feed.attach)
        if self.options.password:
            permissions = GstRtspServer.RTSPPermissions.new()
            permissions.add_permission_for_role("viewer", "media.factory.access", True)
            permissions.add_permission_for_role("viewer", "media.factory.construct", True)
            factory.set_permissions(permissions)
        return factory

    def set_password(self, password: str) -> None:
        auth = GstRtspServer.RTSPAuth.new()
        token = GstRtspServer.RTSPToken.new()
        token.set_string("media.factory.role", "viewer")
        if self.options.basic:
            basic = GstRtspServer.RTSPAuth.make_basic(self.options.user, password)
            auth.add_basic(basic, token)
        else:
            auth.set_supported_methods(self.digest())
            auth.add_digest(self.options.user, password, token)
        self.server.set_auth(auth)

    @staticmethod
    def digest() -> Any:
        gi.require_version("GstRtsp", "1.0")
        from gi.repository import GstRtsp

        return GstRtsp.RTSPAuthMethod.DIGEST

    def drop(self) -> None:
        self.server.client_filter(lambda *_: GstRtspServer.RTSPFilterResult.REMOVE)

    def feed_for_ever(self) -> None:
        """On a thread of its own: the main loop waits for pictures while a client describes."""
        while not self.ended.wait(1 / 25):
            pause_s, self.pause_s = self.pause_s, 0.0
            self.ended.wait(pause_s)
            if self.running:
                self.number += 1
                for feed in self.feeds.values():
                    feed.push(self.number)

    def obey(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if word in ("stall", "resume"):
            self.running = word == "resume"
        elif word == "pause":
            self.pause_s = float(rest)
        elif word == "jump":
            for feed in self.feeds.values():
                feed.jump(int(float(rest) * Gst.SECOND))
        elif word == "size":
            width, height = rest.split("x")
            self.feeds["/main"].resize((int(width), int(height)))
        elif word == "password":
            self.set_password(rest)
            self.drop()
        elif word == "drop":
            self.drop()
        print(f"ok {line}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--codec", choices=sorted(ENCODERS), default="h264")
    parser.add_argument("--gop", type=int, default=10)
    parser.add_argument("--user", default="viewer")
    parser.add_argument("--password", default="")
    parser.add_argument("--basic", action="store_true")
    Gst.init(None)
    loop = GLib.MainLoop()
    server = Server(parser.parse_args())
    print(f"ready {server.server.get_bound_port()}", flush=True)

    def listen() -> None:
        for line in sys.stdin:
            server.obey(line.strip())
        server.ended.set()
        GLib.idle_add(loop.quit)

    threading.Thread(target=listen, daemon=True).start()
    threading.Thread(target=server.feed_for_ever, daemon=True).start()
    loop.run()


if __name__ == "__main__":
    main()
