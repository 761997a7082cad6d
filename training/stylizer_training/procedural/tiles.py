"""Pictures put together from pieces: glass, stone, triangles, thread."""

import numpy as np

from .canvas import Canvas
from .fields import (
    Cells,
    blur,
    fractal,
    grid,
    noise,
    relief,
    sample,
    slope,
    smoothstep,
    voronoi,
    wander,
)
from .palettes import nearest, over, saturate
from .scene import Scene


def stained_glass(scene: Scene) -> np.ndarray:
    """Panes of one bright colour each, held by dark lead."""
    px, rng = scene.px, scene.rng
    spacing = scene.length("spacing", 13, 34)
    bend = px(scene.number("bend", 0, 6))
    cells = voronoi(rng, scene.size, spacing, scene.number("jitter", 0.5, 1), bend)
    panes = saturate(cells.mean(scene.colours), scene.number("saturation", 1.3, 2))
    panes = panes * rng.uniform(0.8, 1.2, (len(panes), 1)) + rng.normal(0, 0.03, panes.shape)
    light = 1 + 0.12 * fractal(rng, scene.size, px(14), 3) + 0.1 * relief(cells.border, 4, 1)
    picture = panes.clip(0, 1)[cells.index] * light[..., None]
    width = px(scene.number("lead", 1.5, 4)) / 2
    lead = 1 - smoothstep(width - 0.7, width + 0.7, cells.border)
    sheen = 0.08 * smoothstep(0, 1, 1 - cells.border / width)
    metal = scene.colour("metal", np.full(3, rng.uniform(0.02, 0.12)))
    return over(picture, metal + sheen[..., None], lead)


def mosaic(scene: Scene) -> np.ndarray:
    """Small stones in bending rows, or broken irregularly, in grout."""
    px, rng = scene.px, scene.rng
    tile = scene.length("tile", 6, 13)
    index, border = _laid(scene, tile)
    count = int(index.max()) + 1
    stones = Cells(index, border, count).mean(scene.colours)
    if scene.flag("few_stones", 0.4):
        stones = scene.palette[nearest(stones, scene.palette)]
    shake = scene.number("shake", 0.02, 0.1)
    stones = stones + rng.normal(0, shake, (count, 1)) + rng.normal(0, shake / 2, (count, 3))
    picture = stones[index] + 0.02 * scene.noise(px(1.5))[..., None]
    bevel = relief(np.minimum(border, px(1.5)), rng.uniform(3.4, 4.4), 0.7)
    picture = picture + scene.number("bevel", 0, 0.14) * bevel[..., None]
    gap = px(scene.number("gap", 0.8, 1.8)) / 2
    grouts = np.array([[0.85, 0.82, 0.76], [0.5, 0.47, 0.44], [0.14, 0.13, 0.13]])
    grout = scene.colour("grout", grouts[rng.integers(3)])
    return over(picture, grout, 1 - smoothstep(gap - 0.5, gap + 0.6, border))


def _laid(scene: Scene, tile: float) -> tuple:
    """Stones as (index [size, size], distance to the border in pixels [size, size])."""
    rng, size = scene.rng, scene.size
    way = scene.choice("way", ("rows", "rows", "rings", "broken"))
    if way == "broken":
        cells = voronoi(rng, size, tile * 1.2, 0.8)
        return np.unique(cells.index, return_inverse=True)[1].reshape(size, size), cells.border
    places = grid(size) + wander(rng, size, scene.px(70), scene.px(rng.uniform(2, 8)))
    if way == "rows":
        turned = places * np.exp(1j * rng.uniform(0, np.pi)) / tile
        along, across = turned.real, turned.imag
        row = np.floor(across)
    else:
        arm = places - complex(*rng.uniform(-0.2 * size, 1.2 * size, 2))
        across = np.abs(arm) / tile
        row = np.floor(across)
        along = np.angle(arm) / (2 * np.pi) * np.maximum(np.rint(2 * np.pi * row), 1)
    along = along + rng.random(4096)[row.astype(int) % 4096]
    uneven = 0.18 * noise(rng, size, tile)  # stones differ in length
    along = along + uneven
    border = np.minimum(_to_whole(along), _to_whole(across)) * tile
    keys = np.floor(along).astype(np.int64) * 65536 + row.astype(np.int64)
    return np.unique(keys, return_inverse=True)[1].reshape(size, size), border


def _to_whole(values: np.ndarray) -> np.ndarray:
    return np.abs(values - np.rint(values))


def low_poly(scene: Scene) -> np.ndarray:
    """Flat triangles whose corners sit on edges of the scene."""
    rng = scene.rng
    spacing = scene.length("spacing", 10, 26)
    corners = _on_edges(scene, spacing)
    a, b, c, d = corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]
    falling = (rng.random(a.shape) < 0.5)[..., None]
    first = np.where(falling, np.stack([a, b, c], -1), np.stack([a, b, d], -1)).reshape(-1, 3)
    second = np.where(falling, np.stack([a, c, d], -1), np.stack([b, c, d], -1)).reshape(-1, 3)
    triangles = np.concatenate([first, second])
    colours = sample(blur(scene.colours, spacing / 4), triangles.mean(1))
    facing = np.angle(triangles[:, 1] - triangles[:, 0]) + rng.normal(0, 1, len(triangles))
    shade = scene.number("shade", 0.02, 0.09) * np.cos(facing)[:, None]
    colours = saturate(np.clip(colours + shade, 0, 1), scene.number("saturation", 1, 1.5))
    canvas = Canvas(scene.colours)
    canvas.polygons(triangles, colours)
    if scene.flag("wire", 0.3):
        loops = np.concatenate([triangles, triangles[:, :1]], 1)
        wire = scene.colour("wire_colour", scene.palette[-1 if rng.random() < 0.5 else 0])
        canvas.lines(loops, np.repeat(wire[None], len(loops), 0), scene.px(0.8))
    return canvas.array()


def _on_edges(scene: Scene, spacing: float) -> np.ndarray:
    """Lattice corners, each moved to the strongest of a few places near it, complex [m, m]."""
    rng, size = scene.rng, scene.size
    side = int(np.ceil(size / spacing)) + 3
    axis = np.arange(side) * spacing - spacing
    lattice = axis[None, :] + 1j * axis[:, None]
    tries = rng.uniform(-0.45, 0.45, (2, 8, side, side)) * spacing
    places = lattice + tries[0] + 1j * tries[1]
    strength = sample(np.abs(slope(blur(scene.tone, scene.px(1.5)))), places)
    return np.take_along_axis(places, strength.argmax(0)[None], 0)[0]


def cross_stitch(scene: Scene) -> np.ndarray:
    """Crosses of a limited set of threads on an even cloth."""
    px, rng = scene.px, scene.rng
    pitch = scene.length("pitch", 5, 10)
    threads = saturate(scene.palette, 1.25)
    index, inside = _squares(scene, pitch)
    u, v = inside.real - 0.5, inside.imag - 0.5
    wide = scene.number("thread", 0.22, 0.33)
    colours = threads[nearest(scene.colours_at(index, pitch), threads)]
    cloth = 0.6 * scene.paper() + 0.4 * colours
    holes = np.clip(1 - np.abs(inside - np.rint(inside.real) - 1j * np.rint(inside.imag)) * 5, 0, 1)
    picture = cloth * (1 - 0.6 * holes[..., None]) * (1 + 0.04 * scene.noise(px(1.2))[..., None])
    shake = 1 + 0.05 * noise(rng, scene.size, pitch)[..., None]
    for sign, light in ((1, 0.78), (-1, 1.0)):
        across = np.abs(u - sign * v) / np.sqrt(2)
        along = np.abs(u + sign * v)
        arm = smoothstep(0, 0.09, wide - across) * smoothstep(0, 0.12, 0.98 - along)
        twist = 0.1 * np.cos((u + sign * v) * 14 + across * 12)
        round_off = light + twist - 1.6 * across**2 / wide
        picture = over(picture, colours * shake * round_off[..., None], arm)
    return picture


def woven(scene: Scene) -> np.ndarray:
    """Threads over and under: tapestry, twill, or knitted loops."""
    way = scene.choice("way", ("plain", "twill", "knit"))
    pitch = scene.length("pitch", 4, 8)
    colours = scene.palette if scene.flag("few_threads", 0.6) else None
    if way == "knit":
        return _knitted(scene, pitch * 1.3, colours)
    rng, px = scene.rng, scene.px
    index, inside = _squares(scene, pitch, stretch=scene.number("stretch", 1, 2))
    column, row = index.real, index.imag
    over_warp = (column + row) % 2 < 1 if way == "plain" else (column + row) % 4 < 2
    picture = scene.colours_at(index, pitch)
    picture = picture if colours is None else colours[nearest(picture, colours)]
    warp_thread = scene.colour("warp", scene.palette[rng.integers(len(scene.palette))])
    covered = scene.number("cover", 0.3, 1)
    crossing = picture + (warp_thread - picture) * (1 - covered)
    picture = np.where(over_warp[..., None], picture, crossing)
    across = np.where(over_warp, inside.imag, inside.real) - 0.5
    along = np.where(over_warp, inside.real, inside.imag) - 0.5
    fibre = 0.07 * np.cos(2 * np.pi * (across * 3 + along * 0.7))
    light = 1.12 - 1.9 * across**2 - 0.9 * along**2 + fibre + 0.04 * noise(rng, scene.size, px(1.5))
    return picture * light[..., None]


def _knitted(scene: Scene, pitch: float, threads: np.ndarray | None) -> np.ndarray:
    """Columns of V-shaped loops."""
    places = grid(scene.size)
    x = places.real / pitch
    u = x - np.floor(x) - 0.5
    y = places.imag / (0.8 * pitch) + 1.1 * np.abs(u)
    row, v = np.floor(y), y - np.floor(y) - 0.5
    stitch = np.floor(x) + 0.5 + 1j * 0.8 * row
    colours = sample(blur(scene.colours, pitch / 3), stitch * pitch)
    colours = colours if threads is None else threads[nearest(colours, threads)]
    half = np.abs(u) - 0.25
    light = 1.15 - 1.7 * v**2 - 5 * half**2 + 0.08 * np.cos(2 * np.pi * (2 * v + 3 * np.abs(u)))
    return colours * (light + 0.05 * noise(scene.rng, scene.size, scene.px(1.3)))[..., None]


def _squares(scene: Scene, pitch: float, stretch: float = 1) -> tuple:
    """Squares of `pitch` pixels, `stretch` times as wide: whole and fractional parts, complex."""
    places = grid(scene.size) / pitch
    x, y = places.real / stretch, places.imag
    index = np.floor(x) + 1j * np.floor(y)
    return index, (x - index.real) + 1j * (y - index.imag)
