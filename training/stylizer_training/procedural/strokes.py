"""Painting with strokes of opaque colour: oil, impasto, swirls, dots, pastel.

A family takes a Scene and returns float32 [size, size, 3], about 0 to 1.
"""

import numpy as np

from .canvas import Canvas, ribbons, scatter, trace
from .fields import blur, curl_flow, gradient_flow, noise, relief, sample, streaks
from .palettes import over, saturate
from .scene import Scene

STEPS = 7  # points on the spine of a stroke


def lay_strokes(
    scene: Scene,
    canvas: Canvas,
    flow: np.ndarray,
    width: float,
    slenderness: float,
    shake: float,
    where: np.ndarray | None = None,
    height: Canvas | None = None,
) -> None:
    """Cover a canvas with strokes `width` pixels wide, `slenderness` times as long.

    `shake` varies their colour. `where` [size, size] gives the chance that a stroke is laid there.
    `height` takes the same strokes with random heights, to be lit as relief.
    """
    rng = scene.rng
    starts = scatter(rng, scene.size, width * np.sqrt(slenderness) * 0.62)
    if where is not None:
        starts = starts[rng.random(starts.size) < sample(where, starts)]
    if not starts.size:
        return
    stride = width * slenderness / (STEPS - 1)
    paths = trace(flow, starts - sample(flow, starts) * (stride * STEPS / 2), STEPS, stride)
    widths = width * rng.uniform(0.6, 1.3, starts.size)
    outlines = ribbons(paths, widths, taper=0.15)
    colours = sample(blur(scene.colours, width / 2), paths[:, STEPS // 2])
    light = rng.normal(0, shake, (starts.size, 1))
    tint = rng.normal(0, shake * 0.5, (starts.size, 3))
    canvas.polygons(outlines, colours + light + tint)
    if height is not None:
        height.polygons(outlines, rng.uniform(0.15, 1, starts.size))


def detail(scene: Scene, coarse: float) -> np.ndarray:
    """Where strokes of `coarse` pixels lose detail, 0 to 1."""
    lost = np.abs(scene.tone - blur(scene.tone, coarse))
    return np.clip(blur(lost, coarse / 2) * 9, 0, 1)


def oil(scene: Scene) -> np.ndarray:
    """Brush strokes along the edges, coarse ones first, finer ones where there is detail."""
    widest = scene.length("width", 7, 20)
    slenderness = scene.number("slenderness", 2.5, 6)
    shake = scene.number("shake", 0.01, 0.07)
    flow = gradient_flow(scene.rng, scene.tone, scene.px(scene.number("smooth", 3, 12)))
    ground = scene.colour("ground", scene.palette[scene.rng.integers(len(scene.palette))])
    canvas = Canvas(0.5 * scene.colours + 0.5 * ground)
    lay_strokes(scene, canvas, flow, widest, slenderness, shake)
    for width in (widest / 2, widest / 4):
        if width > scene.px(2):
            where = np.maximum(detail(scene, width * 2), 0.1)
            lay_strokes(scene, canvas, flow, width, slenderness, shake, where)
    bristles = streaks(scene.noise(1), flow, 3 if scene.size < 400 else 4)
    return canvas.array() + scene.number("bristles", 0.02, 0.1) * bristles[..., None]


def impasto(scene: Scene) -> np.ndarray:
    """Thick paint: bristle marks and ridges lit from one side."""
    width = scene.length("width", 5, 12)
    slenderness = scene.number("slenderness", 2, 5)
    flow = gradient_flow(scene.rng, scene.tone, scene.px(6))
    if scene.flag("restless", 0.5):
        flow = flow * np.exp(0.7j * scene.noise(scene.px(30))).astype(np.complex64)
    return _thick(scene, flow, width, slenderness, scene.number("depth", 0.1, 0.35))


def swirl(scene: Scene) -> np.ndarray:
    """Long strokes that whirl over the whole picture, whatever it shows."""
    scale = scene.length("scale", 35, 110)
    whirls = scene.count("whirls", 1, 6)
    flow = curl_flow(scene.rng, scene.size, scale, whirls)
    scene.colours = saturate(scene.colours, scene.number("saturation", 1, 1.5))
    width = scene.length("width", 3.5, 7)
    return _thick(scene, flow, width, scene.number("slenderness", 6, 11), 0.22)


def _thick(scene: Scene, flow: np.ndarray, width: float, slenderness: float, depth: float) -> np.ndarray:
    canvas = Canvas(scene.colours * 0.6)
    height = Canvas(np.zeros(scene.tone.shape, np.float32))
    shake = scene.number("shake", 0.03, 0.1)
    lay_strokes(scene, canvas, flow, width, slenderness, shake, height=height)
    fine = np.maximum(detail(scene, width), 0.15)
    lay_strokes(scene, canvas, flow, width * 0.55, slenderness, shake, fine, height)
    bristles = streaks(noise(scene.rng, scene.size, scene.px(1.2)), flow, 4)
    ridges = blur(height.array(), scene.px(0.8)) + 0.16 * bristles
    light = scene.number("light", 3.4, 4.4)  # from the upper left
    return canvas.array() + depth * relief(ridges, light, scene.px(3))[..., None]


def pointillist(scene: Scene) -> np.ndarray:
    """Dots of pure colour, each a little off the colour it stands for."""
    radius = scene.length("radius", 1.6, 4.5)
    shake = scene.number("shake", 0.08, 0.22)
    vivid = saturate(scene.colours, scene.number("saturation", 1.2, 1.9))
    blurred = blur(vivid, radius)
    ground = scene.paper() if scene.flag("paper_ground", 0.6) else scene.palette[0]
    canvas = Canvas(np.broadcast_to(ground, scene.colours.shape))
    for spread in (1.7, 2.0):
        centres = scatter(scene.rng, scene.size, radius * spread)
        colours = sample(blurred, centres)
        tint = scene.rng.normal(0, shake, colours.shape)
        tint -= 0.6 * tint.mean(1, keepdims=True)  # more in hue than in light
        radii = radius * scene.rng.uniform(0.7, 1.1, centres.size)
        canvas.discs(centres, radii, colours + tint)
    return canvas.array()


def pastel(scene: Scene) -> np.ndarray:
    """Broad chalk marks that let a tinted rough paper show through."""
    angle = scene.number("angle", 0, np.pi)
    wobble = scene.number("wobble", 0.1, 0.8)
    turn = angle + wobble * scene.noise(scene.px(60))
    flow = np.exp(1j * turn).astype(np.complex64)
    canvas = Canvas(np.broadcast_to(scene.paper() * 0.8, scene.colours.shape))
    width = scene.length("width", 3, 9)
    lay_strokes(scene, canvas, flow, width, scene.number("slenderness", 4, 8), 0.05)
    chalk = streaks(noise(scene.rng, scene.size, scene.px(1.3)), flow, 3)
    tooth = 0.6 * noise(scene.rng, scene.size, scene.px(1.1)) + 2 * chalk
    bare = np.clip(tooth - scene.number("bare", 0.3, 1.1), 0, 1)
    ground = scene.colour("ground", scene.palette[scene.rng.integers(len(scene.palette))])
    return over(canvas.array() + 0.03 * tooth[..., None], ground, 0.85 * bare)
