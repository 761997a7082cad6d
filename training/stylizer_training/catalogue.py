"""The catalogue: which pictures become named styles, and their codes."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from stylizer_training import style_pictures
from stylizer_training.contact_sheet import to_tensor
from stylizer_training.data import CODE_SIDE, read_pictures, read_sources, squares

CATALOGUE = Path(__file__).resolve().parent.parent / "catalogue.toml"


@dataclass
class Entry:
    """A style with its picture: a work of `sources.csv`, or one that `style_pictures.py` draws."""

    id: str
    name: str
    description: str
    tags: list[str]
    source: str
    picture: Image.Image


def read_catalogue(pack, sources, path=CATALOGUE):
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["style"]
    works = {row["member"]: row for row in read_sources(sources, "style")}
    unknown = [e["work"] for e in entries if "work" in e and e["work"] not in works]
    if unknown:
        raise KeyError(f"not among the styles of {sources}: {', '.join(unknown)}")
    painted = [e for e in entries if "work" in e]
    pictures = dict(zip((e["id"] for e in painted), read_pictures(pack, [works[e["work"]] for e in painted])))
    return [_entry(e, works.get(e.get("work")), pictures.get(e["id"])) for e in entries]


def _entry(values, work, picture):
    if work:
        source = ", ".join([work["creator"], work["title"], work["year"]])
    else:
        source = "Drawn by Stylizer"
        picture = Image.fromarray(style_pictures.draw(values["drawn"]))
    if "cut" in values:
        left, top, side = values["cut"]
        picture = picture.crop((left, top, left + side, top + side))
    fields = {name: values[name] for name in ("id", "name", "description", "tags")}
    return Entry(**fields, source=source, picture=picture)


def to_style(picture):
    """The centre square of a PIL image as the encoder takes it: 1 x 3 x 256 x 256 in [0, 1]."""
    width, height = picture.size
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    square = picture.convert("RGB").resize(
        (CODE_SIDE, CODE_SIDE), Image.LANCZOS, (left, top, left + side, top + side)
    )
    return to_tensor(np.asarray(square))


def refine(network, objective, style, contents, steps=60, rate=0.02):
    """A code for one style, better than what the encoder gives at a glance: 1 x 3 x 256 x 256 to 1 x 128.

    Goes down the training loss on photographs n x 3 x h x w, by Adam, with the network as it is.
    """
    with torch.no_grad():
        code = network.enc(style)
        of_style, of_content = objective.of_style(style), objective.of_content(contents)
    code.requires_grad_(True)
    optimiser = torch.optim.Adam([code], rate)
    for _ in range(steps):
        pictures = network.gen(contents, code.expand(len(contents), -1))
        loss = objective.total(objective(pictures, contents, style, of_content, of_style))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return code.detach()


__all__ = ["CATALOGUE", "Entry", "read_catalogue", "refine", "squares", "to_style"]
