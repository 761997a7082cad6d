"""quantisation_study.py WEIGHTS.npz PHOTO... : what 8-bit convolutions would cost in accuracy.

Weights are rounded to int8 by output channel, inputs of the convolutions to uint8 (int8 where they may
be negative) by channel, and, as ONNX Runtime's QLinearConv gives them, outputs to int8, here by channel too.
Ranges are the largest that the first half of the photographs gave under all styles of the catalogue; the
second half is judged: PSNR of the picture against float32.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

from stylizer_training.network_graph import NetworkGraph
from stylizer_training.onnx_writer import FLOAT

SIDE = 384
STYLES = Path(__file__).parent.parent / "inference-service/models/styles.json"


class ObservedGraph(NetworkGraph):
    """Also gives the range of every convolution's input and output, by channel."""

    def __init__(self, weights):
        super().__init__(weights)
        self.ranges = []

    def observe(self, name, x):
        for kind in ("ReduceMax", "ReduceMin"):
            self.result(self.op(kind, x, self.ints(0, 2, 3), keepdims=0), f"{name}.{kind}")
            self.ranges.append(f"{name}.{kind}")

    def convolve(self, name, x, *args, **kwargs):
        self.observe(f"{name}.in", x)
        y = super().convolve(name, x, *args, **kwargs)
        self.observe(f"{name}.out", y)
        return y

    def convolve_upsampled(self, name, x):
        self.observe(f"{name}.in", x)
        y = super().convolve_upsampled(name, x)
        self.observe(f"{name}.out", y)
        return y

    def model(self, inputs, outputs):
        return super().model(inputs, outputs + [(name, FLOAT, ["c"]) for name in self.ranges])


class QuantisedGraph(NetworkGraph):
    """Rounds as 8-bit convolutions would, in float32."""

    def __init__(self, weights, ranges, names, outputs):
        super().__init__(dict(weights))
        self.ranges, self.chosen, self.round_outputs = ranges, names, outputs

    def rounded(self, name, x):
        most, least = (self.ranges[f"{name}.{kind}"] for kind in ("ReduceMax", "ReduceMin"))
        low, high = (0, 255) if least.min() >= 0 else (-128, 127)
        scale = np.maximum(np.maximum(most, -least), 1e-6) / high
        step = self.constant(scale.astype(np.float32).reshape(-1, 1, 1))
        levels = self.op("Round", self.op("Div", x, step))
        clipped = self.op("Clip", levels, self.float(low), self.float(high))
        return self.op("Mul", clipped, step), scale.reshape(1, -1, 1, 1)

    def quantised(self, name, x, convolve):
        if name not in self.chosen:
            return convolve(x)
        x, scale = self.rounded(f"{name}.in", x)
        # What an input channel is divided by, its weights are multiplied by.
        weight = self.weights[f"{name}.weight"] * scale
        step = np.abs(weight).max((1, 2, 3), keepdims=True) / 127
        self.weights[f"{name}.weight"] = (np.round(weight / step) * step / scale).astype(np.float32)
        y = convolve(x)
        return self.rounded(f"{name}.out", y)[0] if self.round_outputs else y

    def convolve(self, name, x, *args, **kwargs):
        run = super().convolve
        return self.quantised(name, x, lambda rounded: run(name, rounded, *args, **kwargs))

    def convolve_upsampled(self, name, x):
        run = super().convolve_upsampled
        return self.quantised(name, x, lambda rounded: run(name, rounded))


def runner(graph):
    session = onnxruntime.InferenceSession(graph.build().SerializeToString())
    names = [output.name for output in session.get_outputs()]
    inputs = {of.name: of.shape for of in session.get_inputs()}
    channels = inputs["stats"][1]
    origin = {"origin": np.zeros((1, 2), np.int64)} if "origin" in inputs else {}

    def run(content, z):
        stats = np.zeros((1, channels, 2, 1), np.float32)
        feeds = {"content": content, "z": z, "stats": stats, "given": np.array(False)}
        feeds |= {"axes": np.array([2, 3])} | origin
        return dict(zip(names, session.run(None, feeds)))

    return run


def psnr(a, b):
    return 10 * np.log10(255**2 / max(1e-9, ((a.astype(float) - b) ** 2).mean()))


def main():
    weights = dict(np.load(sys.argv[1]))
    photos = [np.asarray(Image.open(path).convert("RGB").resize((SIDE, SIDE)))[None] for path in sys.argv[2:]]
    seen, judged = photos[: len(photos) // 2], photos[len(photos) // 2 :]
    styles = {
        style["id"]: np.float32(style["code"])[None] for style in json.loads(STYLES.read_text())["styles"]
    }

    observe, ranges = runner(ObservedGraph(weights)), {}
    for z in styles.values():
        for photo in seen:
            for name, value in observe(photo, z).items():
                pick = np.maximum if name.endswith("Max") else np.minimum
                ranges[name] = pick(ranges[name], value) if name in ranges else value
    reference = runner(NetworkGraph(weights))
    expected = {id: [reference(photo, z)["image"] for photo in judged] for id, z in styles.items()}

    trunk = [
        name.removesuffix(".in.ReduceMax")
        for name in ranges
        if name.startswith("r8") and name.endswith("in.ReduceMax")
    ]
    wide = [*trunk, "u2.conv", "r4.0.a.conv", "r4.0.b.conv", "u1.conv"]
    cases = {
        "second convolutions of the 1/8 blocks": ([name for name in trunk if ".b." in name], True),
        "all of the 1/8 blocks": (trunk, True),
        "all but stem and head": (wide, True),
        "all but stem and head, exact outputs": (wide, False),
    }
    for title, (names, outputs) in cases.items():
        run = runner(QuantisedGraph(weights, ranges, names, outputs))
        worst = {
            id: min(psnr(image, run(photo, z)["image"]) for photo, image in zip(judged, expected[id]))
            for id, z in styles.items()
        }
        least = min(worst, key=worst.get)
        below = sum(value < 38 for value in worst.values())
        print(f"{title}: worst {worst[least]:.1f} dB ({least}); {below} of {len(worst)} styles below 38 dB")


main()
