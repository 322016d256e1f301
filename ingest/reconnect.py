"""How long to wait before a camera is tried again."""

import random
from collections.abc import Callable
from dataclasses import dataclass

Uniform = Callable[[float, float], float]
"""A random number between two; `random.uniform`, or a test's own."""


@dataclass(frozen=True, slots=True)
class BackoffPolicy:
    """First and longest wait, and how long a connection must have lasted to count as healthy."""

    first_s: float = 0.5
    cap_s: float = 30.0
    healthy_s: float = 10.0


class Backoff:
    """Capped exponential back-off with full jitter (Brooker, AWS Architecture Blog 2015).

    The jitter keeps a hundred cameras behind one switch from coming back in the same instant.
    """

    def __init__(
        self, policy: BackoffPolicy | None = None, *, uniform: Uniform = random.uniform
    ) -> None:
        self._policy = policy or BackoffPolicy()
        self._uniform = uniform
        self._failures = 0

    def failed(self, lasted_s: float = 0.0) -> float:
        """Seconds to wait after a connection that lasted so long; a healthy one starts afresh."""
        if lasted_s >= self._policy.healthy_s:
            self._failures = 0
        # The exponent is bounded so that a night of failures does not overflow a float.
        ceiling = min(self._policy.cap_s, self._policy.first_s * 2.0 ** min(self._failures, 60))
        self._failures += 1
        return self._uniform(0.0, ceiling)

    def refused(self) -> float:
        """Seconds to wait after a wrong password: the longest at once, as cameras lock out."""
        self._failures += 1
        return self._policy.cap_s
