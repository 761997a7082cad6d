"""Palettes and changes of colour. Colours are float32 RGB in 0 to 1, encoded (sRGB)."""

import numpy as np
from PIL import Image

from .fields import LUMINANCE

HARMONIES = {
    "single": (0.0,),
    "neighbours": (-0.09, 0.0, 0.09),
    "complement": (0.0, 0.5),
    "split": (0.0, 0.42, 0.58),
    "triad": (0.0, 1 / 3, 2 / 3),
    "square": (0.0, 0.25, 0.5, 0.75),
}


def luminance(colours: np.ndarray) -> np.ndarray:
    """Luminance of [..., 3], 0 to 1."""
    return colours @ LUMINANCE


def from_hex(text: str) -> np.ndarray:
    """'#rrggbb' as three floats."""
    return np.array([int(text[i : i + 2], 16) for i in (1, 3, 5)], np.float32) / 255


def oklch(lightness: np.ndarray, chroma: np.ndarray, hue: np.ndarray) -> np.ndarray:
    """RGB [..., 3] of Oklab in polar form (Ottosson 2020); hue in turns; clipped to the gamut."""
    a, b = chroma * np.cos(2 * np.pi * hue), chroma * np.sin(2 * np.pi * hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = np.stack(
        [
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        ],
        -1,
    ).clip(0, 1)
    encoded = np.where(linear < 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return encoded.astype(np.float32)


def random_palette(rng: np.random.Generator) -> np.ndarray:
    """Three to eight colours of one harmony, from dark to light, [k, 3]."""
    count = rng.integers(3, 9)
    turns = HARMONIES[rng.choice(list(HARMONIES))]
    hue = rng.random() + rng.choice(turns, count) + rng.normal(0, 0.025, count)
    dark, light = rng.uniform(0.1, 0.4), rng.uniform(0.75, 0.97)
    lightness = np.linspace(dark, light, count) + rng.normal(0, 0.03, count)
    chroma = rng.uniform(0.02, 0.24) * rng.uniform(0.4, 1.2, count)
    palette = oklch(lightness.clip(0.05, 0.98), chroma, hue)
    if rng.random() < 0.35:
        palette[0] = rng.uniform(0, 0.1) + rng.uniform(0, 0.05, 3)
    if rng.random() < 0.35:
        palette[-1] = 1 - np.sort(rng.uniform(0, 0.15, 3))
    return palette


def palette_of(colours: np.ndarray, count: int) -> np.ndarray:
    """`count` colours of [size, size, 3] far from one another, from dark to light, [k, 3].

    Median cut to 24 colours, of which the farthest from those taken is taken next, so that a small
    bright thing has its part; a picture of fewer than three colours gets darker and lighter ones.
    """
    small = Image.fromarray((colours * 255).astype(np.uint8)).resize((48, 48), Image.Resampling.BOX)
    cut = small.quantize(24, Image.Quantize.MEDIANCUT)
    table = np.array(cut.getpalette()[:72], np.float32).reshape(-1, 3) / 255
    if len(table) < 3:
        return by_luminance(np.concatenate([table * 0.4, table, 1 - (1 - table) * 0.4]))
    common = np.bincount(np.asarray(cut).ravel(), minlength=len(table))[: len(table)]
    taken = [int(common.argmax())]
    distance = np.full(len(table), np.inf)
    while len(taken) < min(count, len(table)):
        distance = np.minimum(distance, ((table - table[taken[-1]]) ** 2).sum(1))
        taken.append(int((distance * np.sqrt(common + 1)).argmax()))
    return by_luminance(table[taken])


def by_luminance(palette: np.ndarray) -> np.ndarray:
    """The palette from dark to light."""
    return palette[np.argsort(luminance(palette))]


def ramp(palette: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Colours [..., 3] of `values` in 0 to 1 along the palette, mixed between neighbours."""
    knots = np.linspace(0, 1, len(palette))
    channels = [np.interp(values, knots, palette[:, channel]) for channel in range(3)]
    return np.stack(channels, -1).astype(np.float32)


def nearest(colours: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """Index of the palette colour nearest to each of [..., 3]; hue counts less than tone."""
    weight = LUMINANCE * 2 + 0.6
    distances = [((colours - colour) ** 2 * weight).sum(-1) for colour in palette]
    return np.stack(distances).argmin(0)


def soften_to(colours: np.ndarray, palette: np.ndarray, softness: float = 0.03) -> np.ndarray:
    """Each of [..., 3] replaced by a mix of the palette, the nearer the heavier."""
    squares = np.stack([((colours - colour) ** 2).sum(-1) for colour in palette], -1)
    weights = np.exp(-(squares - squares.min(-1, keepdims=True)) / softness)
    return (weights @ palette / weights.sum(-1, keepdims=True)).astype(np.float32)


def turn_hue(colours: np.ndarray, angle: float) -> np.ndarray:
    """Colours turned by `angle` radians about the grey axis."""
    axis = np.full(3, 1 / np.sqrt(3))
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    outer = np.outer(axis, axis)
    turn = np.cos(angle) * np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * outer
    return np.clip(colours @ turn.T.astype(np.float32), 0, 1)


def saturate(colours: np.ndarray, factor: float) -> np.ndarray:
    """Distance from grey times `factor`, luminance kept."""
    grey = luminance(colours)[..., None]
    return np.clip(grey + (colours - grey) * factor, 0, 1)


def over(base: np.ndarray, colour: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """`colour` laid on `base` [size, size, 3] where `mask` [size, size] is 1."""
    return base + (colour - base) * mask[..., None]


def glaze(base: np.ndarray, ink: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """A transparent ink printed on `base` where `mask` [size, size] is 1."""
    return base * (1 - mask[..., None] * (1 - ink))
