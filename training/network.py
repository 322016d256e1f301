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


class MarginHead(nn.Module):
    """Softmax over identities by cosine, the true one made harder by a margin.

    Wang et al., "CosFace: Large Margin Cosine Loss for Deep Face Recognition", CVPR 2018 (the loss
    is general: nothing here knows faces). Used in training only.
    """

    def __init__(self, identities: int, dim: int = DIM, *, scale: float = 20.0) -> None:
        super().__init__()
        self.centres = nn.Parameter(torch.randn(identities, dim))
        self.scale = scale

    def forward(self, rows: torch.Tensor, who: torch.Tensor, margin: float) -> torch.Tensor:
        cosines = functional.normalize(rows) @ functional.normalize(self.centres).T
        taken = functional.one_hot(who, len(self.centres)) * margin
        return functional.cross_entropy(self.scale * (cosines - taken), who, label_smoothing=0.05)

    @torch.no_grad()
    def neighbours(self, who: torch.Tensor, count: int) -> torch.Tensor:
        """The identities that lie nearest to some (A,): (A, count), each itself first."""
        centres = functional.normalize(self.centres)
        return (centres[who] @ centres.T).topk(min(count, len(centres))).indices


def hardest_triplets(rows: torch.Tensor, who: torch.Tensor) -> torch.Tensor:
    """Each row's least similar one of its own against the most similar of the others.

    Hermans et al., "In Defense of the Triplet Loss", 2017, with a soft margin over cosines.
    """
    unit = functional.normalize(rows)
    cosines = unit @ unit.T
    same = who[:, None] == who[None, :]
    furthest = cosines.masked_fill(~same, 2.0).amin(1)
    nearest = cosines.masked_fill(same, -2.0).amax(1)
    return functional.softplus(10 * (nearest - furthest + 0.1)).mean() / 10
