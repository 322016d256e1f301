"""A second process for tests: `python -m tests.index.rows.worker append|put URL COUNT`.

Says a line after each transaction, so that a test knows what was promised to be durable.
"""

import sys

from index.rows.store import SqlStore
from tests.builders import audit_entry, camera, shot, tracklet


def append(store: SqlStore, count: int) -> None:
    for _ in range(count):
        print(store.audit.append(audit_entry).seq, flush=True)


def put(store: SqlStore, count: int) -> None:
    store.cameras.put(camera())
    for tracklet_id in range(1, count + 1):
        seen = tracklet(tracklet_id, start_s=tracklet_id % 3000)
        store.tracks.put_parts([(seen, [shot(tracklet_id * 4 + i, seen) for i in range(4)])])
        print(tracklet_id, flush=True)


if __name__ == "__main__":
    what, url, count = sys.argv[1:]
    opened = SqlStore.open(url)
    {"append": append, "put": put}[what](opened, int(count))
    opened.close()
