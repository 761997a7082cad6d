"""Judges networks side by side: `python -m stylizer_training.evaluate --pack FOLDER --model FOLDER …`.

Held-out photographs in held-out styles, through the graphs that the service runs and through the peer, in
one run; writes the figures into `docs/model.md` and contact sheets beside it.
"""

import argparse
import statistics
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import onnxruntime
import torch
import torch.nn.functional as F

from stylizer_training.contact_sheet import to_image, to_tensor
from stylizer_training.data import CODE_SIDE, SOURCES, read_pictures, read_sources, squares
from stylizer_training.judges import MicroAst, SqueezeNet
from stylizer_training.losses import absolute_distance
from stylizer_training.perceptual import CompressedVgg19, moments
from stylizer_training.sheet import sheet

SIDE = 512
CONTENT_STAGE = 5
"""Of SqueezeNet: fire6."""

PEER = "MicroAST"
SECTION = "<!-- evaluate: begin -->", "<!-- evaluate: end -->"


def session(path, threads=2):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class Shipped:
    """The graphs that the inference service runs."""

    def __init__(self, folder):
        self.network, self.encoder = (
            session(folder / f"{name}.onnx") for name in ("network", "style-encoder")
        )
        stats = next(i for i in self.network.get_inputs() if i.name == "stats")
        self.stats = np.zeros((1, stats.shape[1], 2, 1), np.float32)

    @staticmethod
    def _bytes(picture):
        return picture.mul(255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()

    def encode(self, style):
        """1 x 3 x 256 x 256 in [0, 1] to 1 x 128."""
        return self.encoder.run(["z"], {"style": self._bytes(style)})[0]

    def paint(self, content, code):
        feeds = {"content": self._bytes(content), "z": code, "stats": self.stats}
        feeds |= {"given": np.array(False), "axes": np.array([2, 3])}
        image = self.network.run(["image"], feeds)[0]
        return torch.from_numpy(image).permute(0, 3, 1, 2).float() / 255

    def __call__(self, content, style):
        return self.paint(content, self.encode(style))


@dataclass
class Judgement:
    style: float
    """SqueezeNet: means and deviations of its nine stages, squared distance over the style's own square."""
    content: float
    """SqueezeNet: fire6, squared distance over the photograph's own square."""
    vgg_style: float
    vgg_content: float
    ssim: float


FIGURES = list(Judgement.__dataclass_fields__)


def structural_similarity(a, b, side=11, deviation=1.5):
    """Mean SSIM of luminance (Wang et al., "Image quality assessment", 2004); 1 x 3 x h x w in [0, 1]."""
    weights = torch.tensor([0.299, 0.587, 0.114])[None, :, None, None]
    a, b = (a * weights).sum(1, keepdim=True), (b * weights).sum(1, keepdim=True)
    line = torch.exp(-((torch.arange(side) - side // 2) ** 2) / (2 * deviation**2))
    window = torch.outer(line, line)[None, None] / line.sum() ** 2

    def blur(x):
        return F.conv2d(x, window)

    mean_a, mean_b = blur(a), blur(b)
    var_a, var_b = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2
    both = blur(a * b) - mean_a * mean_b
    luminance = (2 * mean_a * mean_b + 0.01**2) / (mean_a**2 + mean_b**2 + 0.01**2)
    return float((luminance * (2 * both + 0.03**2) / (var_a + var_b + 0.03**2)).mean())


class Jury:
    def __init__(self, pack):
        self.squeeze = SqueezeNet(pack / "pack/squeezenet_fp16.npz")
        self.vgg = CompressedVgg19(pack / "pack/sevgg_fp16.npz")

    def look(self, picture):
        stages, maps = self.squeeze(picture), self.vgg(picture, 4)
        return {
            "stages": [moments(stage) for stage in stages],
            "content": stages[CONTENT_STAGE],
            "vgg": self.vgg.statistics(maps),
            "vgg_content": self.vgg.expand(maps[3], 4),
        }

    def judge(self, picture, content, style, of_content, of_style):
        """Of a picture 1 x 3 x h x w; `of_…` are what `look` says of photograph and style."""

        def relative(found, wanted):
            return float((found - wanted).square().sum() / wanted.square().sum())

        found = self.look(picture)
        stages = list(zip(found["stages"], of_style["stages"]))
        return Judgement(
            style=sum(relative(f.mean, w.mean) + relative(f.deviation, w.deviation) for f, w in stages)
            / len(stages),
            content=relative(found["content"], of_content["content"]),
            vgg_style=sum(float(absolute_distance(f, w)) for f, w in zip(found["vgg"], of_style["vgg"])),
            vgg_content=float((found["vgg_content"] - of_content["vgg_content"]).square().mean()),
            ssim=structural_similarity(picture, content),
        )


@torch.no_grad()
def judge_all(networks, contents, styles, jury):
    """Networks by name to arrays contents x styles x figures."""
    of_contents, of_styles = [jury.look(c) for c in contents], [jury.look(s) for s in styles]
    result = {}
    for name, network in networks.items():
        rows = [
            [vars(jury.judge(network(c, s), c, s, of_c, of_s)) for s, of_s in zip(styles, of_styles)]
            for c, of_c in zip(contents, of_contents)
        ]
        result[name] = np.array([[list(judgement.values()) for judgement in row] for row in rows])
        print(name, dict(zip(FIGURES, result[name].mean((0, 1)).round(4))), flush=True)
    return result


def write_peer(peer, path):
    """MicroAST for ONNX Runtime, as it is run where speed counts."""
    example = torch.rand(1, 3, SIDE, SIDE), torch.rand(1, 3, CODE_SIDE, CODE_SIDE)
    torch.onnx.export(peer, example, path, input_names=["content", "style"], dynamo=False)


def race(runners, rounds=5, runs=7):
    """Seconds each takes, the median. They take turns, and only one is there at a time: threads of a session
    that waits spin, and would slow down the others."""
    times = {name: [] for name in runners}
    for _ in range(rounds):
        for name, create in runners.items():
            run = create()
            run()
            for _ in range(runs):
                begin = time.perf_counter()
                run()
                times[name].append(time.perf_counter() - begin)
            del run
    return {name: statistics.median(of) for name, of in times.items()}


def race_networks(models, peer, folder, content, style):
    """Names and folders of models; the peer's style part, unlike ours, runs with every picture."""
    write_peer(peer, folder / "peer.onnx")

    def create_peer():
        of = session(folder / "peer.onnx")
        feeds = {"content": content.numpy(), "style": style.numpy()}
        return lambda: of.run(None, feeds)

    def create(model):
        network = Shipped(model)
        code = network.encode(style)
        return lambda: network.paint(content, code)

    ours = {name: lambda model=model: create(model) for name, model in models.items()}
    return race({PEER: create_peer} | ours)


def table(titles, rows):
    """Markdown."""
    lines = [["", *titles], ["---"] * (len(titles) + 1), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def page(result, seconds, photos, styles):
    """The generated part of docs/model.md."""
    titles = ["style, SqueezeNet", "content, SqueezeNet", "style, VGG", "content, VGG"]
    means = {name: of.mean((0, 1)) for name, of in result.items()}
    figures = table(
        [*titles, "SSIM to the photograph"],
        [[name, *(f"{value:.3f}" for value in of)] for name, of in means.items()],
    )
    shares = table(
        [*titles, "time"],
        [
            [
                name,
                *(f"{share:.2f} x" for share in means[name][:4] / means[PEER][:4]),
                f"{spent / seconds[PEER]:.2f} x ({1000 * spent:.1f} ms)",
            ]
            for name, spent in seconds.items()
        ],
    )
    return f"""Written by `make evaluate` on {date.today()}: {photos} photographs in {styles} styles, none of
which our network was trained on; {SIDE} x {SIDE} pixels, styles {CODE_SIDE} x {CODE_SIDE}.
Lower is better, but for SSIM.

{figures}

As a share of {PEER}'s, and the time of a picture in ONNX Runtime on 2 threads:

{shares}"""


def write_section(path, text):
    before, _, rest = path.read_text(encoding="utf-8").partition(SECTION[0])
    after = rest.partition(SECTION[1])[2]
    path.write_text(f"{before}{SECTION[0]}\n\n{text}\n\n{SECTION[1]}{after}", encoding="utf-8")


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
    parser.add_argument(
        "--model", type=Path, required=True, help="folder of network.onnx and style-encoder.onnx"
    )
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
    result = judge_all(photo | {PEER: peer} | shipped, contents, styles, Jury(arguments.pack))
    text = page(result, seconds, len(contents), len(styles))
    print(text)
    if arguments.page:
        write_section(arguments.page, text)
    write_sheets(shipped | {PEER: peer}, contents, styles, arguments.out)


if __name__ == "__main__":
    main()
