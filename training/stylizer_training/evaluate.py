"""Judges networks side by side: `python -m stylizer_training.evaluate --pack FOLDER --model FOLDER …`.

Held-out photographs in held-out styles, through the graphs that the service runs and through the peer, in
one run; writes the figures into `docs/model.md` and contact sheets beside it.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from stylizer_training.catalogue_eye import look_at_all
from stylizer_training.contact_sheet import to_image, to_tensor
from stylizer_training.data import CODE_SIDE, SOURCES, read_pictures, read_sources, squares
from stylizer_training.judges import MicroAst
from stylizer_training.jury import FIGURES, Jury
from stylizer_training.legibility import read_along, read_boxes
from stylizer_training.race import PEER, race_networks
from stylizer_training.report import page, write_section
from stylizer_training.sheet import sheet
from stylizer_training.shipped import Shipped

SIDE = 512
LEGIBLE_STYLES = 4


@torch.no_grad()
def judge_all(networks, contents, styles, jury):
    """Networks by name to the means of their figures, by name."""
    of_contents, of_styles = [jury.look(c) for c in contents], [jury.look(s) for s in styles]
    result = {}
    for name, network in networks.items():
        judgements = [
            jury.judge(network(c, s), c, of_c, of_s)
            for c, of_c in zip(contents, of_contents)
            for s, of_s in zip(styles, of_styles)
        ]
        result[name] = {
            figure: float(np.mean([getattr(j, figure) for j in judgements])) for figure in FIGURES
        }
        print(name, {figure: round(value, 4) for figure, value in result[name].items()}, flush=True)
    return result


@torch.no_grad()
def write_sheets(networks, contents, styles, folder, per_sheet=4, photos=3):
    """Photographs down, styles across; for each photograph a row of every network, in their order."""
    for number in range(0, len(styles), per_sheet):
        chosen = styles[number : number + per_sheet]
        rows = [[None, *map(to_image, chosen)]]
        for content in contents[:: max(1, len(contents) // photos)][:photos]:
            for network in networks.values():
                rows.append([to_image(content), *(to_image(network(content, s)) for s in chosen)])
        sheet(rows, 320).save(folder / f"sheet-{number // per_sheet + 1}.jpg", quality=88)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--sources", type=Path, default=SOURCES)
    parser.add_argument("--model", type=Path, required=True, help="folder of the graphs and of styles.json")
    parser.add_argument("--against", type=Path, help="folder of an earlier model, to be judged too")
    parser.add_argument("--out", type=Path, required=True, help="folder of the contact sheets")
    parser.add_argument("--page", type=Path, help="docs/model.md, whose generated part is replaced")
    parser.add_argument("--photos", type=int, default=12)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)

    def read(role, side):
        pictures = read_pictures(arguments.pack, read_sources(arguments.sources, role))
        return [to_tensor(squares(picture, side)[0]) for picture in pictures]

    contents, styles = read("evaluation-content", SIDE), read("evaluation-style", CODE_SIDE)
    contents = contents[:: max(1, len(contents) // arguments.photos)][: arguments.photos]
    peer = MicroAst(arguments.pack / "pack/teacher_fp16.npz").eval()
    models = {"this network": arguments.model}
    if arguments.against:
        models["the network before"] = arguments.against
    seconds = race_networks(models, peer, arguments.out, contents[0], styles[0])
    print(seconds, flush=True)
    shipped = {name: Shipped(model) for name, model in models.items()}
    photo = {"the photograph untouched": lambda content, _: content}
    jury = Jury(arguments.pack)
    result = judge_all(photo | {PEER: peer} | shipped, contents, styles, jury)
    pack, sources = arguments.pack, arguments.sources
    sights = {
        name: look_at_all(shipped[name], model, pack, sources, contents, jury)
        for name, model in models.items()
    }
    boxes = read_boxes(pack, sources, SIDE)
    legible = read_along(shipped | {PEER: peer}, boxes, styles[:: max(1, len(styles) // LEGIBLE_STYLES)])
    text = page(result, seconds, sights, legible, SIDE, len(contents), len(styles))
    print(text)
    if arguments.page:
        write_section(arguments.page, text)
    write_sheets(shipped | {PEER: peer}, contents, styles, arguments.out)


if __name__ == "__main__":
    main()
