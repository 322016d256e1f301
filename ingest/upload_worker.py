"""The process in which pictures from outside are decoded. Run as a script, imports nothing of ours.

Asks on stdin: 8 bytes length, then an encoded picture. Answers on stdout: height and width (4 bytes
each, both 0 if it could not be decoded), then BGR rows.
"""

import resource
import struct
import sys
from pathlib import Path

import cv2
import numpy as np

REQUEST = struct.Struct("<Q")
ANSWER = struct.Struct("<II")


def confine(memory_bytes: int) -> None:
    """Give up all that decoding does not need: more memory, files, sockets, other processes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    address_space = pages * resource.getpagesize() + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    # With the three standard streams open, no file and no socket can be opened any more.
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))


def allow_cpu(seconds: int) -> None:
    """End this process when it has worked that much longer; the parent may be gone by then."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def decoded(content: bytes) -> bytes:
    """The answer to one request."""
    try:
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    except (cv2.error, MemoryError):
        pixels = None
    if pixels is None:
        return ANSWER.pack(0, 0)
    return ANSWER.pack(*pixels.shape[:2]) + pixels.tobytes()


def main(memory_bytes: int, cpu_s: int) -> None:
    """Serve until stdin ends."""
    cv2.setNumThreads(1)
    confine(memory_bytes)
    while header := sys.stdin.buffer.read(REQUEST.size):
        allow_cpu(cpu_s)
        content = sys.stdin.buffer.read(REQUEST.unpack(header)[0])
        sys.stdout.buffer.write(decoded(content))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
