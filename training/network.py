"""The embedders' network: a narrow residual one, pooled whole and in three stripes.

1.6 million weights. Plain 3x3 convolutions, for on a CPU they run faster than the depthwise ones
that save more arithmetic; residuals after He et al., "Deep Residual Learning", CVPR 2016. Pooling
in stripes keeps what is above apart from what is below: a coat from trousers, a roof from wheels.
"""

import torch
from torch import nn
from torch.nn import functional

from training.declared import DIM

WIDTHS = (32, 48, 96, 160)
_STRIPES = 3
_LEAST = 1e-6


class Block(nn.Module):
    """Two convolutions and what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return functional.relu(pixels + self.body(pixels))


def _halved(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    )


class Embedding(nn.Module):
    """Crops (N, 3, h, w) to rows (N, `DIM`), of any length: a cosine compares them.

    The last norm has no weights to shift with, so that the rows lie around zero and a cosine uses
    its whole range (Luo et al., "Bag of Tricks for Person Re-identification", 2019).
    """

    def __init__(self, widths: tuple[int, int, int, int] = WIDTHS, dim: int = DIM) -> None:
        super().__init__()
        first, second, third, fourth = widths
        self.trunk = nn.Sequential(
            _halved(3, first),
            _halved(first, second),
            Block(second),
            _halved(second, third),
            Block(third),
            Block(third),
            _halved(third, fourth),
            Block(fourth),
            Block(fourth),
        )
        self.sharpness = nn.Parameter(torch.tensor(3.0))
        self.row = nn.Linear(fourth * (1 + _STRIPES), dim, bias=False)
        self.centred = nn.BatchNorm1d(dim, affine=False)

    def forward(self, crops: torch.Tensor) -> torch.Tensor:
        features = self.trunk(crops).float()
        stripes = features.chunk(_STRIPES, dim=2)
        pooled = [self._peak(features), *(stripe.mean((2, 3)) for stripe in stripes)]
        rows: torch.Tensor = self.centred(self.row(torch.cat(pooled, dim=1)))
        return rows

    def _peak(self, features: torch.Tensor) -> torch.Tensor:
        """A mean between the mean and the maximum (Radenovic et al., GeM pooling, 2018)."""
        sharp = features.clamp(min=_LEAST).pow(self.sharpness).mean((2, 3))
        return sharp.pow(1 / self.sharpness)


class Memory(nn.Module):
    """Where each identity's rows were seen last: a running mean (I, D), taught by nothing.

    An identity is one of thousands and comes up every hundredth batch: a classifier's weights would
    learn its place far too slowly, its own last rows say it at once (Dai et al., "Cluster Contrast
    for Unsupervised Person Re-Identification", 2021; the identities are known here).
    """

    centres: torch.Tensor
    seen: torch.Tensor

    def __init__(self, identities: int, dim: int = DIM) -> None:
        super().__init__()
        self.register_buffer("centres", torch.zeros(identities, dim))
        self.register_buffer("seen", torch.zeros(identities, dtype=torch.bool))

    def forward(self, rows: torch.Tensor, who: torch.Tensor, margin: float) -> torch.Tensor:
        """How badly each row (N, D) is told from all other identities, its own being made harder
        to reach by `margin` (Wang et al., "CosFace", CVPR 2018; nothing here knows faces)."""
        centres = self.centres.clone()  # remembering changes them before the gradient is taken
        cosines = functional.normalize(rows) @ centres.T
        cosines = cosines - functional.one_hot(who, len(self.centres)) * margin
        logits = (_SCALE * cosines).masked_fill(~self.seen, -_SCALE * 2)
        known = self.seen[who]
        if not known.any():
            return rows.sum() * 0
        return functional.cross_entropy(logits[known], who[known])

    @torch.no_grad()
    def remember(self, rows: torch.Tensor, who: torch.Tensor) -> None:
        """Take in the rows (N, D) of a batch."""
        unit = functional.normalize(rows)
        for identity in who.unique():
            mean = unit[who == identity].mean(0)
            kept = _KEPT if self.seen[identity] else 0.0
            mixed = kept * self.centres[identity] + (1 - kept) * mean
            self.centres[identity] = functional.normalize(mixed, dim=0)
            self.seen[identity] = True

    @torch.no_grad()
    def nearest(self, count: int) -> torch.Tensor:
        """The identities nearest to each (I, count), itself first."""
        own = torch.eye(len(self.centres), device=self.centres.device) * 4
        return (self.centres @ self.centres.T + own).topk(min(count, len(own))).indices


_SCALE = 10.0
_KEPT = 0.3  # of what was remembered; the network moves on quickly


def contrast(rows: torch.Tensor, who: torch.Tensor) -> torch.Tensor:
    """How badly rows (N, D) of one identity are told from the others of their batch.

    Khosla et al., "Supervised Contrastive Learning", 2020: each other view of one's own is a
    target among all rows of others.
    """
    unit = functional.normalize(rows)
    own = torch.eye(len(who), dtype=torch.bool, device=who.device)
    logits = (_SCALE * unit @ unit.T).masked_fill(own, -4 * _SCALE)
    same = (who[:, None] == who[None, :]) & ~own
    others = logits.masked_fill(same, -4 * _SCALE).logsumexp(1, keepdim=True)
    each = torch.logaddexp(logits, others) - logits
    return each[same].mean()
