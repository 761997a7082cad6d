"""Inks pressed on paper: halftone, linocut, woodcut, screen print, risograph, comic."""

import numpy as np

from .canvas import Canvas, ribbons, scatter, trace
from .fields import (
    blur,
    edge_lines,
    gradient_flow,
    grid,
    noise,
    sample,
    smoothstep,
    streaks,
    wander,
    warp,
)
from .palettes import by_luminance, glaze, luminance, nearest, over, saturate
from .scene import Scene

PROCESS = {  # angle of the screen in degrees and colour of the ink
    "cyan": (15, (0.0, 0.62, 0.88)),
    "magenta": (75, (0.9, 0.05, 0.5)),
    "yellow": (0, (1.0, 0.92, 0.05)),
    "black": (45, (0.1, 0.1, 0.1)),
}
SPOT_INKS = (  # of a stencil duplicator
    (1.0, 0.28, 0.55), (0.0, 0.47, 0.75), (1.0, 0.91, 0.0), (0.0, 0.66, 0.36), (0.95, 0.32, 0.28),
    (1.0, 0.45, 0.2), (0.24, 0.33, 0.53), (0.46, 0.36, 0.65), (0.0, 0.51, 0.54),
)  # fmt: skip


def screened(scene: Scene, cover: np.ndarray, angle: float, pitch: float, dot: str) -> np.ndarray:
    """Ink coverage [size, size] turned into dots `pitch` pixels apart, 0 to 1."""
    turned = grid(scene.size) * np.exp(1j * np.deg2rad(angle)) * (2 * np.pi / pitch)
    if dot == "line":
        spot = np.cos(turned.imag)
        level = np.cos(np.pi * cover)
    elif dot == "ellipse":
        spot = (np.cos(turned.real) + 0.6 * np.cos(turned.imag)) / 1.6
        level = 1 - 2 * cover
    else:
        spot = (np.cos(turned.real) + np.cos(turned.imag)) / 2
        level = 1 - 2 * cover
    edge = 1.5 / pitch
    ink = smoothstep(-2 * edge, 2 * edge, spot - level)
    return ink * smoothstep(0.02, 0.06, cover)


def shifted(scene: Scene, field: np.ndarray, reach: float) -> np.ndarray:
    """The field moved by up to about `reach` pixels: a plate out of register."""
    x, y = np.rint(scene.rng.normal(0, reach, 2)).astype(int)
    padded = np.pad(field, [(abs(y),) * 2, (abs(x),) * 2] + [(0, 0)] * (field.ndim - 2), "edge")
    return padded[abs(y) + y :, abs(x) + x :][: scene.size, : scene.size]


def mottle(scene: Scene, amount: float) -> np.ndarray:
    """How well the ink took, 1 where it covers fully."""
    specks = noise(scene.rng, scene.size, scene.px(1.4)) + 0.6 * noise(scene.rng, scene.size, scene.px(6))
    return 1 - amount * smoothstep(0.6, 2.4, specks)


def halftone(scene: Scene) -> np.ndarray:
    """Dots of the four process inks in a rosette, or of one or two inks."""
    pitch = scene.length("pitch", 4.5, 10)
    dot = scene.choice("dot", ("round", "round", "ellipse", "line"))
    sheet = np.broadcast_to(scene.paper(), scene.colours.shape)
    colours = blur(saturate(scene.colours, 1.3), pitch / 4)
    if scene.flag("process", 0.5):
        return _process(scene, sheet, colours, pitch, dot)
    angle = scene.number("angle", 0, 90)
    cover = 1 - blur(scene.flat_tone, pitch / 5)
    picture = sheet
    if scene.flag("second_ink", 0.5):
        other = scene.colour("second", scene.palette[len(scene.palette) // 2])
        second = shifted(scene, smoothstep(0.1, 0.9, cover), scene.px(2))
        picture = glaze(picture, other, screened(scene, second, angle + 30, pitch, dot))
    return glaze(picture, scene.ink(), screened(scene, cover, angle, pitch, dot))


def _process(scene: Scene, picture: np.ndarray, colours: np.ndarray, pitch: float, dot: str) -> np.ndarray:
    black = (1 - colours.max(-1)).clip(0, 1) ** 1.5
    covers = np.dstack([1 - colours - 0.6 * black[..., None], black]).clip(0, 1)
    turn = scene.number("turn", 0, 90)
    for channel, (angle, ink) in enumerate(PROCESS.values()):
        cover = shifted(scene, covers[..., channel], scene.px(0.7))
        dots = screened(scene, cover, angle + turn, pitch, dot)
        picture = glaze(picture, np.array(ink, np.float32), dots)
    return picture


def carved(scene: Scene, tone: np.ndarray, pitch: float, flow: np.ndarray) -> np.ndarray:
    """Marks of a gouge where ink is left off: long ones in lights, thin in half tones; 0 to 1."""
    rng = scene.rng
    canvas = Canvas(np.zeros(tone.shape, np.float32))
    starts = scatter(rng, scene.size, pitch * 1.25)
    light = sample(tone, starts) + rng.normal(0, 0.08, starts.size)
    starts, light = starts[light > 0.3], light[light > 0.3]
    paths = trace(flow, starts, 6, pitch * 0.7)
    paths = paths - (paths[:, 3] - paths[:, 0])[:, None]
    canvas.polygons(ribbons(paths, pitch * (0.25 + 0.85 * light), 0.9), np.ones(starts.size))
    return canvas.array()


def linocut(scene: Scene) -> np.ndarray:
    """One block: solid blacks, cut whites, and gouge marks between; sometimes over a tint block."""
    px, rng = scene.px, scene.rng
    pitch = scene.length("pitch", 4.5, 8)
    tone = warp(blur(scene.flat_tone, px(1.6)), wander(rng, scene.size, px(7), px(0.8)))
    flow = gradient_flow(rng, scene.tone, px(scene.number("smooth", 6, 14)))
    gouged = carved(scene, tone, pitch, flow)
    light = scene.number("light", 0.68, 0.85)
    cut = np.maximum(gouged * smoothstep(0.28, 0.32, tone), smoothstep(light, light + 0.04, tone))
    chatter = carved(scene, np.clip(tone - 0.35, 0, 1), pitch * 1.6, flow)
    chatter = chatter * smoothstep(0.78, 0.8, tone) * scene.flag("chatter", 0.6)
    ink = np.maximum(1 - cut, chatter) * mottle(scene, scene.number("mottle", 0.1, 0.6))
    sheet = np.broadcast_to(scene.paper(), scene.colours.shape)
    if scene.flag("tint_block", 0.5):
        tint = scene.colour("tint", scene.palette[2 * len(scene.palette) // 3])
        sheet = glaze(sheet, tint, shifted(scene, 1 - smoothstep(0.6, 0.64, tone), px(1.5)))
    return over(sheet, scene.ink(), ink)


def woodcut(scene: Scene) -> np.ndarray:
    """Colour blocks with the grain of the plank, graded, under a dark key block."""
    px, rng = scene.px, scene.rng
    colours = _blocks(scene, scene.count("blocks", 3, 6))
    turn = np.exp(1j * scene.number("plank", -0.2, 0.2))
    bend = 1 + 0.08j * noise(rng, scene.size, px(90))
    plank = (turn * bend / np.abs(bend)).astype(np.complex64) * np.ones_like(grid(scene.size))
    grain = streaks(noise(rng, scene.size, px(1.6)), plank, 6 if scene.size < 400 else 7)
    grain = grain / (grain.std() + 1e-6)
    took = 1 - scene.number("grain", 0.12, 0.4) * smoothstep(0.2, 1.6, grain)
    picture = over(np.broadcast_to(scene.paper(), colours.shape), colours, took)
    key = edge_lines(scene.tone, px(scene.number("key", 1.2, 2.4)), 0.13)
    key = warp(key, wander(rng, scene.size, px(6), px(0.6)))
    solid = 1 - smoothstep(0.16, 0.2, blur(scene.flat_tone, px(1.5)))
    lines = carved(scene, np.clip(scene.flat_tone + 0.15, 0, 1), px(5), plank)
    shade = smoothstep(0.3, 0.34, blur(1 - scene.flat_tone, px(2)) - 0.25) * (1 - lines)
    block = np.maximum(np.maximum(key, solid), scene.number("shade", 0.3, 1) * shade)
    return over(picture, scene.ink(), np.clip(block * (0.6 + 0.4 * took), 0, 1))


def _blocks(scene: Scene, count: int) -> np.ndarray:
    """The scene in flat colours with smooth borders, each colour a little out of register."""
    palette = scene.palette[np.unique(np.linspace(0, len(scene.palette) - 1, count).astype(int))]
    index = nearest(blur(scene.colours, scene.px(2)), palette)
    picture = np.broadcast_to(palette[-1], scene.colours.shape)
    for rank in range(len(palette) - 2, -1, -1):
        mask = blur((index == rank).astype(np.float32), scene.px(1))
        mask = shifted(scene, smoothstep(0.4, 0.6, mask), scene.px(0.8))
        picture = over(picture, palette[rank], mask)
    return picture


def screen_print(scene: Scene) -> np.ndarray:
    """Flat inks through stencils, light to dark, out of register; one stencil of dots."""
    px, rng = scene.px, scene.rng
    inks = by_luminance(saturate(scene.palette, scene.number("saturation", 1, 1.8)))[::-1]
    if scene.flag("shuffled", 0.3):
        inks = rng.permutation(inks)
    sheet = np.broadcast_to(scene.paper(), scene.colours.shape)
    tone = blur(scene.flat_tone, px(scene.number("soft", 1, 2.5)))
    edges = np.linspace(0.85, 0.15, len(inks))
    dotted = rng.integers(len(inks))
    pitch = scene.length("pitch", 4, 9)
    opaque = scene.number("opaque", 0.3, 1)
    picture = sheet
    for rank, (ink, edge) in enumerate(zip(inks, edges, strict=True)):
        dark = edge - tone
        mask = smoothstep(-0.02, 0.02, dark)
        if rank == dotted or rng.random() < 0.3:
            cover = np.clip(0.45 + 2.2 * dark, 0, 1)
            mask = screened(scene, cover, rng.uniform(0, 90), pitch, "round")
        mask = shifted(scene, mask, px(1.4)) * mottle(scene, 0.3)
        picture = opaque * over(picture, ink, mask) + (1 - opaque) * glaze(picture, ink, mask)
    return picture


def risograph(scene: Scene) -> np.ndarray:
    """Two or three bright spot inks, grainy or screened, that mix where they overlap."""
    px, rng = scene.px, scene.rng
    count = scene.count("inks", 2, 3)
    chosen = rng.choice(len(SPOT_INKS), count, replace=False)
    inks = np.array(SPOT_INKS, np.float32)[chosen]
    inks = np.array([scene.colour(f"ink_{rank}", ink) for rank, ink in enumerate(inks)])
    pitch = scene.length("pitch", 3.5, 7)
    sheet = np.broadcast_to(scene.paper(), scene.colours.shape)
    tone = scene.flat_tone[..., None]
    target = blur(0.5 * saturate(scene.colours, 2) + 0.5 * tone, px(0.8))
    picture = sheet
    parting = np.linalg.pinv(1 - inks)  # the mix of inks nearest to a colour
    for rank, ink in enumerate(inks):
        share = ((1 - target) @ parting[:, rank]).clip(0, 1)
        cover = np.clip(0.65 * share + 0.45 * (1 - scene.flat_tone) - 0.05, 0, 0.95)
        if scene.flag("grainy", 0.5):
            mask = smoothstep(-0.15, 0.15, cover - 0.5 - 0.17 * noise(rng, scene.size, px(1.3)))
        else:
            mask = screened(scene, cover, 15 + 30 * rank, pitch, "round")
        picture = glaze(picture, ink, shifted(scene, mask, px(1.5)) * mottle(scene, 0.35))
    return picture


def comic(scene: Scene) -> np.ndarray:
    """Flat bright colours with printed dots, black shadows and a brush outline."""
    px = scene.px
    palette = saturate(scene.palette, scene.number("saturation", 1.2, 2))
    smooth = blur(scene.colours, px(2))
    flat = palette[nearest(saturate(smooth, 1.3), palette)]
    light = palette[nearest(saturate(smooth, 1.3) + 0.2, palette)]
    pitch = scene.length("pitch", 4.5, 9)
    cover = np.clip(0.75 - 0.9 * scene.flat_tone, 0.12, 0.6)
    dots = screened(scene, cover, scene.number("angle", 0, 60), pitch, "round")
    brighter = (luminance(light) - luminance(flat))[..., None] < 0.02
    light = np.where(brighter, flat + (scene.paper() - flat) * 0.55, light)
    picture = over(light, flat, dots)
    ink = edge_lines(scene.tone, px(scene.number("pen", 1, 2)), 0.12)
    shadow = 1 - smoothstep(0.1, 0.13, blur(scene.flat_tone, px(1.5)))
    return over(picture, scene.colour("ink", np.full(3, 0.05)), np.maximum(ink, shadow))
