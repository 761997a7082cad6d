"""What the eye sees in the catalogue's styles: marks at favoured angles and repeats, style by style."""

import json
from dataclasses import astuple, dataclass

import numpy as np
import torch

from stylizer_training import eye
from stylizer_training.catalogue import CATALOGUE, read_catalogue, to_style

ANGLES = 20, 65
"""Of the gradients, in degrees: far from level, upright and diagonal."""


@dataclass
class Sight:
    """Preferences as in `eye.preferences`, peaks as in `eye.periodicity`: of the style picture, in the flat
    areas of photographs, on gradients."""

    axes_style: float
    axes_flat: float
    axes_gradient: float
    diagonals_style: float
    diagonals_flat: float
    diagonals_gradient: float
    peak_style: float
    peak_flat: float
    peak_gradient: float
    pyramid: float
    wasserstein: float


def _preferences_and_peak(pairs):
    """Of pictures and masks together."""
    axes, diagonals = eye.preferences(sum(eye.energies(*pair) for pair in pairs))
    peaks = [peak for pair in pairs if not np.isnan(peak := eye.periodicity(*pair))]
    return axes, diagonals, float(np.mean(peaks)) if peaks else np.nan


@torch.no_grad()
def look(network, picture, code, photos, jury, side):
    """At one style, as `styles.json` has it. With photographs goes where they are flat, and a jury's look."""

    def whole(x):
        return x, torch.ones_like(x[:, :1])

    of_style = jury.look(picture)
    painted = [network.paint(photo, code) for photo, _, _ in photos]
    judged = [jury.judge(p, photo, seen, of_style) for p, (photo, _, seen) in zip(painted, photos)]
    kinds = [
        _preferences_and_peak([whole(picture)]),
        _preferences_and_peak([(p, flat) for p, (_, flat, _) in zip(painted, photos)]),
        _preferences_and_peak([whole(network.paint(eye.turned_gradient(a, side), code)) for a in ANGLES]),
    ]
    of_both = [float(np.mean([getattr(j, name) for j in judged])) for name in ("pyramid", "wasserstein")]
    return Sight(*(value for kind in zip(*kinds) for value in kind), *of_both)


@torch.no_grad()
def look_at_all(network, model, pack, sources, contents, jury, photos=3):
    """Styles by name to their sights; photographs are those with most flat."""
    codes = {
        style["id"]: np.float32(style["code"])[None]
        for style in json.loads((model / "styles.json").read_text(encoding="utf-8"))["styles"]
    }
    flat = [(photo, eye.flat(photo)) for photo in contents]
    flattest = sorted(flat, key=lambda pair: -float(pair[1].mean()))[:photos]
    flattest = [(photo, where, jury.look(photo)) for photo, where in flattest]
    side = contents[0].shape[3]
    return {
        entry.id: look(network, to_style(entry.picture), codes[entry.id], flattest, jury, side)
        for entry in read_catalogue(pack, sources, CATALOGUE)
    }


def cells(sights):
    """Of a Markdown table: the titles, and rows: the median of each network's sights, then each style's of
    the first."""
    titles = [f"{what}: {where}" for what in ("level, upright", "diagonal", "peak") for where in
              ("style", "flat", "gradient")] + ["pyramid", "Wasserstein"]  # fmt: skip
    rows = {
        f"**{name}**, median": np.nanmedian([astuple(sight) for sight in of.values()], 0)
        for name, of in sights.items()
    }
    rows |= {style: astuple(sight) for style, sight in next(iter(sights.values())).items()}
    return titles, [[name, *(f"{value:.2f}" for value in row)] for name, row in rows.items()]
