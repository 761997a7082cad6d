"""The style pictures of the product's catalogue that are drawn by code.

    python -m stylizer_training.style_pictures FOLDER

writes FOLDER/ID.png, 512 x 512, for every entry of STYLE_PICTURES, and FOLDER/contact-sheet.jpg.
They show our own scene (assets/sample.jpg) or a composition made up, so nobody else has rights.
"""

import argparse
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from .procedural import draw_family
from .procedural.palettes import by_luminance, from_hex
from .sheet import sheet

SIZE = 512
SAMPLE = Path(__file__).parents[2] / "assets" / "sample.jpg"

WHOLE = (0.32, 0.0, 1.0)
BOATS = (0.0, 0.3, 0.62)
TOWN = (0.42, 0.12, 0.6)
QUAY = (0.44, 0.4, 0.56)
FLOWERS = (0.6, 0.48, 0.52)


@dataclass(frozen=True)
class StylePicture:
    """An entry: what the catalogue shows of it, and how it is drawn.

    `crop` is the part of the sample that is shown: left (of the width), top and side (of the
    height); None makes a composition up. `palette` replaces the scene's colours.
    """

    id: str
    name: str
    description: str
    tags: tuple[str, ...]
    family: str
    seed: int
    crop: tuple[float, float, float] | None
    palette: tuple[str, ...] | None = None
    parameters: dict = field(default_factory=dict)


STYLE_PICTURES = (
    StylePicture(
        "pop-comic",
        "Pop comic",
        "Primary colours in printed dots under a bold brush outline",
        ("print", "comic", "bold"),
        "comic",
        3,
        QUAY,
        ("#12100e", "#d7263d", "#1b86d1", "#f9c80e", "#fdf1d3"),
        {"paper": "#fdf1d3", "pitch": 6, "saturation": 1.1, "pen": 1.2, "angle": 15},
    ),
    StylePicture(
        "night-linocut",
        "Linocut",
        "Gouge marks in a solid night-blue block over an ochre tint",
        ("print", "linocut", "bold"),
        "linocut",
        5,
        TOWN,
        None,
        {
            "paper": "#f4ead4",
            "ink": "#14202e",
            "tint_block": True,
            "tint": "#e3a23c",
            "pitch": 4.6,
            "smooth": 7,
            "chatter": True,
        },
    ),
    StylePicture(
        "vermilion-woodcut",
        "Woodcut",
        "Indigo and vermilion planks, their grain showing, on rice paper",
        ("print", "woodcut", "japanese"),
        "woodcut",
        4,
        QUAY,
        ("#1c2b4a", "#c6432b", "#86a3a8", "#e8c08a", "#f5e9d2"),
        {"paper": "#f5e9d2", "ink": "#182238", "blocks": 5, "grain": 0.4, "key": 1.5, "shade": 1},
    ),
    StylePicture(
        "blueprint",
        "Blueprint",
        "White drafting lines and hatching on a gridded blue sheet",
        ("drawing", "line", "technical"),
        "blueprint",
        8,
        TOWN,
        None,
        {"paper": "#14478a", "line": "#eaf3ff", "grid": 12, "hatch": 4},
    ),
    StylePicture(
        "risograph",
        "Risograph",
        "Fluorescent pink, teal and yellow soy inks, screened and out of register",
        ("print", "risograph", "vivid"),
        "risograph",
        7,
        FLOWERS,
        ("#1d3f6b", "#00838a", "#ff48a0", "#ff7a4d", "#ffd800", "#faf5e6"),
        {
            "paper": "#faf5e6",
            "inks": 3,
            "ink_0": "#ff48a0",
            "ink_1": "#00838a",
            "ink_2": "#ffd800",
            "pitch": 5,
            "grainy": False,
        },
    ),
    StylePicture(
        "cathedral-glass",
        "Stained glass",
        "Deep blue, ruby and amber panes held by dark lead",
        ("glass", "mosaic", "vivid"),
        "stained_glass",
        2,
        WHOLE,
        ("#14245c", "#1f62b0", "#118a70", "#b51f2e", "#e58a17", "#f7d64c", "#dfeaf2"),
        {"spacing": 17, "lead": 2.6, "metal": "#15131a", "saturation": 1.4, "jitter": 0.9},
    ),
    StylePicture(
        "roman-mosaic",
        "Roman mosaic",
        "Marble and terracotta tesserae laid in bending rows",
        ("mosaic", "stone", "antique"),
        "mosaic",
        9,
        TOWN,
        ("#2d2b30", "#7a3624", "#bf6a3c", "#5b7680", "#cfae80", "#eee4cd"),
        {
            "tile": 7,
            "way": "rows",
            "few_stones": True,
            "grout": "#a89a84",
            "gap": 1.2,
            "shake": 0.05,
            "bevel": 0.06,
        },
    ),
    StylePicture(
        "pen-hatching",
        "Pen hatching",
        "Sepia-black nib strokes crossed in four layers on laid paper",
        ("drawing", "pen", "monochrome"),
        "crosshatch",
        6,
        TOWN,
        None,
        {
            "paper": "#f7f0df",
            "ink": "#231a15",
            "pitch": 2.9,
            "layers": 4,
            "nib": 0.2,
            "contour": False,
            "inverted": False,
            "washed": False,
            "outline": 1.0,
        },
    ),
    StylePicture(
        "banknote-engraving",
        "Engraving",
        "Swelling burin lines in banknote green",
        ("drawing", "engraving", "monochrome"),
        "engraving",
        1,
        BOATS,
        None,
        {
            "paper": "#eff0dc",
            "ink": "#17503d",
            "pitch": 3.6,
            "way": "waves",
            "form": 14,
            "angle": 0.35,
            "crossed": True,
            "inverted": False,
            "washed": False,
        },
    ),
    StylePicture(
        "charcoal-chalk",
        "Charcoal and chalk",
        "Charcoal rubbed into brown paper, heightened with white chalk",
        ("drawing", "charcoal", "monochrome"),
        "charcoal",
        2,
        TOWN,
        None,
        {
            "paper": "#c9ab86",
            "stick": "#1d1a19",
            "sheet": 0.97,
            "chalk": True,
            "drag": 1.6,
            "rough": 0.16,
        },
    ),
    StylePicture(
        "harbour-watercolour",
        "Watercolour",
        "Transparent teal and coral washes with dark rims on rough paper",
        ("drawing", "watercolour", "light"),
        "watercolour",
        3,
        FLOWERS,
        ("#1f4560", "#2c8790", "#dd5f49", "#f2ab55", "#9ccdc6", "#fbf3e4"),
        {
            "paper": "#fdf9f0",
            "washes": 6,
            "rim": 0.7,
            "strength": 0.6,
            "saturation": 1.15,
            "softness": 1.2,
            "ragged": 1.5,
        },
    ),
    StylePicture(
        "suminagashi",
        "Marbled paper",
        "Indigo, sky and vermilion drops combed on water",
        ("print", "marbling", "abstract"),
        "marble",
        12,
        None,
        ("#13233f", "#1f5685", "#82b1cc", "#d8492f", "#efd9a8", "#f6efe0"),
        {
            "drops": 240,
            "radius": 15,
            "combs": 2,
            "tooth": 16,
            "eddies": 6,
            "scene": 0.0,
            "rings": 0,
        },
    ),
    StylePicture(
        "dusk-low-poly",
        "Low poly",
        "Facets from violet to apricot with a glint of turquoise",
        ("graphic", "geometric", "vivid"),
        "low_poly",
        4,
        WHOLE,
        ("#1e1740", "#5d2b8c", "#c43f80", "#f67b55", "#46b3c4", "#fdc680"),
        {"spacing": 11, "shade": 0.09, "wire": False},
    ),
    StylePicture(
        "cut-paper",
        "Cut paper",
        "Layers of coloured card with soft shadows",
        ("graphic", "paper", "calm"),
        "cut_paper",
        6,
        WHOLE,
        ("#22384f", "#3a7377", "#e0705a", "#f3c77f", "#f6f0dc"),
        {"layers": 8, "smooth": 2.5, "depth": 3, "abstract": False, "light_below": True},
    ),
    StylePicture(
        "neon-night",
        "Neon",
        "Pink, cyan and yellow tubes glowing on a dark wall",
        ("graphic", "glow", "night"),
        "neon",
        5,
        TOWN,
        ("#08060f", "#7a3cff", "#ff2e88", "#18d8ff", "#ffe14d"),
        {"night": "#05040c", "palette_light": True, "levels": 7, "glow": 0.8, "tube": 1},
    ),
    StylePicture(
        "folk-cross-stitch",
        "Cross-stitch",
        "Crosses of madder, moss and ochre thread on linen",
        ("textile", "embroidery", "folk"),
        "cross_stitch",
        7,
        QUAY,
        ("#2b2422", "#a31d2c", "#2f6b40", "#2d5f93", "#dc942c", "#f1e6cf"),
        {"paper": "#f1e6cf", "pitch": 6.5, "thread": 0.27},
    ),
    StylePicture(
        "art-deco",
        "Art deco",
        "Gold-lined fans over petrol and jade",
        ("graphic", "poster", "gold"),
        "art_deco",
        3,
        TOWN,
        ("#0d1b26", "#11514d", "#22867a", "#ead9ae"),
        {
            "way": "fans",
            "shapes": False,
            "metal": "#d9a94a",
            "pitch": 11,
            "line": 1.2,
        },
    ),
    StylePicture(
        "confetti-dots",
        "Confetti",
        "Bright pointillist dots scattered on white",
        ("graphic", "dots", "joyful"),
        "pointillist",
        8,
        WHOLE,
        ("#2c2f77", "#e6406c", "#ff8a3c", "#ffd23f", "#25b3a6", "#f7f4ef"),
        {"radius": 3, "shake": 0.14, "saturation": 1.3, "paper_ground": True, "paper": "#fffdf8"},
    ),
)


def render(entry: StylePicture) -> np.ndarray:
    """The picture of an entry, uint8 [SIZE, SIZE, 3]."""
    photo = None if entry.crop is None else sample_crop(*entry.crop)
    palette = None
    if entry.palette is not None:
        palette = by_luminance(np.stack([from_hex(colour) for colour in entry.palette]))
    return draw_family(entry.family, entry.seed, SIZE, photo, palette, entry.parameters)


def sample_crop(left: float, top: float, side: float) -> np.ndarray:
    """A square of our own scene, uint8; `left` in widths, `top` and `side` in heights."""
    with Image.open(SAMPLE) as image:
        x, y = left * image.width, top * image.height
        edge = min(side * image.height, image.width - x, image.height - y)
        return np.asarray(image.convert("RGB").crop((int(x), int(y), int(x + edge), int(y + edge))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    pictures = [Image.fromarray(render(entry)) for entry in STYLE_PICTURES]
    for entry, picture in zip(STYLE_PICTURES, pictures):
        picture.save(folder / f"{entry.id}.png")
    rows = [pictures[first : first + 6] for first in range(0, len(pictures), 6)]
    sheet(rows, 144).save(folder / "contact-sheet.jpg", quality=70)


if __name__ == "__main__":
    main()
