"""Flat design: cut paper, geometry, art deco, neon."""

import numpy as np

from .canvas import Canvas
from .drawing import ruled
from .fields import blur, edge_lines, equalise, grid, noise, sample, smoothstep, wander, warp
from .palettes import luminance, nearest, over, saturate
from .scene import Scene


def cut_paper(scene: Scene) -> np.ndarray:
    """Sheets of coloured paper on top of each other, each with a soft shadow."""
    px, rng = scene.px, scene.rng
    papers = scene.palette[::-1] if scene.flag("light_below", 0.6) else scene.palette
    tone = scene.flat_tone
    if scene.flag("abstract", 0.3):
        tone = 0.5 + 0.2 * noise(rng, scene.size, px(50))
    field = blur(tone, px(scene.number("smooth", 2.5, 5)))
    field = equalise(field + 0.05 * noise(rng, scene.size, px(24)))
    field = field if np.array_equal(papers[0], scene.palette[0]) else 1 - field
    layers = scene.count("layers", 5, 9)
    depth = px(scene.number("depth", 2, 5))
    picture = np.broadcast_to(papers[0], scene.colours.shape)
    for layer in range(1, layers):
        part = layer / layers
        steep = 0.012 * 256 / scene.size
        mask = smoothstep(part - steep, part + steep, field)
        shadow = warp(blur(mask, depth / 2), np.full(mask.shape, -depth * (0.5 + 0.7j)))
        picture = picture * (1 - 0.5 * (shadow * (1 - mask))[..., None])
        sheet = papers[min(round(part * (len(papers) - 1)), len(papers) - 1)]
        sheet = sheet + rng.normal(0, 0.02)
        rim = 0.1 * (mask - warp(mask, np.full(mask.shape, -1 - 1j)))
        picture = over(picture, sheet, mask) + np.clip(rim, 0, 1)[..., None]
    fibre = noise(rng, scene.size, px(1.4)) + 0.7 * noise(rng, scene.size, px(3))
    return picture * (1 + 0.03 * fibre[..., None])


def geometric(scene: Scene) -> np.ndarray:
    """A grid of tiles with discs, quarters, triangles and stripes in the scene's tones."""
    rng = scene.rng
    side = scene.length("side", 16, 44)
    turn = np.exp(1j * (0 if scene.flag("upright", 0.7) else rng.uniform(0, np.pi)))
    cells = int(np.ceil(scene.size * 1.5 / side)) + 1
    axis = (np.arange(cells) - cells / 2 + 0.5) * side
    centres = (axis[None, :] + 1j * axis[:, None]).ravel() * turn + scene.size / 2 * (1 + 1j)
    palette = saturate(scene.palette, scene.number("saturation", 1, 1.5))
    near = sample(blur(scene.colours, side / 3), centres)
    ground = nearest(near + rng.normal(0, 0.08, near.shape), palette)
    figure = (ground + rng.integers(1, len(palette), ground.size)) % len(palette)
    canvas = Canvas(np.broadcast_to(palette[-1], scene.colours.shape))
    square = np.array([-1 - 1j, 1 - 1j, 1 + 1j, -1 + 1j]) * side / 2
    canvas.polygons(centres[:, None] + square * turn, palette[ground])
    kinds = rng.integers(0, 7, ground.size)
    for kind, shape in enumerate(_figures()):
        chosen = kinds == kind
        quarter = 1j ** rng.integers(0, 4, chosen.sum())
        corners = centres[chosen, None] + (shape * side / 2) * (quarter * turn)[:, None]
        canvas.polygons(corners, palette[figure[chosen]])
    grain = 1 + 0.025 * noise(rng, scene.size, scene.px(1.5))
    return canvas.array() * grain[..., None]


def _figures() -> list:
    """Figures in the square from -1-1j to 1+1j, complex corner arrays."""
    arc = np.exp(1j * np.linspace(0, np.pi / 2, 12))
    disc = 0.72 * np.exp(2j * np.pi * np.arange(24) / 24)
    quarter = np.concatenate([[-1 - 1j], -1 - 1j + 2 * arc])
    half = np.concatenate([-1j + np.exp(1j * np.linspace(0, np.pi, 16))])
    triangle = np.array([-1 - 1j, 1 - 1j, -1 + 1j])
    bar = np.array([-1 - 0.35j, 1 - 0.35j, 1 + 0.35j, -1 + 0.35j])
    leaf = np.concatenate([-1 - 1j + 2 * arc, (1 + 1j - 2 * arc)])
    return [disc, quarter, half, triangle, bar, leaf]


def art_deco(scene: Scene) -> np.ndarray:
    """Sun rays, fans or stepped arches in flat inks with metal lines."""
    rng, px = scene.rng, scene.px
    ways = ("rays", "fans", "chevrons")
    phase, across, source = _deco_fields(scene, scene.choice("way", ways))
    palette = scene.palette
    tone = sample(blur(scene.flat_tone, px(4)), source)
    band = np.floor(phase) % 2
    level = np.clip(tone + 0.28 * (band - 0.5), 0, 0.999) * len(palette)
    rank = np.clip(np.floor(level + 0.25 * (np.floor(across) % 2)), 0, len(palette) - 1)
    picture = palette[rank.astype(int)]
    metal = scene.colour("metal", np.array([0.83, 0.66, 0.3]) + rng.normal(0, 0.06, 3))
    shine = 1 + 0.18 * noise(rng, scene.size, px(30)) + 0.05 * scene.noise(px(1.5))
    width = px(scene.number("line", 1, 2.2))
    lines = np.maximum(_hairlines(phase, width), _hairlines(across, width))
    shape = edge_lines(blur(scene.flat_tone, px(4)), px(1), 0.05)
    shape = shape * scene.flag("shapes", 0.6)
    picture = over(picture, metal * shine[..., None], np.maximum(lines, shape))
    return picture * (1 + 0.03 * noise(rng, scene.size, px(1.5)))[..., None]


def _deco_fields(scene: Scene, way: str) -> tuple:
    """Two fields [size, size] whose whole values are the lines of the pattern, and the places
    [size, size] that each pixel takes its tone from."""
    size, places = scene.size, grid(scene.size)
    pitch = scene.length("pitch", 11, 26)
    if way == "rays":
        sun = complex(scene.number("sun_x", 0.2, 0.8), scene.number("sun_y", 0.4, 1.1)) * size
        arm = places - sun
        rays = 2 * scene.count("rays", 10, 22)
        rings = np.sqrt(np.abs(arm) / size) * size / pitch / 1.6
        return np.angle(arm) / (2 * np.pi) * rays, rings, places
    if way == "chevrons":
        column = places.real / (2.5 * pitch)
        slant = np.abs(column - np.floor(column) - 0.5) * 2.5 * pitch
        return column * 2, (places.imag + slant) / pitch, places
    return _scales(places, 2.6 * pitch)


def _scales(places: np.ndarray, width: float) -> tuple:
    """Overlapping fans in rows, each of concentric arcs: (rank of fan, arcs, centres)."""
    rank = np.full(places.shape, -1.0)
    arcs = np.zeros(places.shape)
    centres = places.copy()
    top = int(places.imag.max() / (width / 4)) + 3
    for row in range(top, -1, -1):  # lower rows lie over upper ones
        shift = 0.5 * (row % 2)
        column = np.floor(places.real / width + shift)
        centre = (column + 0.5 - shift) * width + 1j * row * width / 4
        far = np.abs(places - centre) / (width / 2)
        inside = (far < 1) & (rank < 0)
        rank[inside] = (row + column * 3)[inside] % 8 + 0.5
        arcs[inside] = far[inside] * 4
        centres[inside] = centre[inside]
    return rank, arcs, centres


def _hairlines(field: np.ndarray, width: float) -> np.ndarray:
    """Lines `width` pixels wide at whole values, left off where they would run together."""
    down, right = np.gradient(field)
    steep = np.hypot(down, right)
    lines = ruled(field, np.clip(width * steep, 0.03, 0.5))
    return lines * (1 - smoothstep(0.2, 0.4, steep))


def neon(scene: Scene) -> np.ndarray:
    """Glowing tubes along the edges and the lines of equal tone, in the dark."""
    px, rng = scene.px, scene.rng
    hue = saturate(blur(scene.colours, px(4)), 3)
    bright = hue / (hue.max(-1, keepdims=True) + 0.05)
    if scene.flag("palette_light", 0.5):
        lights = saturate(scene.palette[len(scene.palette) // 3 :], 2.5)
        lights = lights / lights.max(-1, keepdims=True).clip(0.05)
        place = equalise(noise(rng, scene.size, px(40)) + scene.tone)
        bright = blur(lights[(place * (len(lights) - 0.01)).astype(int)], px(3))
    outline = edge_lines(scene.tone, px(scene.number("tube", 0.9, 1.6)), 0.1)
    height = blur(scene.flat_tone, px(4)) * scene.count("levels", 3, 8)
    slopes = np.hypot(*np.gradient(height))
    inner = ruled(height, np.clip(px(1.4) * slopes, 0.02, 0.5))
    tubes = np.maximum(outline, 0.8 * inner)
    night = scene.colour("night", rng.uniform(0, 0.07, 3))
    haze = blur(tubes, px(2)) * 0.9 + blur(tubes, px(7)) * scene.number("glow", 0.5, 1.2)
    wall = 1 + 0.25 * noise(rng, scene.size, px(2)) + 0.2 * (luminance(scene.colours) - 0.5)
    picture = night + bright * (haze * wall)[..., None] + 0.12 * scene.colours
    picture = 1 - np.exp(-1.5 * np.clip(picture, 0, None))
    return over(picture, 0.35 * bright + 0.65, smoothstep(0.3, 0.9, tubes))


def psychedelic(scene: Scene) -> np.ndarray:
    """Psychedelic bands that flow around the scene's shapes, outlined."""
    px, rng = scene.px, scene.rng
    field = blur(scene.flat_tone, px(scene.number("smooth", 4, 9)))
    field = field * scene.number("turns", 6, 14) + 0.6 * noise(rng, scene.size, px(60))
    bands = np.floor(field)
    inks = saturate(scene.palette, scene.number("saturation", 1.1, 1.8))
    order = rng.permutation(len(inks))
    picture = inks[order[bands.astype(int) % len(inks)]]
    slopes = np.hypot(*np.gradient(field))
    width = px(scene.number("line", 1, 2.5))
    lines = ruled(field, np.clip(width * slopes, 0.02, 0.6))
    wobble = warp(lines, wander(rng, scene.size, px(5), px(0.5)))
    picture = over(picture, scene.ink(), np.maximum(wobble, 0))
    return picture * (1 + 0.03 * noise(rng, scene.size, px(1.3)))[..., None]
