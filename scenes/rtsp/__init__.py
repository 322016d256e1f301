"""Cameras over RTSP, for the demo, for tests, and for whoever wants to try a player."""

from scenes.rtsp.auth import Credentials
from scenes.rtsp.broadcast import Mount
from scenes.rtsp.faults import (
    Bye,
    ClockDrift,
    ClockStep,
    Corrupt,
    Drip,
    Fault,
    Faults,
    Hang,
    Jump,
    Loss,
    Password,
    Reorder,
    Resize,
    Restart,
    Stall,
)
from scenes.rtsp.pace import Pace, RealTime, Unpaced
from scenes.rtsp.player import Reports
from scenes.rtsp.server import CameraServer
from scenes.rtsp.sources import Clip, Encoded, Source

__all__ = [
    "Bye",
    "CameraServer",
    "Clip",
    "ClockDrift",
    "ClockStep",
    "Corrupt",
    "Credentials",
    "Drip",
    "Encoded",
    "Fault",
    "Faults",
    "Hang",
    "Jump",
    "Loss",
    "Mount",
    "Pace",
    "Password",
    "RealTime",
    "Reorder",
    "Reports",
    "Resize",
    "Restart",
    "Source",
    "Stall",
    "Unpaced",
]
