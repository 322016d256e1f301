"""Where light comes from, and how bright a surface looks in it."""

from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np

from core.arrays import F32
from core.errors import InvalidInput
from scenes.splits import Split, rng_for

Hour = Literal["day", "dusk", "night"]
Weather = Literal["clear", "overcast", "rain", "fog"]
Triple = tuple[float, float, float]

GAMMA = 2.2
LAMP_HEIGHT_M = 7.5
LAMP_RGB: Triple = (1.0, 0.80, 0.54)
LAMP_POWER = 70.0  # night cameras expose for it: the ground below a lamp reads nearly as by day
_LIGHT_STREAM = 211
_NO_LIGHT: Triple = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Light:
    """The light at a place. Radiances are linear: 1.0 on a white face reads as white.

    `toward` is the unit direction to the strongest source (sun, or the nearest lamp at night) and
    `beam_rgb` what it gives a face that looks at it; `sky_rgb` comes from above, `bounce_rgb` from
    below. `fog_per_m` mixes `fog_rgb` (as seen, not linear) in with depth.
    """

    hour: Hour
    weather: Weather
    toward: Triple
    beam_rgb: Triple
    sky_rgb: Triple
    bounce_rgb: Triple
    fog_per_m: float
    fog_rgb: Triple

    @property
    def wet(self) -> bool:
        return self.weather == "rain"

    @property
    def dark(self) -> bool:
        """Lamps are lit and windows shine."""
        return self.hour != "day"

    @property
    def shadow(self) -> float:
        """What a cast shadow leaves of the ground's grey value, 1 is no shadow."""
        up = max(self.toward[2], 0.05)
        beam = sum(self.beam_rgb) * up
        left = sum(self.sky_rgb) / max(sum(self.sky_rgb) + beam, 1e-6)
        return float(left ** (1 / GAMMA))

    def in_shade(self, lit: float) -> "Light":
        """The same with only the share `lit` of the beam: behind a house, under a tree."""
        red, green, blue = self.beam_rgb
        return replace(self, beam_rgb=(red * lit, green * lit, blue * lit))


class Lit(Protocol):
    """What has a light of its own: a city."""

    @property
    def seed(self) -> int: ...

    @property
    def split(self) -> Split: ...

    @property
    def light(self) -> Hour: ...

    @property
    def weather(self) -> Weather: ...


def light_of(city: Lit) -> Light:
    """The light of a city, the same for its backdrops and for what moves before them."""
    return city_light(city.light, city.weather, rng_for(city.seed, city.split, _LIGHT_STREAM))


def city_light(hour: Hour, weather: Weather, rng: np.random.Generator) -> Light:
    """The light of a whole city: the sun's place is drawn from `rng`."""
    if hour not in _SUNS or weather not in _WEATHERS:
        raise InvalidInput(
            f"light: want one of {sorted(_SUNS)} and {sorted(_WEATHERS)}, got {hour}, {weather}"
        )
    low_deg, high_deg, beam, sky = _SUNS[hour]
    share, lift, fog_per_m = _WEATHERS[weather]
    height = np.radians(rng.uniform(low_deg, high_deg))
    azimuth = rng.uniform(0, 2 * np.pi)
    toward = (np.cos(azimuth) * np.cos(height), np.sin(azimuth) * np.cos(height), np.sin(height))
    beam_rgb = scaled(beam, share)
    grey = float(np.mean(sky))
    skies = np.array(sky) if share > 0.5 else np.array(sky) * 0.35 + grey * 0.65
    skies = skies + np.array(beam) * lift
    bounce = tuple(float(part) for part in skies * 0.45 + np.array(beam_rgb) * 0.12)
    return Light(
        hour=hour,
        weather=weather,
        toward=(float(toward[0]), float(toward[1]), float(toward[2])),
        beam_rgb=beam_rgb,
        sky_rgb=_triple(skies),
        bounce_rgb=_triple(np.array(bounce)),
        fog_per_m=fog_per_m,
        fog_rgb=_FOGS[hour],
    )


_SUNS: dict[str, tuple[float, float, Triple, Triple]] = {
    # lowest and highest sun in degrees, beam, sky
    "day": (30.0, 56.0, (1.26, 1.14, 0.94), (0.29, 0.34, 0.43)),
    "dusk": (10.0, 16.0, (1.75, 0.92, 0.40), (0.19, 0.20, 0.30)),
    "night": (60.0, 61.0, _NO_LIGHT, (0.044, 0.058, 0.104)),
}
_WEATHERS: dict[str, tuple[float, float, float]] = {
    # share of the beam that comes through, share that the clouds scatter, fog
    "clear": (1.0, 0.0, 0.0006),
    "overcast": (0.10, 0.34, 0.0012),
    "rain": (0.04, 0.22, 0.0045),
    "fog": (0.03, 0.34, 0.0190),
}
_FOGS: dict[str, Triple] = {
    "day": (0.76, 0.80, 0.84),
    "dusk": (0.62, 0.54, 0.54),
    "night": (0.13, 0.13, 0.16),
}


def scaled(rgb: Triple, gain: float) -> Triple:
    """Each channel times `gain`."""
    return rgb[0] * gain, rgb[1] * gain, rgb[2] * gain


def _triple(values: F32 | np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Triple:
    return float(values[0]), float(values[1]), float(values[2])


def lamp_gain(xy_m: F32, lamps_m: F32) -> F32:
    """How strongly the street lamps (L, 2) light upward faces on the ground at `xy_m` (N, 2), (N,).

    By the square of the distance and the cosine law, and lamps send most of it straight down.
    """
    total = np.zeros(len(xy_m), np.float32)
    for lamp in np.asarray(lamps_m, np.float32).reshape(-1, 2):
        away_sq = ((xy_m - lamp) ** 2).sum(axis=1) + LAMP_HEIGHT_M**2
        total += (LAMP_POWER * LAMP_HEIGHT_M**2 / away_sq**2).astype(np.float32)
    return total


def under_lamps(light: Light, xy_m: tuple[float, float], lamps_m: F32) -> Light:
    """The light at a place of a dark street: the nearest lamp is the beam, the others are sky."""
    if not light.dark or not len(lamps_m):
        return light
    here = np.array([xy_m], np.float32)
    gains = np.array([float(lamp_gain(here, lamp[None])[0]) for lamp in lamps_m])
    nearest = int(gains.argmax())
    rest = float(gains.sum() - gains[nearest]) * 0.5
    sky = np.array(light.sky_rgb) + np.array(LAMP_RGB) * rest
    if sum(light.beam_rgb) > 0.05:  # a low sun outshines them
        return replace(light, sky_rgb=_triple(sky + np.array(LAMP_RGB) * gains[nearest] * 0.5))
    way = np.array([*(lamps_m[nearest] - here[0]), LAMP_HEIGHT_M])
    way /= np.linalg.norm(way)
    return replace(
        light,
        toward=_triple(way),
        beam_rgb=scaled(LAMP_RGB, float(gains[nearest]) * 1.5),
        sky_rgb=_triple(sky + np.array(LAMP_RGB) * gains[nearest] * 0.15),
    )


def shaded(albedo: F32, normals: F32, light: Light) -> F32:
    """Linear colours (P, 3) of dull faces: sun by Lambert's law, the sky from above, the ground's
    bounce from below. `albedo` is linear (P, 3); `normals` (P, 3) of unit length."""
    beam = np.clip(normals @ np.array(light.toward, np.float32), 0, None)
    up = 0.5 + 0.5 * normals[:, 2]
    sky, bounce = np.array(light.sky_rgb, np.float32), np.array(light.bounce_rgb, np.float32)
    falls = (
        beam[:, None] * np.array(light.beam_rgb, np.float32)
        + up[:, None] * sky
        + (1 - up[:, None]) * bounce
    )
    lit: F32 = (albedo * falls).astype(np.float32)
    return lit


def glints(normals: F32, to_eye: F32, gloss: F32, light: Light) -> F32:
    """What polished faces mirror, linear (P, 3): Blinn's highlight of the beam, and the sky at
    grazing angles by Schlick's approximation of Fresnel's law."""
    half = to_eye + np.array(light.toward, np.float32)
    half /= np.maximum(np.linalg.norm(half, axis=1, keepdims=True), 1e-6)
    shine = np.clip((normals * half).sum(axis=1), 0, 1) ** 40 * gloss
    grazing = (1 - np.clip((normals * to_eye).sum(axis=1), 0, 1)) ** 5
    mirrored = gloss * (0.04 + 0.5 * grazing) * (0.6 + 0.4 * normals[:, 2])
    beam, sky = np.array(light.beam_rgb, np.float32), np.array(light.sky_rgb, np.float32)
    seen: F32 = (shine[:, None] * beam * 0.8 + mirrored[:, None] * sky).astype(np.float32)
    return seen


def linear(rgb: F32) -> F32:
    """Colours as written (0 to 1, bent by gamma) as radiances."""
    return np.asarray(np.power(rgb, GAMMA), np.float32)


def encoded(radiance: F32) -> F32:
    """Radiances as grey values 0 to 1, the brightest rolled off as film does."""
    safe = np.clip(radiance, 0, None)
    rolled = np.where(safe > 0.7, 0.7 + 0.3 * (1 - np.exp(-(safe - 0.7) / 0.3)), safe)
    return np.asarray(np.power(rolled, 1 / GAMMA), np.float32)


def fogged(rgb: F32, depth_m: F32, light: Light) -> F32:
    """Grey values (..., 3) behind `depth_m` (...) of air (Koschmieder's law)."""
    clear = np.exp(-light.fog_per_m * depth_m)[..., None]
    fog = np.array(light.fog_rgb, np.float32)
    return np.asarray(rgb * clear + fog * (1 - clear), np.float32)
