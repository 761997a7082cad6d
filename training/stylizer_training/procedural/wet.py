"""Water on paper: watercolour, ink wash, marbling."""

import numpy as np

from .fields import blur, edge_lines, fractal, grid, noise, sample, slope, smoothstep, wander, warp
from .palettes import glaze, over, ramp, saturate
from .scene import Scene

CLEAR = 0.02  # least transmittance of pigment; keeps its logarithm finite


def paper_grain(scene: Scene, scale: float) -> np.ndarray:
    """Bumps of rough paper, mean 0, deviation 1."""
    return noise(scene.rng, scene.size, scene.px(scale)) + 0.5 * scene.noise(1)


def washes(tone: np.ndarray, levels: np.ndarray, rim: float) -> tuple:
    """A tone cut into washes, as (steps 0 dark to 1 light, rims 0 to 1), both [size, size].

    A rim lies inside each wash along its border and fades over `rim` pixels.
    """
    steepness = np.abs(slope(tone)) + 2e-3
    steps, rims = np.ones_like(tone), np.zeros_like(tone)
    for level in levels:
        inside = (level - tone) / steepness  # pixels from the border
        mask = smoothstep(-0.9, 0.9, inside)
        steps -= mask / len(levels)
        rims = np.maximum(rims, mask * np.exp(-np.maximum(inside, 0) / rim))
    return steps, rims


def watercolour(scene: Scene) -> np.ndarray:
    """Transparent washes whose pigment gathers at their rims and in the paper's hollows."""
    px, rng = scene.px, scene.rng
    ragged = wander(rng, scene.size, px(14), px(scene.number("ragged", 1, 3)))
    ragged = ragged + wander(rng, scene.size, px(4), px(0.7))
    softness = px(scene.number("softness", 0.8, 3))
    colours = warp(blur(scene.colours, softness), ragged)
    tone = warp(blur(scene.flat_tone, 1.5 * softness), ragged)
    levels = np.linspace(0.15, 0.88, scene.count("washes", 4, 6)) + rng.normal(0, 0.02)
    steps, rims = washes(tone, levels, px(scene.number("rim_width", 1.2, 3)))
    paper = scene.colour("paper", 1 - np.sort(rng.uniform(0, 0.09, 3)))
    pigment = -np.log(np.clip(saturate(colours, scene.number("saturation", 1.2, 1.8)), CLEAR, 1))
    flat = np.log((0.12 + 0.84 * steps).clip(0.05)) / np.log((0.12 + 0.84 * tone).clip(0.05))
    amount = 1 + scene.number("flatness", 0.4, 0.9) * (flat.clip(0.3, 2.5) - 1)
    amount = amount * (1 + scene.number("bloom", 0.1, 0.3) * fractal(rng, scene.size, px(50), 4))
    amount = amount * (1 + scene.number("grain", 0.03, 0.12) * paper_grain(scene, 2))
    amount = amount.clip(0.15) * scene.number("strength", 0.55, 0.9)
    amount = amount * (1 - 0.9 * smoothstep(0.9, 1, steps))
    rim = scene.number("rim", 0.35, 0.9) * rims
    density = pigment * (amount * (1 + rim))[..., None] + 0.12 * rim[..., None]
    return paper * np.exp(-density) * (1 + 0.015 * paper_grain(scene, 1.5)[..., None])


def ink_wash(scene: Scene) -> np.ndarray:
    """Diluted ink in a few washes, crisp here and bleeding there, with dark brush lines."""
    px, rng = scene.px, scene.rng
    feather = wander(rng, scene.size, px(5), px(0.8)) + wander(rng, scene.size, px(20), px(2))
    wetness = smoothstep(-0.2, 1.4, noise(rng, scene.size, px(50)))
    crisp = warp(blur(scene.flat_tone, px(1.2)), feather)
    bled = warp(blur(scene.flat_tone, px(scene.number("bleed", 3, 8))), 2 * feather)
    tone = crisp + (bled - crisp) * wetness
    levels = np.linspace(0.15, 0.85, scene.count("washes", 3, 5))
    steps, rims = washes(tone, levels, px(scene.number("rim_width", 1, 2.5)))
    dark = 0.75 * (1 - steps) ** 1.4 + 0.2 * (1 - tone) ** 2 + 0.16 * rims * (1 - wetness)
    dark = dark * (1 + 0.15 * fractal(rng, scene.size, px(40), 4))
    brush = warp(edge_lines(scene.tone, px(scene.number("brush", 1.2, 2.5)), 0.1), feather)
    dry = smoothstep(-2.6, -0.6, paper_grain(scene, 1.4))
    dark = np.maximum(dark, brush * dry * (0.95 - 0.6 * wetness))
    dark = np.clip(dark * (1 + 0.05 * paper_grain(scene, 1.6)), 0, 1)
    picture = glaze(np.broadcast_to(scene.paper(), scene.colours.shape), scene.ink(), dark)
    tint = scene.number("tint", 0.2, 0.8) * scene.flag("tinted", 0.35)
    hue = saturate(bled_colours(scene, feather), 1.5)
    return picture * (1 - tint + tint * hue / (hue.max(-1, keepdims=True) + 0.1))


def bled_colours(scene: Scene, feather: np.ndarray) -> np.ndarray:
    """The scene's colours run into each other."""
    return warp(blur(scene.colours, scene.px(6)), 2 * feather)


def marble(scene: Scene) -> np.ndarray:
    """Drops of colour on water, pulled into combs and eddies (Jaffer, mathematical marbling)."""
    rng, size = scene.rng, scene.size
    side = size * 3 // 2  # supersampled by nearest neighbours
    places = grid(side) * np.float32(1 / 1.5) + 0j
    places = _combed(scene, places)
    colour = np.full(places.shape, -1, np.int16)
    drops = scene.count("drops", 25, 60)
    radius = scene.length("radius", 14, 45)
    for drop in range(drops - 1, -1, -1):  # back in time, from the last drop to the first
        arm = places - complex(*rng.uniform(-0.1 * size, 1.1 * size, 2))
        square = arm.real**2 + arm.imag**2
        reach = (radius * rng.uniform(0.4, 1.3)) ** 2
        colour[(square < reach) & (colour < 0)] = drop
        places = places - arm * (1 - np.sqrt(np.maximum(1 - reach / (square + 1), 0)))
    return _coloured(scene, places, colour, drops)


def _combed(scene: Scene, places: np.ndarray) -> np.ndarray:
    rng, px = scene.rng, scene.px
    side = places.shape[0]
    places = places + wander(rng, side, side * 0.2, px(scene.number("eddies", 2, 14)))
    for _ in range(scene.count("combs", 0, 3)):
        turn = np.exp(1j * rng.choice((0, np.pi / 2, rng.uniform(0, np.pi)))).astype(np.complex64)
        across = (places * turn.conj()).imag
        tooth = scene.length("tooth", 14, 50)
        pull = px(rng.uniform(10, 35)) * (2 * np.abs((across / tooth) % 2 - 1) - 1)
        places = places + turn * pull.astype(np.float32)
    return places.astype(np.complex64)


def _coloured(scene: Scene, places: np.ndarray, colour: np.ndarray, drops: int) -> np.ndarray:
    """The colours of drops and of the water between, reduced to the scene's size."""
    rng = scene.rng
    stones = scene.palette[rng.integers(len(scene.palette), size=drops + 1)]
    picture = stones[colour]
    photo = sample(scene.colours, np.clip(places.real, 0, scene.size - 1) + 1j * places.imag)
    picture = picture + (photo - picture) * scene.number("scene", 0, 0.75)
    rings = scene.count("rings", 0, 3)
    if rings:
        vein = np.abs((np.abs(places) / scene.px(9) * rings) % 2 - 1)
        dark = ramp(scene.palette[[0, -1]], np.array(0.2))
        picture = over(picture, dark, 0.5 * smoothstep(0.75, 0.9, vein))
    return blur(picture, 0.7)[_picks(scene.size)]


def _picks(size: int) -> tuple:
    index = np.minimum((np.arange(size) * 1.5 + 0.5).astype(int), size * 3 // 2 - 1)
    return np.ix_(index, index)
