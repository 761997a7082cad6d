"""Shapes drawn with Pillow at twice the size, so that their edges come out smooth."""

import numpy as np
from PIL import Image, ImageDraw

from .fields import sample

SUPERSAMPLING = 2


def to_bytes(colours: np.ndarray) -> np.ndarray:
    """0 to 1 as uint8."""
    return (np.clip(colours, 0, 1) * 255 + 0.5).astype(np.uint8)


class Canvas:
    """A square picture to draw on; positions are complex pixels, colours RGB 0 to 1."""

    def __init__(self, background: np.ndarray):
        """`background`: [size, size, 3], or one value a pixel [size, size]."""
        self.size = background.shape[0]
        side = self.size * SUPERSAMPLING
        self.image = Image.fromarray(to_bytes(background)).resize((side, side))
        self.pen = ImageDraw.Draw(self.image)

    def polygons(self, corners: np.ndarray, colours: np.ndarray) -> None:
        """Fill polygons: corners complex [count, corners], colours [count, 3] or [count]."""
        for points, fill in zip(self._points(corners), self._fills(colours), strict=True):
            self.pen.polygon(points, fill)

    def lines(self, paths: np.ndarray, colours: np.ndarray, width: float) -> None:
        """Draw open paths: complex [count, steps], `width` in pixels."""
        thickness = max(1, round(width * SUPERSAMPLING))
        for points, fill in zip(self._points(paths), self._fills(colours), strict=True):
            self.pen.line(points, fill, thickness)

    def discs(self, centres: np.ndarray, radii: np.ndarray, colours: np.ndarray) -> None:
        """Fill discs: centres complex [count], radii in pixels [count]."""
        reach = radii * (1 + 1j)
        boxes = self._points(np.stack([centres - reach, centres + reach], 1))
        for box, fill in zip(boxes, self._fills(colours), strict=True):
            self.pen.ellipse(box, fill)

    def array(self) -> np.ndarray:
        """The picture, float32 [size, size, 3] or [size, size]."""
        return np.asarray(self.image.reduce(SUPERSAMPLING), np.float32) / 255

    @staticmethod
    def _points(positions: np.ndarray) -> list:
        pairs = np.stack([positions.real, positions.imag], -1) * SUPERSAMPLING
        return pairs.reshape(len(positions), 2 * positions.shape[1]).tolist()

    @staticmethod
    def _fills(colours: np.ndarray) -> list:
        fills = to_bytes(colours).tolist()
        return [tuple(fill) for fill in fills] if colours.ndim == 2 else fills


def trace(flow: np.ndarray, starts: np.ndarray, steps: int, stride: float) -> np.ndarray:
    """Paths that follow a flow from complex `starts` [count], complex [count, steps].

    A flow may be known up to its sign: a path never turns back on itself.
    """
    path = np.empty((len(starts), steps), np.complex64)
    place, heading = starts.astype(np.complex64), sample(flow, starts)
    for step in range(steps):
        path[:, step] = place
        ahead = sample(flow, place)
        heading = np.where((ahead * heading.conj()).real < 0, -ahead, ahead)
        place = place + heading * np.float32(stride)
    return path


def ribbons(paths: np.ndarray, widths: np.ndarray, taper: float) -> np.ndarray:
    """Outlines of paths [count, steps] thickened to `widths` pixels [count], [count, 2 * steps].

    `taper` 0 gives the blunt end of a brush, 1 the point of a gouge or nib.
    """
    steps = paths.shape[1]
    tangent = np.gradient(paths, axis=1)
    normal = 1j * tangent / (np.abs(tangent) + 1e-6)
    along = np.linspace(-1, 1, steps)
    profile = (1 - np.abs(along) ** 2.5 + 0.02) ** (0.25 + 0.75 * taper)
    side = normal * profile * widths[:, None] / 2
    return np.concatenate([paths + side, (paths - side)[:, ::-1]], 1)


def scatter(rng: np.random.Generator, size: int, spacing: float) -> np.ndarray:
    """Positions spread evenly at about `spacing` pixels, in random order, complex [count]."""
    axis = np.arange(-0.5 * spacing, size + spacing, spacing)
    lattice = (axis[None, :] + 1j * axis[:, None]).ravel()
    shake = rng.uniform(-0.5, 0.5, (2, lattice.size)) * spacing
    return rng.permutation(lattice + shake[0] + 1j * shake[1])
