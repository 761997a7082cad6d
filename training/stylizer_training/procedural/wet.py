"""Water on paper: watercolour, ink wash, marbling."""

import numpy as np

from .fields import blur, edge_lines, fractal, grid, noise, sample, smoothstep, wander, warp
from .palettes import glaze, over, ramp, saturate
from .scene import Scene

CLEAR = 0.02  # least transmittance of pigment; keeps its logarithm finite


def paper_grain(scene: Scene, scale: float) -> np.ndarray:
    """Bumps of rough paper, mean 0, deviation 1."""
    return noise(scene.rng, scene.size, scene.px(scale)) + 0.5 * scene.noise(1)


def washes(tone: np.ndarray, levels: np.ndarray, sharpness: float) -> tuple:
    """A tone cut into washes with rims, as (steps 0 to 1, rims 0 to 1), both [size, size]."""
    masks = [smoothstep(-1, 1, (level - tone) * sharpness) for level in levels]
    rims = [4 * mask * (1 - mask) for mask in masks]
    return 1 - sum(masks) / len(levels), np.clip(sum(rims), 0, 1)


def watercolour(scene: Scene) -> np.ndarray:
    """Transparent washes whose pigment gathers at their rims and in the paper's hollows."""
    px, rng = scene.px, scene.rng
    ragged = wander(rng, scene.size, px(9), px(scene.number("ragged", 1, 3.5)))
    ragged = ragged + wander(rng, scene.size, px(3), px(0.8))
    softness = px(scene.number("softness", 1, 4))
    colours = warp(blur(scene.colours, softness), ragged)
    tone = warp(blur(scene.tone, softness), ragged)
    levels = np.linspace(0.18, 0.85, scene.count("washes", 3, 5)) + rng.normal(0, 0.03)
    steps, rims = washes(tone, levels, scene.number("sharpness", 12, 35))
    paper = scene.colour("paper", 1 - np.sort(rng.uniform(0, 0.09, 3)))
    pigment = -np.log(np.clip(saturate(colours, 1.35), CLEAR, 1))
    flatness = scene.number("flatness", 0.3, 0.8)
    amount = 1 + flatness * ((1.15 - steps) / (1.15 - tone).clip(0.15) - 1).clip(-0.8, 0.8)
    bloom = 1 + scene.number("bloom", 0.1, 0.3) * fractal(rng, scene.size, px(50), 4)
    grain = 1 + scene.number("grain", 0.06, 0.2) * paper_grain(scene, 2.2)
    density = pigment * (amount * np.clip(bloom, 0.4, 2) * np.clip(grain, 0.5, 1.6))[..., None]
    density = density * (1 + scene.number("rim", 0.3, 0.9) * rims[..., None]) + 0.04
    dry = smoothstep(0.86, 0.97, tone + 0.06 * paper_grain(scene, 2))
    density = density * (scene.number("strength", 0.6, 1) * (1 - 0.85 * dry))[..., None]
    return paper * np.exp(-density) + 0.012 * scene.noise(1)[..., None]


def ink_wash(scene: Scene) -> np.ndarray:
    """Diluted ink in a few washes, crisp here and bleeding there, with dark brush lines."""
    px, rng = scene.px, scene.rng
    feather = wander(rng, scene.size, px(5), px(1.2)) + wander(rng, scene.size, px(20), px(2))
    wetness = smoothstep(-0.6, 0.9, noise(rng, scene.size, px(50)))
    crisp = warp(blur(scene.flat_tone, px(1.5)), feather)
    bled = warp(blur(scene.flat_tone, px(scene.number("bleed", 4, 10))), 2 * feather)
    tone = crisp + (bled - crisp) * wetness
    levels = np.linspace(0.2, 0.8, scene.count("washes", 3, 5))
    steps, rims = washes(tone, levels, scene.number("sharpness", 8, 25))
    dark = 0.75 * (1 - steps) ** 1.3 + 0.3 * (1 - tone) + 0.15 * rims * (1 - wetness)
    dark = dark * (1 + 0.12 * fractal(rng, scene.size, px(40), 4))
    brush = warp(edge_lines(scene.tone, px(scene.number("brush", 1.5, 3)), 0.12), feather)
    dark = np.maximum(dark, brush * (0.9 - 0.5 * wetness))
    dark = np.clip(dark * (1 + 0.1 * paper_grain(scene, 1.6)), 0, 1)
    paper = scene.paper()
    picture = glaze(np.broadcast_to(paper, scene.colours.shape), scene.ink(), dark)
    tint = scene.number("tint", 0, 0.5) if scene.flag("tinted", 0.4) else 0
    return picture * (1 - tint + tint * saturate(bled_colours(scene, feather), 1.5))


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
    picture = blur(picture, 0.8)
    return picture.reshape(*picture.shape)[_picks(scene.size)]


def _picks(size: int) -> tuple:
    index = np.minimum((np.arange(size) * 1.5 + 0.5).astype(int), size * 3 // 2 - 1)
    return np.ix_(index, index)
