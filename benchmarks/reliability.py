"""Whether stated probabilities come true: bins, losses in bits, and a picture of it as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np

from core.arrays import F64, Bool
from core.errors import InvalidInput
from reid.measures import cllr, min_cllr

EDGES = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 1.0)
"""Probabilities are small where candidates are many: bins are finer at both ends."""

_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Bin:
    """Claims from `low` up to, and without, `high` (1 is in the last one): the mean that they
    stated, and the share that was true with its 95 % interval (Wilson)."""

    low: float
    high: float
    count: int
    stated: float
    true: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Claims:
    """Stated probabilities (N,) and whether each was true."""

    stated: F64
    true: Bool

    def __post_init__(self) -> None:
        inside = ((self.stated >= 0) & (self.stated <= 1)).all()
        if self.stated.shape != self.true.shape or not inside:
            raise InvalidInput("claims: want as many probabilities of 0 to 1 as outcomes")

    def __len__(self) -> int:
        return len(self.stated)

    def bins(self, edges: Sequence[float] = EDGES) -> list[Bin]:
        """Those that hold any claim, ascending."""
        place = np.clip(np.searchsorted(edges, self.stated, "right") - 1, 0, len(edges) - 2)
        return [
            _bin(edges[row], edges[row + 1], self.stated[place == row], self.true[place == row])
            for row in np.unique(place).tolist()
        ]

    def figures(self, prefix: str) -> dict[str, float]:
        """Losses, and the bins one by one.

        The ratio of a claim is its odds over the odds of all claims together, so that `cllr` says
        what the claims add to knowing how many are true; `.loss` is their plain loss in bits a
        claim, `.base_loss` that of stating the true share each time.
        """
        if not self.true.any() or self.true.all():
            return {f"{prefix}.n": len(self)}
        clipped = np.clip(self.stated, _LEAST, 1 - _LEAST)
        share = float(self.true.mean())
        ratio = np.log(clipped / (1 - clipped)) - np.log(share / (1 - share))
        found = {
            f"{prefix}.n": float(len(self)),
            f"{prefix}.true": float(self.true.sum()),
            f"{prefix}.cllr": cllr(ratio[self.true], ratio[~self.true]),
            f"{prefix}.min_cllr": min_cllr(ratio[self.true], ratio[~self.true]),
            f"{prefix}.loss": float(-np.log2(np.where(self.true, clipped, 1 - clipped)).mean()),
            f"{prefix}.base_loss": float(
                -share * np.log2(share) - (1 - share) * np.log2(1 - share)
            ),
            f"{prefix}.ece": self._gap(),
        }
        for one in self.bins():
            key = f"{prefix}.bin.{one.low:g}-{one.high:g}"
            found |= {f"{key}.n": one.count, f"{key}.stated": one.stated, f"{key}.true": one.true}
        return found

    def _gap(self) -> float:
        """Expected gap between what was stated and what came true."""
        gaps = [abs(one.stated - one.true) * one.count for one in self.bins()]
        return sum(gaps) / len(self)


def _bin(low: float, high: float, stated: F64, true: Bool) -> Bin:
    return Bin(
        low,
        high,
        len(stated),
        float(stated.mean()),
        float(true.mean()),
        wilson(int(true.sum()), len(true)),
    )


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, Journal of the American Statistical Association 22,
    1927)."""
    z2 = 1.96**2
    middle = (hits + z2 / 2) / (of + z2)
    half = 1.96 * np.sqrt(hits * (of - hits) / of + z2 / 4) / (of + z2)
    return max(0.0, middle - half), min(1.0, middle + half)


# --- the picture ---------------------------------------------------------------------------------

_SIDE, _MARGIN = 420, 60


def drawn(claims: Claims, title: str) -> str:
    """A reliability plot as SVG: stated probability against what came true, on log-odds axes."""
    whole = _SIDE + 2 * _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}" '
        f'font-family="sans-serif" font-size="12" role="img" aria-label="{escape(title)}">',
        f'<rect width="{whole}" height="{whole}" fill="#fff"/>',
        f'<text x="{whole / 2}" y="24" text-anchor="middle" font-size="14">{escape(title)}</text>',
        *_axes(),
        *(_mark(one) for one in claims.bins()),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


_TICKS = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99)
_REACH = np.log(0.9995 / 0.0005)


def _axes() -> list[str]:
    low, high = _MARGIN, _MARGIN + _SIDE
    lines = [
        f'<rect x="{low}" y="{low}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#444"/>',
        f'<line x1="{low}" y1="{high}" x2="{high}" y2="{low}" stroke="#888" '
        'stroke-dasharray="4 4"/>',
        f'<text x="{low + _SIDE / 2}" y="{high + 40}" text-anchor="middle">stated</text>',
        f'<text x="18" y="{low + _SIDE / 2}" text-anchor="middle" '
        f'transform="rotate(-90 18 {low + _SIDE / 2})">came true</text>',
    ]
    for tick in _TICKS:
        x, y = _x(tick), _y(tick)
        lines += [
            f'<line x1="{x}" y1="{low}" x2="{x}" y2="{high}" stroke="#ddd"/>',
            f'<line x1="{low}" y1="{y}" x2="{high}" y2="{y}" stroke="#ddd"/>',
            f'<text x="{x}" y="{high + 18}" text-anchor="middle">{tick:g}</text>',
            f'<text x="{low - 6}" y="{y + 4}" text-anchor="end">{tick:g}</text>',
        ]
    return lines


def _mark(one: Bin) -> str:
    x, y = _x(one.stated), _y(one.true)
    low, high = (_y(end) for end in one.interval)
    return (
        f'<g stroke="#1f5fa8" fill="#1f5fa8"><line x1="{x}" y1="{low}" x2="{x}" y2="{high}" '
        f'stroke-width="2"/><circle cx="{x}" cy="{y}" r="4"/></g>'
        f'<text x="{x + 7}" y="{y + 14}" fill="#333" font-size="10">{one.count}</text>'
    )


def _x(probability: float) -> float:
    return round(_MARGIN + _SIDE * _along(probability), 1)


def _y(probability: float) -> float:
    return round(_MARGIN + _SIDE * (1 - _along(probability)), 1)


def _along(probability: float) -> float:
    clipped = float(np.clip(probability, 1e-9, 1 - 1e-9))
    odds = np.log(clipped / (1 - clipped))
    return float(np.clip((odds + _REACH) / (2 * _REACH), 0, 1))
