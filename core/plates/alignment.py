"""The best way to lay two rows of characters side by side (Needleman and Wunsch, 1970).

Shared by whoever pairs characters: learning confusions from texts, fusing reads, explaining a hit.
Plates are short, so plain loops over a table of some hundred cells suffice.
"""

from core.arrays import F64

NONE = -1
"""Stands in a pair where the other side has no partner."""

_PAIR, _DROP, _ADD = range(3)


def align(match: F64, drop: F64, add: F64) -> list[tuple[int, int]]:
    """Pairs (i, j) in order, `NONE` for no partner, with the greatest sum of scores.

    `match` (I, J) scores pairing row i with column j, `drop` (I,) leaving row i alone, and `add`
    (I + 1, J) leaving column j alone after i rows. Ties go to pairing, then to dropping.
    """
    rows, columns = match.shape
    step = _steps(match, drop, add)
    pairs: list[tuple[int, int]] = []
    i, j = rows, columns
    while i or j:
        move = step[i][j]
        i, j = i - (move != _ADD), j - (move != _DROP)
        pairs.append((i if move != _ADD else NONE, j if move != _DROP else NONE))
    return pairs[::-1]


def _steps(match: F64, drop: F64, add: F64) -> list[list[int]]:
    """The last move of the best way to lay out each pair of prefixes."""
    scores, drops, adds = match.tolist(), drop.tolist(), add.tolist()
    rows, columns = match.shape
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    step = [[_PAIR] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows + 1):
        for j in range(columns + 1):
            moves: list[tuple[float, int]] = []
            if i and j:
                moves.append((best[i - 1][j - 1] + scores[i - 1][j - 1], _PAIR))
            if i:
                moves.append((best[i - 1][j] + drops[i - 1], _DROP))
            if j:
                moves.append((best[i][j - 1] + adds[i][j - 1], _ADD))
            if moves:
                best[i][j], step[i][j] = max(moves, key=lambda move: (move[0], -move[1]))
    return step
