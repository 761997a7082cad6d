"""Style pictures drawn by code, an unlimited source of styles for training.

    picture = draw(seed=7, size=288, photo=photo)   # uint8 [288, 288, 3]

A seed chooses a family (a medium) and its parameters. With a photograph the picture shows it in
that medium, mostly in its own colours; without one, a composition and a palette are made up.
"""

import numpy as np

from . import drawing, graphic, prints, strokes, tiles, wet
from .canvas import to_bytes
from .scene import Scene, photo_scene, random_scene

FAMILIES = {
    "oil": strokes.oil,
    "impasto": strokes.impasto,
    "swirl": strokes.swirl,
    "pointillist": strokes.pointillist,
    "pastel": strokes.pastel,
    "watercolour": wet.watercolour,
    "ink_wash": wet.ink_wash,
    "marble": wet.marble,
    "crosshatch": drawing.crosshatch,
    "engraving": drawing.engraving,
    "charcoal": drawing.charcoal,
    "coloured_pencil": drawing.coloured_pencil,
    "contour": drawing.contour,
    "blueprint": drawing.blueprint,
    "halftone": prints.halftone,
    "linocut": prints.linocut,
    "woodcut": prints.woodcut,
    "screen_print": prints.screen_print,
    "risograph": prints.risograph,
    "comic": prints.comic,
    "stained_glass": tiles.stained_glass,
    "mosaic": tiles.mosaic,
    "low_poly": tiles.low_poly,
    "cross_stitch": tiles.cross_stitch,
    "woven": tiles.woven,
    "cut_paper": graphic.cut_paper,
    "geometric": graphic.geometric,
    "art_deco": graphic.art_deco,
    "neon": graphic.neon,
    "psychedelic": graphic.psychedelic,
}


def draw(seed: int, size: int, photo: np.ndarray | None = None) -> np.ndarray:
    """A style picture, uint8 [size, size, 3]; the same arguments give the same picture.

    `photo`: uint8 [n, n, 3] of any n. Lengths of strokes, dots and lines grow with `size`.
    """
    rng = np.random.default_rng(seed)
    family = list(FAMILIES)[rng.integers(len(FAMILIES))]
    return draw_family(family, seed, size, photo)


def draw_family(
    family: str,
    seed: int,
    size: int,
    photo: np.ndarray | None = None,
    palette: np.ndarray | None = None,
    parameters: dict | None = None,
) -> np.ndarray:
    """A style picture of one family, uint8 [size, size, 3].

    `palette` [k, 3] in 0 to 1, dark to light, replaces the colours of the scene; `parameters`
    override what chance gives, by the names the family asks for. Raises ValueError on others.
    """
    rng = np.random.default_rng((seed, 1))
    fixed = parameters or {}
    scene: Scene = (
        random_scene(rng, size, palette, fixed)
        if photo is None
        else photo_scene(rng, size, photo, palette, fixed)
    )
    picture = FAMILIES[family](scene)
    if unknown := fixed.keys() - scene.asked:
        raise ValueError(f"{family} asks for no {', '.join(sorted(unknown))}")
    return to_bytes(picture)
