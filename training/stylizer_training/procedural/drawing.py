"""Lines and grain of a dry hand: pen, burin, charcoal, pencil, maps and plans."""

import numpy as np

from .canvas import Canvas, ribbons, scatter, trace
from .fields import (
    blur,
    edge_lines,
    fractal,
    gradient_flow,
    grid,
    noise,
    sample,
    slope,
    smoothstep,
    streaks,
)
from .palettes import nearest, over, ramp, saturate
from .scene import Scene


def ruled(phase: np.ndarray, thickness: np.ndarray) -> np.ndarray:
    """Lines where `phase` [size, size] is whole, `thickness` a part of their distance; 0 to 1.

    The edge is smoothed over one pixel, by the slope of the phase.
    """
    steepness = np.abs(slope(phase)) + 1e-4
    distance = np.abs(phase - np.rint(phase))
    covered = (thickness / 2 - distance) / steepness + 0.5
    return np.clip(covered, 0, 1) * (thickness > 0.02)


def inked(scene: Scene, mask: np.ndarray) -> np.ndarray:
    """`mask` 0 to 1 drawn in ink on paper; some sheets are washed with colour or inverted."""
    paper, ink = scene.paper(), scene.ink()
    if scene.flag("inverted", 0.12):
        mask, paper, ink = 1 - mask, ink, paper
        mask = 1 - mask
    sheet = np.broadcast_to(paper, scene.colours.shape)
    if scene.flag("washed", 0.3):
        wash = 0.4 + 0.6 * saturate(blur(scene.colours, scene.px(3)), 1.2)
        sheet = sheet * (1 + (wash - 1) * scene.number("wash", 0.3, 0.9))
    fibre = 1 + 0.015 * scene.noise(1) + 0.015 * noise(scene.rng, scene.size, scene.px(3))
    return over(sheet, ink, mask) * fibre[..., None]


def crosshatch(scene: Scene) -> np.ndarray:
    """Pen strokes in crossing layers, one more layer for each darker tone."""
    rng, px = scene.rng, scene.px
    pitch = scene.length("pitch", 2.4, 5.5)
    layers = scene.count("layers", 3, 5)
    angle = scene.number("angle", 0, np.pi)
    spread = scene.number("spread", 0.35, 0.8)
    canvas = Canvas(np.zeros(scene.tone.shape, np.float32))
    flow = gradient_flow(rng, scene.tone, px(10)) if scene.flag("contour", 0.4) else None
    for layer in range(layers):
        turn = np.exp(1j * (angle + layer * spread * (-1) ** layer)).astype(np.complex64)
        field = np.full(scene.tone.shape, turn) if flow is None else flow * turn
        reach = pitch * rng.uniform(2.5, 4)
        starts = scatter(rng, scene.size, np.sqrt(pitch * reach) * 0.85)
        limit = 0.95 - 0.8 * (layer + 0.4) / layers
        dark = sample(blur(scene.flat_tone, px(1.5)), starts)
        starts = starts[dark < limit + rng.normal(0, 0.05, starts.size)]
        paths = trace(field, starts - reach / 2 * turn, 5, reach / 4)
        widths = np.full(starts.size, pitch * scene.number("nib", 0.2, 0.34))
        canvas.polygons(ribbons(paths, widths, 0.4), rng.uniform(0.75, 1, starts.size))
    outline = edge_lines(scene.tone, px(1), 0.08) * scene.number("outline", 0, 1)
    return inked(scene, np.maximum(canvas.array(), outline))


def engraving(scene: Scene) -> np.ndarray:
    """Lines of a burin that swell with the shadow and bend with the form."""
    rng, px = scene.rng, scene.px
    pitch = scene.length("pitch", 3.2, 6)
    places = grid(scene.size)
    angle = scene.number("angle", 0, np.pi)
    form = blur(scene.flat_tone, px(5)) * px(scene.number("form", 5, 22))
    ways = ("straight", "rings", "waves")
    way = scene.choice("way", ways)
    line = (places * np.exp(-1j * angle)).imag + form
    if way == "rings":
        line = np.abs(places - complex(*rng.uniform(0, scene.size, 2))) + form
    elif way == "waves":
        line = line + px(scene.number("wave", 2, 7)) * noise(rng, scene.size, px(45))
    dark = np.clip(1.08 - blur(scene.flat_tone, px(0.7)), 0.06, 1)
    mask = ruled(line / pitch, dark * scene.number("weight", 0.75, 1))
    if scene.flag("crossed", 0.6):
        cross = (places * np.exp(-1j * (angle + rng.uniform(0.6, 1.3)))).imag + form
        mask = np.maximum(mask, ruled(cross / pitch, np.clip(dark - 0.45, 0, 1)))
    return inked(scene, mask)


def charcoal(scene: Scene) -> np.ndarray:
    """Burnt wood dragged over toothed paper, rubbed, with dark accents and chalk lights."""
    rng, px = scene.rng, scene.px
    angle = scene.number("angle", 0, np.pi)
    flow = np.exp(1j * (angle + 0.25 * scene.noise(px(70)))).astype(np.complex64)
    drag = streaks(noise(rng, scene.size, px(1.4)), flow, 4)
    tooth = noise(rng, scene.size, px(scene.number("tooth", 1, 2)))
    grain = tooth + scene.number("drag", 0.5, 2) * drag
    smudge = blur(scene.flat_tone, px(scene.number("smudge", 1, 4)))
    dark = 1 - smudge - 0.08
    mask = smoothstep(-0.25, 0.45, dark - 0.42 + scene.number("rough", 0.08, 0.2) * grain)
    mask = 0.85 * mask + 0.2 * dark.clip(0, 1)
    accents = edge_lines(scene.tone, px(1.6), 0.1) * smoothstep(-1.2, 0.6, grain)
    sheet = np.broadcast_to(scene.paper() * scene.number("sheet", 0.75, 1), scene.colours.shape)
    sheet = sheet * (1 + 0.025 * tooth[..., None])
    picture = over(sheet, _stick(scene), np.maximum(mask, 0.9 * accents).clip(0, 1))
    if scene.flag("chalk", 0.4):
        lights = smoothstep(0.74, 0.95, scene.flat_tone + 0.06 * grain)
        picture = over(picture, np.full(3, 0.97), 0.8 * lights)
    return picture


def _stick(scene: Scene) -> np.ndarray:
    """Charcoal, graphite, sanguine, sepia or blue chalk."""
    sticks = ((0.1, 0.1, 0.11), (0.24, 0.24, 0.27), (0.55, 0.2, 0.12), (0.3, 0.19, 0.12))
    sticks = np.array((*sticks, (0.16, 0.22, 0.45)), np.float32)
    return scene.colour("stick", sticks[scene.rng.choice(5, p=(0.4, 0.2, 0.2, 0.1, 0.1))])


def coloured_pencil(scene: Scene) -> np.ndarray:
    """Layers of pencil strokes, each layer with its own direction and a few colours."""
    rng, px = scene.rng, scene.px
    pitch = scene.length("pitch", 2.2, 4.5)
    pencils = scene.palette if scene.flag("few_pencils", 0.5) else None
    vivid = saturate(blur(scene.colours, px(1.5)), 1.4)
    picture = np.broadcast_to(scene.paper(), vivid.shape)
    tooth = noise(rng, scene.size, px(1.2))
    for layer in range(scene.count("layers", 2, 3)):
        angle = rng.uniform(0, np.pi) + 0.25 * noise(rng, scene.size, px(50))
        flow = np.exp(1j * angle).astype(np.complex64)
        line = streaks(noise(rng, scene.size, pitch / 2), flow, 4)
        line = line / (line.std() + 1e-6) + 0.5 * tooth
        amount = 1.05 - scene.tone * 0.75 - 0.15 * layer
        mask = smoothstep(-1.1, 1.4, line + 2.6 * (amount - 0.45))
        noisy = vivid + 0.06 * rng.standard_normal(3).astype(np.float32)
        colour = noisy if pencils is None else pencils[nearest(noisy, pencils)]
        picture = picture * (1 - 0.8 * mask[..., None] * (1 - colour.clip(0, 1)))
    return picture


def contour(scene: Scene) -> np.ndarray:
    """Lines of equal tone, as heights on a map, over bands of colour or bare paper."""
    px = scene.px
    hills = fractal(scene.rng, scene.size, px(80), 3) * scene.number("hills", 0.02, 0.2)
    field = blur(scene.flat_tone, px(scene.number("smooth", 2, 5))) + hills
    levels = scene.count("levels", 9, 22)
    height = field * levels
    thickness = px(scene.number("pen", 0.8, 1.7)) * np.abs(slope(height))
    mask = ruled(height, np.clip(thickness, 0.02, 0.6))
    every = ruled(height / 5, np.clip(2 * thickness / 5, 0.02, 0.6))
    drawn = inked(scene, np.maximum(mask, every))
    if not scene.flag("banded", 0.6):
        return drawn
    bands = ramp(scene.palette, np.clip(np.floor(height) / levels, 0, 1))
    return over(bands, scene.ink(), np.maximum(mask, every) * scene.number("line", 0.2, 1))


def blueprint(scene: Scene) -> np.ndarray:
    """A plan: white lines and hatching on a gridded blue sheet."""
    rng, px = scene.rng, scene.px
    places = grid(scene.size)
    hue = np.array([0.08, 0.25, 0.55]) + rng.normal(0, 0.05, 3)
    sheet = scene.colour("paper", hue.clip(0, 1))
    line = scene.colour("line", np.array([0.92, 0.96, 1.0]))
    pitch = scene.length("grid", 9, 20)
    axes = (places.real / pitch, places.imag / pitch)
    fine = [ruled(axis, np.full_like(axis, 0.07)) for axis in axes]
    bold = [ruled(axis / 5, np.full_like(axis, 0.025)) for axis in axes]
    ruling = np.clip(0.3 * np.maximum(*fine) + 0.3 * np.maximum(*bold), 0, 1)
    tone = blur(scene.flat_tone, px(1))
    outline = np.maximum(edge_lines(tone, px(0.8), 0.14), 0.6 * edge_lines(1 - tone, px(1.6), 0.06))
    hatch_pitch = scene.length("hatch", 3, 6)
    slant = (places * np.exp(-0.25j * np.pi)).imag / hatch_pitch
    hatch = 0.6 * ruled(slant, np.clip(0.5 - tone, 0, 0.35))
    other = (places * np.exp(0.25j * np.pi)).imag / hatch_pitch
    hatch = np.maximum(hatch, 0.5 * ruled(other, np.clip(0.25 - tone, 0, 0.3)))
    worn = 1 + 0.08 * fractal(rng, scene.size, px(60), 5)
    picture = np.broadcast_to(sheet, scene.colours.shape) * worn[..., None]
    strength = 0.85 + 0.15 * noise(rng, scene.size, px(2))
    picture = over(picture, line, np.clip((0.22 * tone + ruling) * 0.8, 0, 1))
    return over(picture, line, np.clip(np.maximum(outline, hatch) * strength, 0, 1))
