"""Whether faces can be recognised and lettering read: how far edges agree where they are."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from stylizer_training import eye
from stylizer_training.contact_sheet import to_tensor
from stylizer_training.data import read_pictures, read_sources, squares

BOXES = Path(__file__).resolve().parent.parent / "legibility.toml"


@dataclass
class Box:
    kind: str
    """face or text."""

    photo: torch.Tensor
    """1 x 3 x side x side, the whole of it."""

    share: tuple[float, float, float, float]
    """Left, top, right, bottom, as shares of the side."""

    def cut(self, x):
        side = x.shape[-1]
        left, top, right, bottom = (round(at * side) for at in self.share)
        return x[..., top:bottom, left:right]


def read_boxes(pack, sources, side, path=BOXES):
    """Those whose photographs are among the held-out ones of `sources`."""
    rows = {row["member"]: row for row in read_sources(sources, "evaluation-content")}
    kinds = tomllib.loads(path.read_text(encoding="utf-8"))
    wanted = [(kind, entry) for kind, of in kinds.items() for entry in of if entry["photo"] in rows]
    pictures = read_pictures(pack, [rows[entry["photo"]] for _, entry in wanted])
    return [
        Box(kind, to_tensor(squares(picture, side)[0]), tuple(entry["box"]))
        for (kind, entry), picture in zip(wanted, pictures)
    ]


def agreement(picture, box):
    """0 to 1: 1 where edges have the photograph's places and angles, whatever their contrast or sign.
    Edges at random angles in the right places come to 0.64."""
    own, photo = (torch.cat(eye.gradient(eye.grey(x))) for x in (picture, box.photo))
    own, photo = box.cut(own), box.cut(photo)
    length = own.square().sum().sqrt() * photo.square().sum().sqrt()
    return float((own * photo).sum(0).abs().sum() / length.clamp_min(1e-3))


@torch.no_grad()
def read_along(networks, boxes, styles):
    """Networks by name to the mean agreement, by kind."""
    kinds = sorted({box.kind for box in boxes})
    return {
        name: {
            kind: float(
                np.mean(
                    [agreement(paint(box.photo, s), box) for box in boxes if box.kind == kind for s in styles]
                )
            )
            for kind in kinds
        }
        for name, paint in networks.items()
    }
