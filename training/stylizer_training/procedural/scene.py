"""What a style picture shows before a medium renders it: colours, palette and parameters."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from PIL import Image

from .canvas import Canvas
from .fields import blur, equalise, fractal, grid, noise, sample, voronoi, wander, warp
from .palettes import (
    from_hex,
    luminance,
    oklch,
    palette_of,
    ramp,
    random_palette,
    saturate,
    soften_to,
    turn_hue,
)

REFERENCE = 256  # the size, in pixels, that lengths in the families are given for


@dataclass
class Scene:
    """`colours` [size, size, 3] and `palette` [k, 3], dark to light, float32 in 0 to 1.

    A family asks for its parameters by name; `fixed` overrides what chance would give.
    """

    rng: np.random.Generator
    colours: np.ndarray
    palette: np.ndarray
    fixed: dict = field(default_factory=dict)
    asked: set = field(default_factory=set)

    @property
    def size(self) -> int:
        return self.colours.shape[0]

    @cached_property
    def tone(self) -> np.ndarray:
        """Luminance [size, size] stretched to 0 (dark) to 1 (light)."""
        tone = luminance(self.colours)
        low, high = np.quantile(tone[::2, ::2], (0.02, 0.98))
        return ((tone - low) / max(high - low, 0.05)).clip(0, 1)

    @cached_property
    def flat_tone(self) -> np.ndarray:
        """Half the tone, half the tone with its values spread evenly: ink on every picture."""
        return 0.5 * self.tone + 0.5 * equalise(self.tone + 0.01 * self.noise(8))

    def length(self, name: str, low: float, high: float) -> float:
        """A parameter in pixels at 256, log-uniform, scaled to this picture."""
        value = float(np.exp(self.rng.uniform(np.log(low), np.log(high))))
        return self._given(name, value) * self.size / REFERENCE

    def px(self, value: float) -> float:
        """Pixels at 256 in pixels of this picture."""
        return value * self.size / REFERENCE

    def number(self, name: str, low: float, high: float) -> float:
        return self._given(name, float(self.rng.uniform(low, high)))

    def count(self, name: str, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both possible."""
        return self._given(name, int(self.rng.integers(low, high + 1)))

    def flag(self, name: str, chance: float) -> bool:
        return self._given(name, bool(self.rng.random() < chance))

    def choice(self, name: str, options: tuple) -> str:
        return self._given(name, options[self.rng.integers(len(options))])

    def colour(self, name: str, default: np.ndarray) -> np.ndarray:
        """A colour [3]; `fixed` gives it as '#rrggbb'."""
        given = self._given(name, None)
        return np.asarray(default, np.float32) if given is None else from_hex(given)

    def noise(self, scale: float) -> np.ndarray:
        """Noise with features of `scale` pixels of this picture."""
        return noise(self.rng, self.size, scale)

    def colours_at(self, squares: np.ndarray, pitch: float) -> np.ndarray:
        """Colours at the middles of squares of `pitch` pixels, given by complex column and row."""
        middles = (squares + 0.5 + 0.5j) * pitch
        return sample(blur(self.colours, pitch / 3), middles)

    def paper(self) -> np.ndarray:
        """The colour of a sheet: mostly off-white, else tinted or brown."""
        kind = self.rng.random()
        hue = self.rng.uniform(0.15, 0.32) if kind < 0.8 else self.rng.random()
        lightness = self.rng.uniform(0.9, 0.99) if kind < 0.65 else self.rng.uniform(0.7, 0.92)
        return self.colour("paper", oklch(lightness, self.rng.uniform(0, 0.06), hue))

    def ink(self) -> np.ndarray:
        """A dark colour: black, sepia, indigo, or the darkest of the palette made darker."""
        sort = self.rng.integers(4)
        hue = self.rng.choice((0.12, 0.72, self.rng.random()))
        mixed = oklch(self.rng.uniform(0.15, 0.42), self.rng.uniform(0.02, 0.12), hue)
        black = np.full(3, self.rng.uniform(0.02, 0.15))
        return self.colour("ink", (black, black, mixed, self.palette[0] * 0.6)[sort])

    def _given(self, name: str, value):
        self.asked.add(name)
        return self.fixed.get(name, value)


def photo_scene(
    rng: np.random.Generator,
    size: int,
    photo: np.ndarray,
    palette: np.ndarray | None,
    fixed: dict,
) -> Scene:
    """A scene that shows `photo`, in its own colours or drawn towards a given palette."""
    image = Image.fromarray(photo).resize((size, size), Image.Resampling.BICUBIC)
    colours = np.asarray(image, np.float32) / 255
    if palette is not None:
        return Scene(rng, soften_to(colours, palette), palette, fixed)
    colours = _vary(rng, colours)
    palette = palette_of(colours, int(rng.integers(4, 9)))
    return Scene(rng, colours, palette, fixed)


def _vary(rng: np.random.Generator, colours: np.ndarray) -> np.ndarray:
    """Other light, saturation and, now and then, other hues than the photograph's."""
    tone = luminance(colours)
    low, high = np.quantile(tone[::4, ::4], (0.02, 0.98))
    stretch = rng.uniform(0.3, 1.1)
    stretched = (colours - low) / max(high - low, 0.1)
    colours = np.clip(colours * (1 - stretch) + stretched * stretch, 0, 1)
    colours = saturate(colours, rng.uniform(0.8, 1.7)) ** rng.uniform(0.7, 1.3)
    kind = rng.random()
    if kind < 0.2:
        colours = turn_hue(colours, rng.uniform(0, 2 * np.pi))
    elif kind < 0.4:
        mapped = ramp(random_palette(rng), luminance(colours))
        colours = colours + (mapped - colours) * rng.uniform(0.4, 1)
    return colours.astype(np.float32)


def random_scene(rng: np.random.Generator, size: int, palette: np.ndarray | None, fixed: dict) -> Scene:
    """A scene with a composition made up: fields, hills, cells, shapes or rings."""
    palette = random_palette(rng) if palette is None else palette
    compose = (_bands, _hills, _patches, _shapes, _rings)[rng.integers(5)]
    colours = compose(rng, size, palette)
    if rng.random() < 0.7:
        bend = wander(rng, size, size * rng.uniform(0.08, 0.3), size * rng.uniform(0.01, 0.04))
        colours = warp(colours, bend)
    light = 1 + rng.uniform(0.02, 0.15) * fractal(rng, size, size / 4, 4)
    colours = blur(colours * light[..., None], size * rng.uniform(0.001, 0.008))
    return Scene(rng, colours.clip(0, 1).astype(np.float32), palette, fixed)


def _bands(rng: np.random.Generator, size: int, palette: np.ndarray) -> np.ndarray:
    """A smooth noise run through the palette."""
    field = equalise(fractal(rng, size, size * rng.uniform(0.15, 0.5), 3))
    repeats = rng.choice((1, 1, 2, 3))
    return ramp(palette, np.abs((field * repeats + 1) % 2 - 1))


def _hills(rng: np.random.Generator, size: int, palette: np.ndarray) -> np.ndarray:
    """A sky with a sun behind ranges of hills."""
    order = palette if rng.random() < 0.6 else rng.permutation(palette)
    height = np.linspace(0, 1, size)[:, None].repeat(size, 1)
    canvas = Canvas(ramp(order[::-1][: max(2, len(order) // 2)], height))
    centre = complex(rng.uniform(0.2, 0.8), rng.uniform(0.1, 0.4)) * size
    canvas.discs(np.array([centre]), np.array([rng.uniform(0.05, 0.18) * size]), order[-1:])
    across = np.linspace(0, size, 48)
    ranges = rng.integers(3, 8)
    for rank in range(ranges):
        ridge = noise(rng, 48, 48 / rng.uniform(2, 7))[0] * rng.uniform(0.02, 0.1)
        level = (0.35 + 0.6 * rank / ranges + ridge) * size
        outline = np.concatenate([across + 1j * level, [size + 1j * size, 1j * size]])
        canvas.polygons(outline[None], ramp(order, np.array([1 - (rank + 1) / ranges])))
    return canvas.array()


def _patches(rng: np.random.Generator, size: int, palette: np.ndarray) -> np.ndarray:
    """Large cells, each of one colour of the palette."""
    cells = voronoi(rng, size, size / rng.uniform(2.5, 7), 1, size * 0.03)
    colours = palette[rng.integers(len(palette), size=cells.count)]
    return colours[cells.index]


def _shapes(rng: np.random.Generator, size: int, palette: np.ndarray) -> np.ndarray:
    """Discs and polygons over one another on a graded ground."""
    turn = np.exp(1j * rng.uniform(0, 6.3))
    canvas = Canvas(ramp(rng.permutation(palette), equalise((grid(size) * turn).real)))
    for _ in range(rng.integers(8, 28)):
        centre = complex(*rng.uniform(0, size, 2))
        corners = rng.integers(3, 24)
        angles = 2j * np.pi * (np.arange(corners) / corners + rng.random())
        spread = size * rng.uniform(0.05, 0.22) * rng.uniform(0.7, 1.3, corners)
        colour = palette[rng.integers(len(palette))][None]
        canvas.polygons((centre + spread * np.exp(angles))[None], colour)
    return canvas.array()


def _rings(rng: np.random.Generator, size: int, palette: np.ndarray) -> np.ndarray:
    """Rings about one point, or rays from it."""
    arm = grid(size) - complex(*rng.uniform(0, size, 2))
    turns = rng.integers(2, 6)
    far = np.abs(arm) / size * turns
    around = np.angle(arm) / (2 * np.pi) * 2 * turns
    field = far if rng.random() < 0.5 else around + far * rng.uniform(-1, 1)
    return ramp(rng.permutation(palette), np.abs(field % 2 - 1))
