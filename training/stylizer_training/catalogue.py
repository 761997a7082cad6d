"""The catalogue: which pictures become named styles, and their codes."""

import math
import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from stylizer_training.contact_sheet import to_tensor
from stylizer_training.data import CODE_SIDE, read_pictures, read_sources
from stylizer_training.style_pictures import STYLE_PICTURES, render

CATALOGUE = Path(__file__).resolve().parent.parent / "catalogue.toml"


@dataclass
class Entry:
    id: str
    name: str
    description: str
    tags: list[str]
    source: str
    """Whose work: shown to users."""

    picture: Image.Image


def read_catalogue(pack, sources, path=CATALOGUE):
    """All entries with their pictures, works before what is drawn."""
    catalogue = tomllib.loads(path.read_text(encoding="utf-8"))
    works = {
        row["member"]: row for role in ("style", "evaluation-style") for row in read_sources(sources, role)
    }
    wanted = catalogue.get("work", [])
    unknown = [entry["work"] for entry in wanted if entry["work"] not in works]
    if unknown:
        raise KeyError(f"not among the styles of {sources}: {', '.join(unknown)}")
    rows = [works[entry.pop("work")] for entry in wanted]
    entries = [
        Entry(**entry, source=f"{row['creator']}, {row['title']}, {row['year']}", picture=picture)
        for entry, row, picture in zip(wanted, rows, read_pictures(pack, rows))
    ]
    drawn = {picture.id: picture for picture in STYLE_PICTURES}
    return entries + [_drawn(drawn[id]) for id in catalogue.get("drawn", [])]


def _drawn(of):
    picture = Image.fromarray(render(of))
    return Entry(of.id, of.name, f"{of.description}.", list(of.tags), "Drawn by Stylizer", picture)


def to_style(picture):
    """The centre square of a PIL image as the encoder takes it: 1 x 3 x 256 x 256 in [0, 1]."""
    width, height = picture.size
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    box = (left, top, left + side, top + side)
    return to_tensor(np.asarray(picture.resize((CODE_SIDE, CODE_SIDE), Image.LANCZOS, box)))


def turned(style, count):
    """A square 1 x 3 x s x s at so many angles, evenly spread over half a turn; corners are reflections."""
    angles = torch.arange(count) * math.pi / count
    cos, sin, zero = torch.cos(angles), torch.sin(angles), torch.zeros(count)
    rows = [torch.stack([cos, -sin, zero], 1), torch.stack([sin, cos, zero], 1)]
    grid = F.affine_grid(torch.stack(rows, 1), (count, *style.shape[1:]), align_corners=False)
    return F.grid_sample(
        style.expand(count, -1, -1, -1), grid, padding_mode="reflection", align_corners=False
    )


def refine(network, objective, style, contents, steps=30, rate=0.03):
    """A code for one style, better than what the encoder gives at a glance: 1 x 3 x 256 x 256 to 1 x 128.

    Goes down the training loss on photographs n x 3 x h x w, by Adam, with the network as it is. Each is to
    look like the style picture at another angle, so that marks lean nowhere by themselves.
    """
    with torch.no_grad():
        styles = turned(style, len(contents))
        code = network.enc(styles).mean(0, keepdim=True)
        of_style, of_content = objective.of_style(styles), objective.of_content(contents)
    code.requires_grad_(True)
    optimiser = torch.optim.Adam([code], rate)
    for _ in range(steps):
        with torch.autocast(style.device.type, torch.bfloat16):
            pictures = network.gen(contents, code.expand(len(contents), -1)).float()
            loss = objective.total(objective(pictures, contents, styles, of_content, of_style))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return code.detach()
