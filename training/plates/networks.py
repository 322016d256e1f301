"""The two networks of plates: one finds four corners, one reads what stands between them.

Plain 3x3 convolutions as in `training.network`: on a CPU they run faster than the depthwise ones
that save more arithmetic. Each picture is first brought to one brightness and contrast, so that
night costs no weights.
"""

import torch
from torch import nn
from torch.nn import functional

from core.plates.alphabet import COLUMNS
from training.declared import COLOURS, FINDER_HW, LAYOUT_NAMES, POSITIONS, READER_HW
from training.network import Block

STRIDE_PX = 4
"""Side of a finder's cell in its input."""

_FLATTEST = 0.12
"""No picture's contrast is stretched beyond this spread: noise shall stay noise."""
_UNIT_PX = 16.0
_RARE = -4.0
"""The log odds of a plate in a cell before anything was learnt."""


def conv(before: int, after: int, stride: int | tuple[int, int] = 1) -> nn.Sequential:
    """A convolution of 3x3 with its norm."""
    return nn.Sequential(
        nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    )


def evened(pictures: torch.Tensor) -> torch.Tensor:
    """Each picture (N, 3, h, w) around zero and as rich in contrast as the others."""
    centred = pictures - pictures.mean((1, 2, 3), keepdim=True)
    spread = centred.square().mean((1, 2, 3), keepdim=True).sqrt()
    return centred / (spread + _FLATTEST)


class Reading(nn.Module):
    """Level plates (N, 3, 48, 160) to log-probabilities (N, P, A), and logits of layout and colour.

    Parallel attention: a map of the plate for each position says where its character stands, the
    features there say which it is (Yu et al., "Towards Accurate Scene Text Recognition with
    Semantic Reasoning Networks", CVPR 2020; here without their language model: numbers mean
    nothing). Maps begin with the places of seven characters in a row, the commonest layout.
    """

    def __init__(self, widths: tuple[int, int, int, int] = (24, 48, 96, 128)) -> None:
        super().__init__()
        first, second, third, fourth = widths
        self.strokes = nn.Sequential(
            conv(3, first, 2),
            conv(first, second, 2),
            Block(second),
            Block(second),
            conv(second, third, (2, 1)),
            Block(third),
            Block(third),
        )
        self.context = nn.Sequential(conv(third, fourth, 2), Block(fourth), Around(fourth))
        self.deeper = Block(fourth)
        self.from_strokes = nn.Conv2d(third, fourth, 1)
        self.where = nn.Conv2d(fourth, POSITIONS, 1)
        self.usual = nn.Parameter(_in_a_row(READER_HW[0] // 8, READER_HW[1] // 4))
        self.which = nn.Linear(fourth, COLUMNS)
        self.expected = nn.Parameter(torch.zeros(POSITIONS, COLUMNS))
        self.layout = nn.Linear(fourth, len(LAYOUT_NAMES))
        self.colour = nn.Linear(fourth, len(COLOURS))

    def forward(self, plates: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        strokes = self.strokes(evened(plates))
        context = self.deeper(self.context(strokes))
        spread = functional.interpolate(context, scale_factor=2.0, mode="nearest")
        features = functional.relu(self.from_strokes(strokes) + spread)
        maps = (self.where(features) + self.usual).flatten(2).softmax(2)  # N, P, h*w
        seen = maps @ features.flatten(2).transpose(1, 2)  # N, P, channels
        logits = self.which(seen).float() + self.expected
        whole = context.float().mean((2, 3))
        return logits.log_softmax(2), self.layout(whole).float(), self.colour(whole).float()


class Around(nn.Module):
    """What each place makes of all others: one head of attention over a small map.

    Vaswani et al., "Attention Is All You Need", 2017. A character's number is how many stand before
    it, which no neighbourhood of a few pixels can tell.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.place = nn.Parameter(torch.zeros(1, READER_HW[0] // 16 * (READER_HW[1] // 8), width))
        self.asked = nn.Linear(width, 3 * width)
        self.answer = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        rows = features.flatten(2).transpose(1, 2)  # N, h*w, channels
        query, key, value = self.asked(self.norm(rows) + self.place).chunk(3, dim=2)
        likeness = (query @ key.transpose(1, 2)).float() * query.shape[-1] ** -0.5
        rows = rows + self.answer(likeness.softmax(2).to(value.dtype) @ value)
        return rows.transpose(1, 2).reshape(features.shape)


def _in_a_row(high: int, wide: int) -> torch.Tensor:
    """Maps (P, h, w) in logits, each a hill where a character of a row of seven would stand."""
    across = (torch.arange(wide) + 0.5) / wide
    middles = 0.09 + (torch.arange(POSITIONS) + 0.5) * 0.82 / (POSITIONS - 0.5)
    hills = -0.5 * ((across[None] - middles[:, None]) / 0.06).square()
    return hills[:, None].repeat(1, high, 1)


class Finding(nn.Module):
    """Pieces of pictures (N, 3, 192, 256) to cells (N, 9, 48, 64): how surely a plate's middle lies
    there, and its corners x1, y1 to x4, y4 in pixels of the piece.

    Zhou et al., "Objects as Points", 2019; features of two depths joined after Lin et al.,
    "Feature Pyramid Networks", CVPR 2017.
    """

    grid: torch.Tensor

    def __init__(self, widths: tuple[int, int, int, int] = (16, 32, 64, 96)) -> None:
        super().__init__()
        first, second, third, fourth = widths
        self.fine = nn.Sequential(conv(3, first, 2), conv(first, second, 2))
        self.middle = nn.Sequential(conv(second, third, 2), Block(third))
        self.coarse = nn.Sequential(conv(third, fourth, 2), Block(fourth), Block(fourth))
        self.to_middle = nn.Conv2d(fourth, third, 1)
        self.joined = conv(third, third)
        self.to_fine = nn.Conv2d(third, second, 1)
        self.last = nn.Sequential(conv(second, second), nn.Conv2d(second, 9, 1))
        height, width = FINDER_HW[0] // STRIDE_PX, FINDER_HW[1] // STRIDE_PX
        y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        middles = (torch.stack([x, y] * 4).float() + 0.5) * STRIDE_PX
        self.register_buffer("grid", middles, persistent=False)  # 8, h, w
        with torch.no_grad():
            head = self.last[1]
            assert isinstance(head, nn.Conv2d)
            assert head.bias is not None
            head.bias[0] = _RARE

    def forward(self, pieces: torch.Tensor) -> torch.Tensor:
        logits, corners = self.raw(pieces)
        return torch.cat([logits.sigmoid(), corners], dim=1)

    def raw(self, pieces: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Log odds (N, 1, h, w) and corners (N, 8, h, w), for learning."""
        fine = self.fine(evened(pieces))
        middle = self.middle(fine)
        up = functional.interpolate(
            self.to_middle(self.coarse(middle)), scale_factor=2.0, mode="nearest"
        )
        joined = self.joined(functional.relu(middle + up))
        up = functional.interpolate(self.to_fine(joined), scale_factor=2.0, mode="nearest")
        cells = self.last(functional.relu(fine + up)).float()
        return cells[:, :1], cells[:, 1:] * _UNIT_PX + self.grid


def reading_loss(
    said: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    columns: torch.Tensor,
    layout: torch.Tensor,
    colour: torch.Tensor,
) -> torch.Tensor:
    """The mean surprise at the characters `columns` (N, P), and a little of the other two's."""
    log_probs, layouts, colours = said
    characters = functional.nll_loss(log_probs.flatten(0, 1), columns.flatten())
    others = functional.cross_entropy(layouts, layout) + functional.cross_entropy(colours, colour)
    return characters + 0.05 * others


def finding_loss(
    said: tuple[torch.Tensor, torch.Tensor], heat: torch.Tensor, corners: torch.Tensor
) -> torch.Tensor:
    """How wrong cells (N, h, w) are about a plate's being there, and its corners (N, 8, h, w), in
    shares of its height, where one is.

    The first after Li et al., "Generalized Focal Loss", 2020: what is right already weighs little.
    """
    logits, found = said[0][:, 0], said[1]
    plates = (heat >= 1).sum().clamp(min=1)
    surprise = functional.binary_cross_entropy_with_logits(logits, heat, reduction="none")
    seen = (surprise * (logits.sigmoid() - heat).square()).sum() / plates
    sure = heat * (heat > 0.5)
    height = (corners[:, 7] - corners[:, 1]).abs() + (corners[:, 5] - corners[:, 3]).abs()
    apart = (found - corners).abs().mean(1) / (0.5 * height).clamp(min=6.0)
    return seen + 2.0 * (sure * apart).sum() / sure.sum().clamp(min=1)
