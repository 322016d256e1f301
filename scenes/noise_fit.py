"""Finds the numbers of `scenes.noise` from vectors whose subject, camera and tracklet are known.

    python -m benchmarks.population fit --help

Two steps. Products of vectors that share a tracklet, only a subject, only a camera, or nothing tell
the parts' variances apart (Henderson, "Estimation of variance and covariance components",
Biometrics 9, 1953, with crossed factors), and sums of such products over pairs of subjects how many
dimensions each part fills, without the bias that few subjects would give. Then vectors are drawn
for the very same subjects, cameras and tracklets, and the numbers moved until the drawn cosines
have the real ones' means and spreads (McFadden, "A method of simulated moments", Econometrica 57,
1989): normalising and the log-normal factors have no closed form.
"""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace

import numpy as np
from scipy.optimize import brentq

from core.arrays import F32, F64, I64, checked, same_length
from core.errors import InvalidInput
from scenes.noise import Drawn, EmbeddingNoise, Part, VectorDraws, permutation, power_law
from scenes.splits import Split

ALIKE = 0.5
"""The share of subjects who have a look that others have too, as taken: how many looks there are
and how alike they make is what is fitted."""

_MOST_VECTORS = 3000  # of whole subjects: their products take 36 MB
_FEWEST_SUBJECTS = 10
_ROUNDS = 30
_TAIL = 0.999
_LIMITS = {
    "spread": (0.01, 1.2),
    "decay": (0.0, 2.5),
    "likeness": (0.2, 1.0),
    "looks": (5.0, 5000.0),
}


@dataclass(frozen=True, slots=True)
class Cosines:
    """What cosines of pairs are like; pairs of one subject are of different cameras if not said.

    `subject_sigma` is the spread of subjects' means, `passing_sigma` that of pairs of tracklets of
    one subject, `shot_sigma` that inside such a pair; `stranger_tail` is reached by one pair of
    strangers in a thousand. `rank1` is the share of vectors whose nearest one from another camera
    is of the same subject.
    """

    strangers: float
    strangers_one_camera: float
    subject: float
    tracklet: float
    stranger_sigma: float
    stranger_tail: float
    subject_sigma: float
    passing_sigma: float
    shot_sigma: float
    rank1: float


def fit_noise(vectors: F32, identities: I64, cameras: I64, tracklets: I64) -> EmbeddingNoise:
    """The noise under which vectors (N, D) of these subjects, cameras and tracklets, all (N,),
    would lie as they do.

    Raises `InvalidInput` for too few subjects, or none seen by two cameras and twice by one.
    """
    design = design_of(vectors, identities, cameras, tracklets)
    real = cosines(vectors[design.kept], design)
    noise = _first_guess(vectors[design.kept], design, real)
    for _ in range(_ROUNDS):
        noise = _moved(noise, real, cosines(drawn_like(noise, design), design))
    return noise


def resemblance(
    noise: EmbeddingNoise, vectors: F32, identities: I64, cameras: I64, tracklets: I64
) -> tuple[Cosines, Cosines]:
    """The cosines of the real vectors, and of ones drawn in their place."""
    design = design_of(vectors, identities, cameras, tracklets)
    drawn = drawn_like(noise, design)
    return cosines(vectors[design.kept], design), cosines(drawn, design)


# --- what is compared ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Who, where and when of N vectors, numbered from 0, and which pairs of them are compared.

    `kept` are their rows in the material. Pairs are flat places in an (N, N) matrix; `cross` are
    those of one subject and two cameras, `pair` (P,) which pair of tracklets each of them belongs
    to, and `pair_subject` whose that is.
    """

    kept: I64
    subject: I64
    camera: I64
    tracklet: I64
    strangers: I64
    strangers_one_camera: I64
    one_tracklet: I64
    cross: I64
    pair: I64
    pair_subject: I64


def design_of(vectors: F32, identities: I64, cameras: I64, tracklets: I64) -> Design:
    """The comparison of whole subjects, at most some thousands of vectors."""
    checked("vectors", vectors, np.float32, "N", "D")
    for name, labels in (
        ("identities", identities), ("cameras", cameras), ("tracklets", tracklets)
    ):  # fmt: skip
        checked(name, labels, np.int64, "N")
    same_length(vectors=vectors, identities=identities, cameras=cameras, tracklets=tracklets)
    kept = _whole_subjects(identities)
    subject, camera, tracklet = (
        np.unique(labels[kept], return_inverse=True)[1]
        for labels in (identities, cameras, tracklets)
    )
    design = _paired(kept, subject, camera, tracklet)
    found = len(np.unique(design.pair_subject))
    if found < _FEWEST_SUBJECTS or not len(design.one_tracklet):
        raise InvalidInput(
            f"noise: want {_FEWEST_SUBJECTS} subjects or more seen by two cameras, and tracklets "
            f"of two vectors, got {found} and {len(design.one_tracklet)} pairs"
        )
    return design


def _whole_subjects(identities: I64) -> I64:
    subject = np.unique(identities, return_inverse=True)[1]
    ends = np.cumsum(np.bincount(subject))
    return np.flatnonzero(subject < max(1, int(np.searchsorted(ends, _MOST_VECTORS, "right"))))


def _paired(kept: I64, subject: I64, camera: I64, tracklet: I64) -> Design:
    upper = np.triu(np.ones((len(kept), len(kept)), np.bool_), 1)
    one_subject, one_camera, one_tracklet = (
        labels[:, None] == labels for labels in (subject, camera, tracklet)
    )
    cross = np.flatnonzero(one_subject & ~one_camera & upper)
    row, column = np.divmod(cross, len(kept))
    ends = np.sort(np.stack([tracklet[row], tracklet[column]]), axis=0)
    _, first, pair = np.unique(
        ends[0] * (tracklet.max() + 1) + ends[1], return_index=True, return_inverse=True
    )
    return Design(
        kept,
        subject,
        camera,
        tracklet,
        strangers=np.flatnonzero(~one_subject & ~one_camera & upper),
        strangers_one_camera=np.flatnonzero(~one_subject & one_camera & upper),
        one_tracklet=np.flatnonzero(one_tracklet & upper),
        cross=cross,
        pair=pair,
        pair_subject=subject[row[first]],
    )


def cosines(vectors: F32, design: Design) -> Cosines:
    """What the cosines of `vectors` (N, D) are like by who and where they are of."""
    products = (vectors @ vectors.T).ravel()
    strangers = products[design.strangers]
    mean, variance = _by_group(products[design.cross], design.pair)
    whose = np.unique(design.pair_subject, return_inverse=True)[1]
    of_subject, within = _by_group(mean, whose)
    several = np.bincount(design.pair) > 1
    return Cosines(
        strangers=float(strangers.mean()),
        strangers_one_camera=_mean(products[design.strangers_one_camera], strangers),
        subject=float(products[design.cross].mean()),
        tracklet=float(products[design.one_tracklet].mean()),
        stranger_sigma=float(strangers.std()),
        stranger_tail=float(np.quantile(strangers, _TAIL)),
        subject_sigma=float(of_subject.std()),
        passing_sigma=float(np.sqrt(within.mean())),
        shot_sigma=float(np.sqrt(variance[several].mean())) if several.any() else 0.0,
        rank1=_rank1(products, design),
    )


def _rank1(products: F32, design: Design) -> float:
    elsewhere = products.reshape(len(design.kept), -1).copy()
    elsewhere[design.camera[:, None] == design.camera] = -np.inf
    asked = np.unique(np.divmod(design.cross, len(design.kept)))
    nearest = elsewhere[asked].argmax(axis=1)
    return float((design.subject[nearest] == design.subject[asked]).mean())


def _mean(values: F32, otherwise: F32) -> float:
    return float(values.mean() if len(values) else otherwise.mean())


def _by_group(values: F32 | F64, group: I64) -> tuple[F64, F64]:
    """Mean and variance of each group (G,)."""
    count = np.bincount(group)
    mean = np.bincount(group, values) / count
    return mean, np.maximum(np.bincount(group, values.astype(np.float64) ** 2) / count - mean**2, 0)


def drawn_like(noise: EmbeddingNoise, design: Design) -> F32:
    """Vectors drawn for the same subjects, cameras and tracklets; always the same ones."""
    shots = np.arange(len(design.kept))
    of = Drawn(design.subject, design.camera, design.tracklet, shots)
    return VectorDraws(noise, 0, Split.CALIBRATE).vectors(of)


# --- the first guess -----------------------------------------------------------------------------


def _first_guess(vectors: F32, design: Design, real: Cosines) -> EmbeddingNoise:
    variance = _variances(real)
    shape = _shapes(vectors, design)
    dim = vectors.shape[1]
    decay = _decay(dim, shape["subject", "subject"])
    parts = {
        name: _part(dim, decay, place, shape[name, "subject"], shape[name, name])
        for place, name in ((1, "passing"), (2, "shot"))
    }
    return EmbeddingNoise(
        dim,
        variance["mean"],
        Part(variance["subject"], 0.2, decay),
        replace(parts["passing"], variance=variance["camera"]),
        replace(parts["passing"], variance=variance["passing"], spread=0.5),
        replace(parts["shot"], variance=variance["shot"], spread=0.4),
        alike=ALIKE,
        likeness=0.8,
        looks=200,
    )


def _variances(of: Cosines) -> dict[str, float]:
    """The parts' shares of the squared length, each by the pairs that have it in common."""
    camera = of.strangers_one_camera - of.strangers
    found = {
        "mean": of.strangers,
        "camera": camera,
        "subject": of.subject - of.strangers,
        "passing": of.tracklet - of.subject - camera,
        "shot": 1 - of.tracklet,
    }
    return {name: max(share, 1e-3) for name, share in found.items()}


def _shapes(vectors: F32, design: Design) -> Mapping[tuple[str, str], float]:
    """tr(A B) / (tr A tr B) of the parts' covariances: one over the dimensions that they share.

    Each subject gives estimates of its own; products of different subjects' ones have no bias.
    """
    centred = vectors.astype(np.float64)
    for camera in np.unique(design.camera):  # all subjects share its shift: no product may hold it
        here = design.camera == camera
        many = len(np.unique(design.subject[here])) >= _FEWEST_SUBJECTS
        centred[here] -= vectors[here if many else slice(None)].mean(axis=0, dtype=np.float64)
    estimates = [
        _of_subject(centred[own], design.camera[own], design.tracklet[own])
        for one in np.unique(design.pair_subject)
        if len(own := np.flatnonzero(design.subject == one))
    ]
    whole = [one for one in estimates if one is not None]
    names = ("subject", "passing", "shot")
    found = {}
    for a in names:
        for b in names:
            crossed, alone = _crossed([one[a] for one in whole], [one[b] for one in whole])
            found[a, b] = crossed / alone if alone > 0 else 1.0 / vectors.shape[1]
    return found


def _of_subject(rows: F64, camera: I64, tracklet: I64) -> dict[str, F64] | None:
    """Unbiased covariances (D, D) of the parts from one subject's rows; None without pairs."""
    every = np.zeros(len(rows), np.int64)
    in_tracklet = _pair_mean(rows, tracklet, np.arange(len(rows)))
    cross = _pair_mean(rows, every, camera)
    if in_tracklet is None or cross is None:
        return None
    alone = rows.T @ rows / len(rows)
    return {"subject": cross, "passing": in_tracklet - cross, "shot": alone - in_tracklet}


def _pair_mean(rows: F64, same: I64, other: I64) -> F64 | None:
    """The mean of x y^T over ordered pairs of one `same` and different `other`."""
    total, pairs = np.zeros((rows.shape[1],) * 2), 0
    for group in np.unique(same):
        inside = np.flatnonzero(same == group)
        sums = np.stack([rows[inside[other[inside] == o]].sum(0) for o in np.unique(other[inside])])
        counts = np.unique(other[inside], return_counts=True)[1]
        whole = sums.sum(0)
        total += np.outer(whole, whole) - sums.T @ sums
        pairs += len(inside) ** 2 - int((counts**2).sum())
    return total / pairs if pairs else None


def _crossed(a: list[F64], b: list[F64]) -> tuple[float, float]:
    """Means of tr(A_i B_j) and of tr(A_i) tr(B_j) over different subjects i, j."""
    pairs = len(a) * (len(a) - 1)
    products = np.sum(sum(a) * sum(b)) - sum(np.sum(x * y) for x, y in zip(a, b, strict=True))
    traces = [np.array([np.trace(one) for one in part]) for part in (a, b)]
    alone = traces[0].sum() * traces[1].sum() - (traces[0] * traces[1]).sum()
    return float(products / pairs), float(alone / pairs)


def _decay(dim: int, wanted: float) -> float:
    """The power law whose squared variances sum to `wanted`."""
    low, high = _LIMITS["decay"]

    def beyond(decay: float) -> float:
        return float((power_law(dim, decay) ** 2).sum()) - wanted

    if beyond(low) >= 0:
        return low
    return high if beyond(high) <= 0 else float(brentq(beyond, low, high))


def _part(dim: int, subject_decay: float, place: int, crossed: float, own: float) -> Part:
    """The part number `place` that shares `crossed` with the subjects' and `own` with itself."""
    subject = power_law(dim, subject_decay)
    order = permutation(dim, place)

    def overlap(decay: float) -> float:
        apart = float(subject @ power_law(dim, decay)[order])
        return float(np.clip((crossed - apart) / (subject @ subject - apart), 0, 1))

    def beyond(decay: float) -> float:
        share = overlap(decay)
        mixed = share * subject + (1 - share) * power_law(dim, decay)[order]
        return float(mixed @ mixed) - own

    low, high = 0.0, 1.5
    if beyond(low) >= 0:
        decay = low
    else:
        decay = high if beyond(high) <= 0 else float(brentq(beyond, low, high))
    return Part(0.0, 0.0, decay, overlap(decay))


# --- step by step nearer -------------------------------------------------------------------------


def _moved(noise: EmbeddingNoise, real: Cosines, drawn: Cosines) -> EmbeddingNoise:
    """Each number moved by how far the cosines that it rules are off."""
    wanted, got = _variances(real), _variances(drawn)
    now = {"mean": noise.mean} | {
        name: getattr(noise, name).variance for name in ("camera", "subject", "passing", "shot")
    }
    raw = {name: now[name] * float(np.clip(wanted[name] / got[name], 0.7, 1.4)) for name in now}
    share = {name: value / sum(raw.values()) for name, value in raw.items()}
    parts = {
        name: replace(getattr(noise, name), variance=share[name])
        for name in ("camera", "subject", "passing", "shot")
    }
    for name in ("subject", "passing", "shot"):
        field = f"{name}_sigma"
        off = getattr(real, field) / max(getattr(drawn, field), 1e-6)
        spread = parts[name].spread * float(np.clip(off, 0.8, 1.25))
        parts[name] = replace(parts[name], spread=_within("spread", spread))
    off = real.stranger_sigma - drawn.stranger_sigma
    parts["subject"] = replace(
        parts["subject"], decay=_within("decay", parts["subject"].decay + 4 * off)
    )
    confused = drawn.rank1 - real.rank1
    for name in ("camera", "passing", "shot"):
        overlap = float(np.clip(parts[name].overlap + 0.5 * confused, 0, 1))
        parts[name] = replace(parts[name], overlap=overlap)
    return replace(_alike(noise, real, drawn), mean=share["mean"], **parts)


def _alike(noise: EmbeddingNoise, real: Cosines, drawn: Cosines) -> EmbeddingNoise:
    """More looks where too many strangers are alike, more likeness where too few are confused."""
    off = float(np.clip(4 * (drawn.stranger_tail - real.stranger_tail), -0.35, 0.35))
    looks = _within("looks", noise.looks * float(np.exp(off)))
    likeness = noise.likeness + 0.3 * (drawn.rank1 - real.rank1)
    return replace(noise, looks=round(looks), likeness=_within("likeness", likeness))


def _within(name: str, value: float) -> float:
    low, high = _LIMITS[name]
    return float(np.clip(value, low, high))


def as_figures(found: Cosines) -> dict[str, float]:
    """The cosines by name, for a file."""
    return dict(zip(Cosines.__dataclass_fields__, astuple(found), strict=True))
