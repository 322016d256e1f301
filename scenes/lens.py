"""What glass and sensor do to a picture: blur, shading to the corners, colour cast, noise."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Optics:
    """One camera's glass and sensor.

    `blur_px` is the sigma of its softness, `noise` the standard deviation of a grey value by day
    (0 to 255), `cast` the gain of red, green and blue, `vignette` how much light the corners lose
    (0 to 1), `gamma` bends the grey scale (above 1 is darker), `exposure` is a gain.
    """

    blur_px: float = 0.5
    noise: float = 3.0
    cast: tuple[float, float, float] = (1.0, 1.0, 1.0)
    vignette: float = 0.15
    gamma: float = 1.0
    exposure: float = 1.0
