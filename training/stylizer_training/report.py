"""The generated part of docs/model.md."""

from datetime import date

from stylizer_training import catalogue_eye
from stylizer_training.data import CODE_SIDE
from stylizer_training.race import PEER

SECTION = "<!-- evaluate: begin -->", "<!-- evaluate: end -->"
COMPARED = "style", "content", "vgg_style", "vgg_content", "pyramid", "wasserstein"
TITLES = ["style", "content", "style, VGG", "content, VGG", "style, pyramid", "Wasserstein"]


def table(titles, rows, first=""):
    """Markdown."""
    lines = [[first, *titles], ["---"] * (len(titles) + 1), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def page(result, seconds, sights, legible, side, photos, styles):
    """`result`: means by name of network and of figure; `sights`: what `catalogue_eye` saw, and
    `legible`: what of faces and lettering is left, by network."""
    figures = table(
        [*TITLES, "SSIM"],
        [[name, *(f"{of[figure]:.3f}" for figure in (*COMPARED, "ssim"))] for name, of in result.items()],
    )
    shares = table(
        [*TITLES, "time"],
        [
            [
                name,
                *(f"{result[name][figure] / result[PEER][figure]:.2f} x" for figure in COMPARED),
                f"{spent / seconds[PEER]:.2f} x ({1000 * spent:.1f} ms)",
            ]
            for name, spent in seconds.items()
        ],
    )
    return f"""Written by `make evaluate` on {date.today()}: {photos} photographs in {styles} styles, none of
which our network was trained on; {side} x {side} pixels, styles {CODE_SIDE} x {CODE_SIDE}.
By SqueezeNet where nothing else is named. Lower is better, but for SSIM.

{figures}

As a share of {PEER}'s, and the time of a picture in ONNX Runtime on 2 threads:

{shares}

What the eye sees in the catalogue's styles: the share of gradient energy within 5 degrees of level or
upright, and of the diagonals, 1 being no preference, and the highest off-centre peak of the autocorrelation;
of the style picture itself, in the flat areas of the three flattest photographs, and on smooth gradients at
20 and 65 degrees. Then style distance over a pyramid of sizes and sliced Wasserstein distance on those
photographs.

{table(*catalogue_eye.cells(sights))}
{_legibility(legible)}"""


def _legibility(legible):
    kinds = list(next(iter(legible.values())))
    if not kinds:
        return ""
    rows = [[name, *(f"{of[kind]:.2f}" for kind in kinds)] for name, of in legible.items()]
    return f"""
How far edges agree with the photograph's where faces and lettering are (`training/legibility.toml`); 1 is the
photograph, higher is better:

{table(kinds, rows)}"""


def write_section(path, text):
    before, _, rest = path.read_text(encoding="utf-8").partition(SECTION[0])
    after = rest.partition(SECTION[1])[2]
    path.write_text(f"{before}{SECTION[0]}\n\n{text}\n\n{SECTION[1]}{after}", encoding="utf-8")
