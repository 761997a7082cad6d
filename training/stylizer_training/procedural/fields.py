"""Scalar and direction fields on a square picture: noise, blur, edges, flow, cells.

Scalar fields are float32 arrays [size, size]. Positions and directions are complex numbers, x + iy
in pixels, so that a turn is a product. A flow is a complex64 array [size, size] of unit directions.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)  # Rec. 601, on encoded values


@lru_cache(maxsize=8)
def grid(size: int) -> np.ndarray:
    """Pixel positions x + iy, complex64 [size, size]; shared, so read-only."""
    axis = np.arange(size, dtype=np.float32)
    positions = (axis[None, :] + 1j * axis[:, None]).astype(np.complex64)
    positions.setflags(write=False)
    return positions


def smoothstep(low: float, high: float, values: np.ndarray) -> np.ndarray:
    """0 below `low`, 1 above `high`, a cubic between them."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def noise(rng: np.random.Generator, size: int, scale: float) -> np.ndarray:
    """Smooth noise of mean 0 and deviation 1 with features of `scale` pixels."""
    if scale <= 1:
        return rng.standard_normal((size, size), dtype=np.float32)
    span = size / scale
    lattice = rng.standard_normal((int(np.ceil(span)) + 3,) * 2, dtype=np.float32)
    left, top = 1 + rng.random(2)
    box = (left, top, left + span, top + span)
    field = np.asarray(Image.fromarray(lattice).resize((size, size), Image.Resampling.BICUBIC, box))
    return (field - field.mean()) / (field.std() + 1e-6)


def fractal(rng: np.random.Generator, size: int, scale: float, octaves: int = 4) -> np.ndarray:
    """Sum of noises, each of half the scale and strength of the one before; deviation 1."""
    field = sum(noise(rng, size, scale / 2**octave) / 2**octave for octave in range(octaves))
    return field / (field.std() + 1e-6)


def blur(field: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur of [size, size] or [size, size, channels] with mirrored borders."""
    if sigma < 0.2:
        return field
    size = field.shape[0]
    margin = min(int(3 * sigma) + 1, size - 1)
    padding = [(margin, margin + -(size + 2 * margin) % 16)] * 2 + [(0, 0)] * (field.ndim - 2)
    padded = np.pad(field, padding, mode="reflect")
    length = padded.shape[0]
    frequency = np.fft.fftfreq(length).astype(np.float32)
    response = np.exp(-2 * (np.pi * sigma * frequency) ** 2)
    kernel = response[:, None] * response[None, : length // 2 + 1]
    kernel = kernel.reshape(kernel.shape + (1,) * (field.ndim - 2))
    spectrum = np.fft.rfft2(padded, axes=(0, 1)) * kernel
    blurred = np.fft.irfft2(spectrum, s=(length, length), axes=(0, 1))
    return blurred[margin : margin + size, margin : margin + size].astype(np.float32)


def equalise(field: np.ndarray) -> np.ndarray:
    """The field with its values spread evenly over 0 to 1, their order kept."""
    quantiles = np.quantile(field[::2, ::2], np.linspace(0, 1, 65))
    return np.interp(field, quantiles, np.linspace(0, 1, 65)).astype(np.float32)


def sample(field: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Nearest values of [size, size, ...] at complex positions of any shape, clamped at borders."""
    last = field.shape[0] - 1
    columns = np.clip(np.rint(positions.real), 0, last).astype(np.intp)
    rows = np.clip(np.rint(positions.imag), 0, last).astype(np.intp)
    return field[rows, columns]


def warp(field: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """The field read at each pixel plus a complex offset [size, size], bilinearly."""
    size = field.shape[0]
    positions = grid(size) + offset
    x = np.clip(positions.real, 0, size - 1.001)
    y = np.clip(positions.imag, 0, size - 1.001)
    left, top = x.astype(np.intp), y.astype(np.intp)
    shape = x.shape + (1,) * (field.ndim - 2)
    u, v = (x - left).reshape(shape), (y - top).reshape(shape)
    above = field[top, left] * (1 - u) + field[top, left + 1] * u
    below = field[top + 1, left] * (1 - u) + field[top + 1, left + 1] * u
    return above * (1 - v) + below * v


def wander(rng: np.random.Generator, size: int, scale: float, reach: float) -> np.ndarray:
    """Smooth complex offsets [size, size] of deviation `reach` pixels, for warping."""
    return reach * (noise(rng, size, scale) + 1j * noise(rng, size, scale))


def slope(field: np.ndarray) -> np.ndarray:
    """Gradient of a scalar field as a complex field, per pixel."""
    down, right = np.gradient(field)
    return right + 1j * down


def edge_lines(tone: np.ndarray, sigma: float, coverage: float) -> np.ndarray:
    """Ink lines 0 to 1 on the dark side of edges, over about `coverage` of the picture.

    A difference of Gaussians, soft threshold (Winnemoller et al., XDoG, 2012, section 2).
    """
    difference = blur(tone, 1.6 * sigma) - blur(tone, sigma)
    threshold = max(np.quantile(difference[::2, ::2], 1 - coverage), 0.008)
    return smoothstep(0.6 * threshold, 1.4 * threshold, difference)


def unit(directions: np.ndarray) -> np.ndarray:
    """Directions scaled to length 1."""
    return (directions / (np.abs(directions) + 1e-9)).astype(np.complex64)


def gradient_flow(rng: np.random.Generator, tone: np.ndarray, sigma: float) -> np.ndarray:
    """Flow along the edges of `tone`, wandering freely where the picture is flat.

    The smoothed structure tensor (Kyprianidis and Doellner 2008), as the square of the gradient.
    """
    size = tone.shape[0]
    gradient = slope(blur(tone, max(1.0, sigma / 4)))
    squared = gradient * gradient
    tensor = blur(squared.real, sigma) + 1j * blur(squared.imag, sigma)
    idle = np.exp(1j * (rng.uniform(0, 6.3) + noise(rng, size, size / 3)))
    tensor = tensor + 0.15 * np.abs(tensor).mean() * idle
    return unit(1j * np.sqrt(tensor))


def curl_flow(rng: np.random.Generator, size: int, scale: float, vortices: int) -> np.ndarray:
    """Divergence-free flow around the hills of a noise, with a few round whirls added."""
    flow = 1j * slope(noise(rng, size, scale)) * scale
    for _ in range(vortices):
        centre = complex(*rng.uniform(0, size, 2))
        arm = grid(size) - centre
        radius = rng.uniform(0.08, 0.22) * size
        strength = rng.choice((-4, 4)) * np.exp(-((np.abs(arm) / radius) ** 2))
        flow = flow + 1j * unit(arm) * strength
    return unit(flow)


def streaks(field: np.ndarray, flow: np.ndarray, doublings: int) -> np.ndarray:
    """The field averaged along the flow over 2**doublings pixels.

    Line integral convolution (Cabral and Leedom 1993), the path doubled in each round.
    """
    positions = grid(field.shape[0])
    step, mean = flow, field
    for _ in range(doublings):
        mean = (mean + sample(mean, positions + step)) / 2
        step = step + sample(step, positions + step)
    return mean


def relief(height: np.ndarray, light: float, depth: float) -> np.ndarray:
    """Shading around 0 of a height field lit from the angle `light` (radians)."""
    return np.tanh(depth * (slope(height) * np.exp(-1j * light)).real).astype(np.float32)


@dataclass(frozen=True)
class Cells:
    """A partition of the picture: `index` [size, size], `border` the distance in pixels to the
    nearest border [size, size], `count` the number of cells."""

    index: np.ndarray
    border: np.ndarray
    count: int

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Mean of `values` [size, size, channels] in each cell, [count, channels]."""
        flat = self.index.ravel()
        area = np.maximum(np.bincount(flat, minlength=self.count), 1)
        channels = values.reshape(flat.size, -1).T
        sums = [np.bincount(flat, channel, minlength=self.count) for channel in channels]
        return (np.stack(sums, 1) / area[:, None]).astype(np.float32)


def voronoi(rng: np.random.Generator, size: int, spacing: float, jitter: float, bend: float = 0) -> Cells:
    """Voronoi cells of a jittered lattice of `spacing` pixels; `bend` warps it, in pixels."""
    side = int(np.ceil(size / spacing)) + 4
    lattice = np.arange(side, dtype=np.float32)
    shift = (rng.random((side, side)) - 0.5 + 1j * (rng.random((side, side)) - 0.5)) * jitter
    seeds = (lattice[None, :] + 1j * lattice[:, None] + shift + 0.5 + 0.5j).astype(np.complex64)
    places = grid(size) / np.float32(spacing) + 2 + 2j
    if bend:
        places = places + wander(rng, size, 3 * spacing, bend / spacing)
    column, row = places.real.astype(np.intp), places.imag.astype(np.intp)
    column, row = np.clip(column, 1, side - 2), np.clip(row, 1, side - 2)
    around = [(i, j) for j in (-1, 0, 1) for i in (-1, 0, 1)]
    arms = [seeds[row + j, column + i] - places for i, j in around]
    far = np.stack([arm.real**2 + arm.imag**2 for arm in arms])
    nearest = far.argmin(0)
    arm = np.take_along_axis(np.stack(arms), nearest[None], 0)[0]
    own = np.take_along_axis(far, nearest[None], 0)[0]
    border = np.full((size, size), np.inf, np.float32)
    for other, distance in zip(arms, far, strict=True):
        gap = np.abs(other - arm)
        to_bisector = np.where(gap > 1e-6, (distance - own) / (2 * gap + 1e-9), np.inf)
        np.minimum(border, to_bisector, out=border)
    offsets = np.array([j * side + i for i, j in around])
    index = row * side + column + offsets[nearest]
    return Cells(index, border * np.float32(spacing), side * side)
