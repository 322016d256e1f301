"""All reads of a tracklet become one belief; none is dropped and none decides alone.

Reads are softened, laid upon each other from the best to the worst, then placed once more on the
whole, so that their order hardly matters. Each counts by its quality and by how little it repeats
its neighbours in time. Last, the layouts lend half their weight: as a prior, never as a filter.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from core.arrays import F32, F64
from core.errors import InvalidInput
from core.plates.alphabet import ABSENT, COLUMNS, index_of
from core.plates.background import Background
from core.plates.confusion import Confusion, default_confusion
from core.plates.folding import folded
from core.plates.layouts import UNKNOWN
from core.plates.likelihood import present
from core.types import PlatePosterior, PlateRead
from detectors.plate_profile import GONE, Joining, Profile, normalised
from detectors.plate_quality import ReadQuality, has_corners, shares_of

MOST_READS = 64
"""Reads that vote, the best ones; all are kept."""
GRAMMAR = 0.5
"""The power to which the layouts' prior is taken: readers have learned the layouts already."""
_EXPECTED = (1 / 300, 1 / 5)
_LEAST_LOG = -60.0
UNREADABLE = "?*_#"
"""What checkpoints write where they could not read a sign."""


class PlateVoter:
    """Fuses reads under one confusion and one background; holds no state between votes.

    `silence` (P, A) is what the reader says where there is nothing to be read, see
    `plate_sight.silence_of`. What it expects then is in each of its reads; without dividing it out
    many reads of little together say what it expects, and say it surely.
    """

    def __init__(
        self,
        confusion: Confusion | None = None,
        background: Background | None = None,
        *,
        silence: F32 | None = None,
    ) -> None:
        confusion = confusion or default_confusion()
        self._expected = None if silence is None else _expected(silence)
        self._background = background or Background()
        self._joining = Joining(confusion)
        self._kinds_seen = self._background.seen(confusion)

    def vote(
        self,
        tracklet_id: int,
        reads: Sequence[PlateRead],
        qualities: Sequence[ReadQuality] | None = None,
    ) -> PlatePosterior:
        """What all `reads` of a tracklet say together; one read alone is returned as it is.

        `qualities` are those of the reads, in order; left out, the corners tell them. Raises
        `InvalidInput` for no read at all, or another number of qualities.
        """
        qualities = [ReadQuality.of(read) for read in reads] if qualities is None else qualities
        if not reads or len(qualities) != len(reads):
            raise InvalidInput(
                "reads: want at least one, each with its quality,"
                f" got {len(reads)} and {len(qualities)} qualities"
            )
        voters = _best_first(reads, qualities)
        device_ns = np.array([read.device_ns for read, _ in voters], dtype=np.int64)
        shares = shares_of([quality for _, quality in voters], device_ns)
        chosen = [read for read, _ in voters]
        return PlatePosterior(
            tracklet_id=tracklet_id,
            log_probs=reads[0].log_probs if len(reads) == 1 else self._fused(chosen, shares),
            layout=_elected([read.layout for read in chosen], shares, UNKNOWN),
            colour=_elected([read.colour for read in chosen], shares, ""),
            reads=tuple(reads),
        )

    def _fused(self, reads: Sequence[PlateRead], shares: F64) -> F32:
        softened = [self._joining.softened(self._seen(read)) for read in reads]
        profile = Profile.empty()
        for chances, share in zip(softened, shares.tolist(), strict=True):
            profile = self._joining.grown(profile, chances, share)
        whole = profile.log_probs()
        evidence = np.zeros_like(whole)
        for chances, share in zip(softened, shares.tolist(), strict=True):
            evidence += share * self._joining.placed(whole, chances)
        log_probs = Profile(evidence, profile.share).log_probs()
        kept = log_probs[np.exp(log_probs[:, ABSENT]) < GONE]
        return self._with_grammar(kept).astype(np.float32)

    def _seen(self, read: PlateRead) -> F64:
        """What the picture of a read added to what its reader expected of any: the chances of signs
        at each position (P, A) as if all had been equally likely before; that there is one stays
        as likely as it was."""
        logs = read.log_probs.astype(np.float64)
        if self._expected is None or logs.shape != self._expected.shape or not has_corners(read):
            return logs
        said = np.maximum(logs[:, :ABSENT], _LEAST_LOG)
        signs = said - self._expected[:, :ABSENT]
        signs += _log_sum(said) - _log_sum(signs)
        return np.concatenate([signs, logs[:, ABSENT:]], axis=1)

    def _with_grammar(self, log_probs: F64) -> F64:
        """Rows in which signs that the likely layouts expect there gain on the others."""
        chances = np.exp(log_probs)
        signs = chances[None, :, :ABSENT].astype(np.float32)
        exists = present(chances[None, :, ABSENT].astype(np.float32))
        prior = self._background.prior(signs @ self._kinds_seen, exists)[0].astype(np.float64)
        lifted = log_probs.copy()
        lifted[:, :ABSENT] += GRAMMAR * np.log(prior)
        # Only signs compete: whether there is one at all is none of the layout's business.
        lifted[:, :ABSENT] += _log_sum(log_probs[:, :ABSENT]) - _log_sum(lifted[:, :ABSENT])
        return normalised(lifted)


def _expected(silence: F32) -> F64:
    """`silence` within reason: whatever a reader says of an even picture, it counts on no sign more
    often than once in five, and on none less than once in 300."""
    return np.clip(silence.astype(np.float64), *np.log(_EXPECTED))


def read_of_text(
    text: str,
    confidence: float | Sequence[float],
    *,
    device_ns: int,
    layout: str = UNKNOWN,
    colour: str = "",
    corners: F32 | None = None,
    confusion: Confusion | None = None,
) -> PlateRead:
    """The read that a checkpoint made itself: a text, with one confidence or one for each sign.

    What a confidence leaves open falls half on look-alikes and half on anything; signs of
    `UNREADABLE` say that there is a sign and no more. Raises `InvalidInput` for a text that names
    no plate, or confidences that are no chances or another number than the signs.
    """
    signs = folded(text)
    sure = np.broadcast_to(np.asarray(confidence, dtype=np.float64), _wanted(signs, confidence))
    if not np.all((sure >= 0) & (sure <= 1)):
        raise InvalidInput(f"confidence: want 0 to 1, got {confidence}")
    confusion = confusion or default_confusion()
    chances = np.full((len(signs), COLUMNS), 1 / COLUMNS)
    known = [place for place, sign in enumerate(signs) if sign not in UNREADABLE]
    columns = index_of("".join(signs[place] for place in known))
    # A reader that gives a sign at all means it, however low it rates itself; none is infallible.
    belief = np.clip(sure[known], 0.3, 0.995)[:, None]
    alike = confusion.true_given_seen()[columns]
    alike[np.arange(len(known)), columns] = 0.0
    alike /= alike.sum(axis=1, keepdims=True)
    chances[known] *= 0.5 * (1 - belief)
    chances[known, :ABSENT] += 0.5 * (1 - belief) * alike
    chances[known, columns] += belief[:, 0]
    corners = np.zeros((4, 2), dtype=np.float32) if corners is None else corners
    return PlateRead(np.log(chances).astype(np.float32), layout, colour, device_ns, corners)


def _wanted(signs: str, confidence: float | Sequence[float]) -> tuple[int]:
    given = len(signs) if isinstance(confidence, int | float) else len(confidence)
    if not set(signs) - set(UNREADABLE) or given != len(signs):
        raise InvalidInput(
            f"plate text: want signs of a plate, each with its confidence, got {signs!r}"
            f" and {given} confidences"
        )
    return (len(signs),)


def _best_first(
    reads: Sequence[PlateRead], qualities: Sequence[ReadQuality]
) -> list[tuple[PlateRead, ReadQuality]]:
    """The reads that vote, in an order that does not hang on the order they came in."""
    pairs = sorted(
        zip(reads, qualities, strict=True),
        key=lambda pair: (-pair[1].weight, pair[0].device_ns, pair[0].log_probs.tobytes()),
    )
    return pairs[:MOST_READS]


def _elected(names: Sequence[str], shares: F64, unsaid: str) -> str:
    """The name with the greatest share; `unsaid` only where nobody says anything else."""
    votes: dict[str, float] = defaultdict(float)
    for name, share in zip(names, shares.tolist(), strict=True):
        votes[name] += share if name != unsaid else 0.0
    return max(votes, key=lambda name: (votes[name], name))


def _log_sum(logs: F64) -> F64:
    top = logs.max(axis=1, keepdims=True)
    return np.asarray(top + np.log(np.exp(logs - top).sum(axis=1, keepdims=True)))
