"""The server by its protocol: what each method answers, in which order, and to whom."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.clocks import NS
from core.errors import Conflict, InvalidInput, MediaCorrupt, NotFound
from scenes.rtsp import (
    Bye,
    CameraServer,
    Clip,
    Credentials,
    Mount,
    Restart,
    Unpaced,
)
from scenes.rtsp.units import AccessUnit, Codec
from tests.ingest.videos import write_video
from tests.scenes.rtsp.client import WAIT_S, Client, sequence_of

T0 = 1_780_000_000 * NS


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("film") / "film.mp4", count=50, gop=10)


@pytest.fixture
def server(film: Path) -> Iterator[CameraServer]:
    mounts = {"gate": Mount(Clip(film)), "yard/east": Mount(Clip(film))}
    with CameraServer(mounts, clock=Unpaced(T0)) as running:
        yield running


def test_a_player_is_led_from_question_to_pictures(server: CameraServer) -> None:
    with Client(server.port) as client:
        assert "PAUSE" in client.ask("OPTIONS").get("Public")
        described = client.ask("DESCRIBE", Accept="application/sdp")
        assert described.get("Content-Base") == client.url + "/"
        assert b"a=rtpmap:96 H264/90000\r\n" in described.body
        assert b"sprop-parameter-sets=" in described.body
        transport = client.set_up().get("Transport")
        assert transport.startswith("RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=")
        played = client.ask("PLAY")
        packets = client.rtp(20)
        assert played.get("RTP-Info").endswith(f"/trackID=0;seq={sequence_of(packets[0])}")
        first = sequence_of(packets[0])
        assert [sequence_of(packet) for packet in packets] == [
            first + row & 0xFFFF for row in range(20)
        ]
        assert client.ask("GET_PARAMETER").status == 200
        assert client.ask("TEARDOWN").status == 200


def test_a_pause_stops_the_pictures_and_play_goes_on(server: CameraServer) -> None:
    with Client(server.port) as client:
        client.set_up()
        client.ask("PLAY")
        before = client.rtp(5)
        assert client.ask("PAUSE").status == 200
        assert server.playing("gate") == 0
        assert client.ask("PLAY").status == 200
        assert sequence_of(client.rtp(5)[0]) != sequence_of(before[0])


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("DESCRIBE", "/nowhere", {}, 404),
        ("DESCRIBE", "", {"Accept": "text/html"}, 406),
        ("SETUP", "/nowhere", {"Transport": "RTP/AVP/TCP;interleaved=0-1"}, 404),
        ("SETUP", "", {}, 461),
        ("SETUP", "", {"Transport": "RTP/AVP;multicast;client_port=5000-5001"}, 461),
        ("SETUP", "", {"Transport": "RTP/AVP;unicast;client_port=0-1"}, 461),
        ("SETUP", "", {"Transport": "RTP/AVP;unicast;client_port=70000"}, 461),
        ("SETUP", "", {"Transport": "RTP/AVP/TCP;interleaved=256-257"}, 461),
        ("SETUP", "", {"Transport": "RAW/RAW/UDP;client_port=5000"}, 461),
        ("PLAY", "", {}, 454),
        ("PAUSE", "", {}, 454),
        ("TEARDOWN", "", {}, 454),
        ("PLAY", "", {"Session": "another's"}, 454),
        ("OPTIONS", "", {"Require": "magic"}, 551),
        ("RECORD", "", {}, 405),
        ("DANCE", "", {}, 501),
    ],
)
def test_what_cannot_be_is_answered_with_its_status(
    server: CameraServer, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    with Client(server.port) as client:
        assert client.ask(method, path, **headers).status == status
        assert client.ask("DESCRIBE").status == 200


def test_a_bad_request_is_answered_and_the_next_one_too(server: CameraServer) -> None:
    with Client(server.port) as client:
        client.send(b"nonsense\r\nCSeq: 9\r\n\r\n")
        assert client.reply().status == 400
        assert client.ask("OPTIONS").status == 200


def test_what_cannot_be_read_ends_the_connection(server: CameraServer) -> None:
    with Client(server.port) as client:
        client.send(b"\xff" * 20_000)
        assert client.reply().status == 413
        assert client.is_cut_off()


def test_a_session_plays_one_camera(server: CameraServer) -> None:
    with Client(server.port) as client:
        client.set_up()
        client.url = server.url("yard/east")
        assert client.set_up().status == 455


def test_a_player_s_own_reports_are_swallowed(server: CameraServer) -> None:
    with Client(server.port) as client:
        client.set_up()
        client.ask("PLAY")
        client.send(b"$\x01\x00\x08\x80\xc9\x00\x01abcd")
        assert client.ask("GET_PARAMETER").status == 200


def test_of_several_transports_the_first_that_is_known_is_taken(server: CameraServer) -> None:
    with Client(server.port) as client:
        reply = client.set_up("RTP/SAVP;unicast;client_port=9-10,RTP/AVP/TCP;interleaved=4-5")
        assert "interleaved=4-5" in reply.get("Transport")
        client.ask("PLAY")
        assert {channel for _, (channel, _) in zip(range(9), client.packets(), strict=False)} == {
            4,
            5,
        }


def test_pictures_go_to_the_player_s_udp_ports(server: CameraServer) -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as mine:
        mine.bind(("127.0.0.1", 0))
        mine.settimeout(WAIT_S)
        port = mine.getsockname()[1]
        with Client(server.port) as client:
            reply = client.set_up(f"RTP/AVP;unicast;client_port={port}-{port}")
            client.ask("PLAY")
            kinds = {mine.recv(2048)[1] & 0x7F for _ in range(10)}
        assert f"client_port={port}-{port};server_port=" in reply.get("Transport")
        assert kinds >= {96}


def test_several_cameras_play_to_several_players(server: CameraServer) -> None:
    with Client(server.port) as one, Client(server.port) as two:
        two.url = server.url("yard/east")
        for client in (one, two):
            client.set_up()
            client.ask("PLAY")
        assert server.wait_playing("gate", timeout_s=WAIT_S)
        assert server.wait_playing("yard/east", timeout_s=WAIT_S)
        assert [len(client.rtp(30)) for client in (one, two, one)] == [30, 30, 30]


def test_two_players_of_one_camera_hear_the_same(server: CameraServer) -> None:
    with Client(server.port) as one, Client(server.port) as two:
        for client in (one, two):
            client.set_up()
        one.ask("PLAY")
        two.ask("PLAY")
        heard: dict[Client, list[bytes]] = {}
        threads = [
            threading.Thread(target=lambda client=client: heard.update({client: client.rtp(300)}))
            for client in (one, two)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(WAIT_S)
        payloads = [{packet[12:] for packet in heard[client]} for client in (one, two)]
        assert len(payloads[0] & payloads[1]) > 50


def test_a_player_that_leaves_is_forgotten(server: CameraServer) -> None:
    with Client(server.port) as client:
        client.set_up()
        client.ask("PLAY")
        client.rtp(1)
    with Client(server.port) as other:
        other.set_up()
        other.ask("PLAY")
        assert len(other.rtp(200)) == 200
    assert server.position_s("gate") > 0


def test_a_fault_happens_when_it_is_said(server: CameraServer) -> None:
    with Client(server.port) as client:
        client.set_up()
        client.ask("PLAY")
        client.rtp(5)
        server.fault("gate", Restart())
        assert client.is_cut_off()
    with Client(server.port) as again:
        assert again.ask("DESCRIBE").status == 200


def test_a_goodbye_is_an_rtcp_packet(server: CameraServer) -> None:
    with Client(server.port) as client:
        client.set_up()
        client.ask("PLAY")
        server.fault("gate", Bye())
        assert any(channel == 1 and packet[9] == 203 for channel, packet in client.packets())


def test_a_server_that_went_down_comes_back_at_its_port(server: CameraServer) -> None:
    port = server.port
    with Client(port) as client:
        server.down()
        assert client.is_cut_off()
    with pytest.raises(ConnectionRefusedError):
        Client(port)
    server.start()
    with Client(port) as client:
        assert client.ask("DESCRIBE").status == 200


def test_closing_ends_players_that_do_not_read(film: Path) -> None:
    with CameraServer({"gate": Mount(Clip(film))}, clock=Unpaced(T0)) as server:
        client = Client(server.port)
        client.set_up()
        client.ask("PLAY")
        assert server.wait_playing("gate", timeout_s=WAIT_S)
    with client:
        assert client.is_cut_off()
    assert not [thread for thread in threading.enumerate() if "camera" in thread.name]


def test_the_description_is_kept_from_who_may_not_see(film: Path) -> None:
    mount = Mount(Clip(film), credentials=Credentials("viewer", "secret"))
    with CameraServer({"gate": mount}, clock=Unpaced(T0)) as server, Client(server.port) as client:
        assert client.ask("OPTIONS").status == 200
        refused = client.ask("DESCRIBE")
        assert (refused.status, refused.body) == (401, b"")
        assert refused.get("WWW-Authenticate").startswith("Digest ")
        assert client.set_up().status == 401


def test_a_clip_played_once_ends_and_is_gone(film: Path) -> None:
    mounts = {"gate": Mount(Clip(film, loop=False))}
    with CameraServer(mounts, clock=Unpaced(T0)) as server, Client(server.port) as client:
        assert not server.wait_ended("gate", timeout_s=0)
        client.set_up()
        client.ask("PLAY")
        assert any(channel == 1 and packet[9] == 203 for channel, packet in client.packets())
        assert server.wait_ended("gate", timeout_s=WAIT_S)
        client.ask("TEARDOWN")
        client.session = ""
        assert client.ask("DESCRIBE").status == 404


def test_what_breaks_a_source_is_said(film: Path) -> None:
    class Broken:
        codec: Codec = "h264"
        sets = Clip(film).sets

        def __iter__(self) -> Iterator[AccessUnit]:
            yield from list(Clip(film, loop=False))[:3]
            raise MediaCorrupt("the lens fell off")

    with CameraServer({"gate": Mount(Broken())}, clock=Unpaced(T0)) as server:
        with Client(server.port) as client:
            client.set_up()
            client.ask("PLAY")
            assert any(channel == 1 and packet[9] == 203 for channel, packet in client.packets())
        with pytest.raises(MediaCorrupt, match="the lens fell off"):
            server.wait_ended("gate", timeout_s=WAIT_S)


def test_a_port_in_use_is_said_by_its_number(server: CameraServer) -> None:
    with pytest.raises(Conflict, match=f"port {server.port} on 127.0.0.1 is in use"):
        CameraServer({}, port=server.port).start()


@pytest.mark.parametrize("name", ["", "/gate", "gate/", "a b", "a//b", "ä", "a/" * 9 + "a"])
def test_a_name_that_no_address_can_hold_is_refused(film: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match="mount: want letters"):
        CameraServer({name: Mount(Clip(film))})


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_port_out_of_range_is_refused(port: int) -> None:
    with pytest.raises(InvalidInput, match="want 0 to 65535"):
        CameraServer({}, port=port)


def test_an_unknown_mount_is_said_with_the_known_ones(server: CameraServer) -> None:
    with pytest.raises(NotFound, match="no mount 'cellar' here; there are: gate, yard/east"):
        server.url("cellar")
