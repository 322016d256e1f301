"""What was looked at of one camera, as spans: the positive record that Coverage rests on."""

from core.clocks import ns_of
from core.ids import IdSource
from core.types import Activity, ActivityKind, TimeSpan

_ROW_S = 3600.0  # a span that goes on starts a new row each hour, so that retention can cut there


class Ledger:
    """Turns looks, coasts and shed frames of one camera into growing ANALYSED and SHED spans.

    Two looks further apart than `hole_s` leave a hole between them: it was not searched.
    """

    def __init__(self, camera_id: int, ids: IdSource, *, hole_s: float) -> None:
        self._camera_id = camera_id
        self._ids = ids
        self._hole_ns = ns_of(hole_s)
        self._analysed: list[Activity] = []
        self._shed: Activity | None = None

    def looked(self, device_ns: int) -> None:
        """That instant was analysed, or was seen to be quiet."""
        last = self._analysed[-1] if self._analysed else None
        if last is None or not self._continues(last, device_ns):
            self._analysed.append(self._started(ActivityKind.ANALYSED, device_ns))
        else:
            self._analysed[-1] = _grown(last, device_ns)

    def shed(self, device_ns: int) -> None:
        """A picture came at that instant and was not looked at."""
        if self._shed is None or not self._continues(self._shed, device_ns):
            self._shed = self._started(ActivityKind.SHED, device_ns)
        else:
            self._shed = _grown(self._shed, device_ns)

    def settled(self, before_ns: int | None) -> list[Activity]:
        """Rows to write; ANALYSED only up to `before_ns`, for what is later is not searchable yet.

        None means that everything is settled. Rows keep their id while they grow.
        """
        rows = [row for row in map(lambda a: _cut(a, before_ns), self._analysed) if row]
        self._analysed = self._analysed[-1:] if before_ns is None else self._unsettled(before_ns)
        return [*rows, self._shed] if self._shed else rows

    def _unsettled(self, before_ns: int) -> list[Activity]:
        return [a for a in self._analysed[:-1] if a.span.end_ns > before_ns] + self._analysed[-1:]

    def _continues(self, last: Activity, device_ns: int) -> bool:
        apart = device_ns - last.span.end_ns
        return 0 <= apart <= self._hole_ns and last.span.duration_s < _ROW_S

    def _started(self, kind: ActivityKind, device_ns: int) -> Activity:
        span = TimeSpan(device_ns, device_ns + 1)
        return Activity(self._ids.next(), self._camera_id, kind, span, count=1)


def _grown(row: Activity, device_ns: int) -> Activity:
    span = TimeSpan(row.span.start_ns, device_ns + 1)
    return Activity(row.activity_id, row.camera_id, row.kind, span, count=row.count + 1)


def _cut(row: Activity, before_ns: int | None) -> Activity | None:
    end_ns = row.span.end_ns if before_ns is None else min(row.span.end_ns, before_ns)
    if end_ns <= row.span.start_ns:
        return None
    span = TimeSpan(row.span.start_ns, end_ns)
    return Activity(row.activity_id, row.camera_id, row.kind, span, row.count)
