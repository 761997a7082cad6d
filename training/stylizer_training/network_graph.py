"""The transformer as the graph that the inference service runs: pixels in, pixels out.

Inputs: `content` n x h x w x 3 uint8 sRGB, h and w multiples of 8 and at least 16; `z` n x 128 float32,
the style codes; `stats` n x c x 2 x 1 float32, mean and 1/deviation of every channel that is
normalised; `given` bool, whether `stats` is used; `axes` int64, over which statistics are taken where
it is not: [2, 3] for each picture by itself, [0, 2, 3] jointly over the batch; `origin` o x 2 int64, n or 1
of them, where in the whole picture `content` begins, row and column, in pixels: what noise depends on (not an
input of a network without).
Outputs: `image` like `content`; `used` like `stats`, n or 1 of them: the statistics in effect.

Differences to the network as it was trained, none of which changes its function:
- Conversion from and to 8 bits is inside; x * 2 - 1 is folded into the first convolution.
- Nearest upsampling by 2 followed by a 3x3 convolution is four 2x2 convolutions on the small
  picture, one for each position in a 2x2 block (Shi et al., "Is the deconvolution layer the same as
  a convolutional layer?", 2016): 4/9 of the multiply-adds. Reflection on the large picture is
  repetition of the edge on the small one.
- Noise is looked up in its tables (`noise.py`), which go with the weights.
- One graph serves whole pictures, statistics and tiles, so that weights and memory are there once.
"""

import numpy as np

from stylizer_training.onnx_writer import BOOL, FLOAT, INT64, UINT8, Graph

EPSILON = 1e-5


class NetworkGraph(Graph):
    def __init__(self, weights):
        super().__init__()
        self.weights = {k[4:]: v for k, v in weights.items() if k.startswith("gen.")}
        self.noisy = "noise.normal" in self.weights
        self.norms = self._norms()
        self.used = {}
        gains = [self.weights[f"{norm}.fc.weight"] for norm in self.norms]
        biases = [self.weights[f"{norm}.fc.bias"] for norm in self.norms]
        product = self.op(
            "Gemm",
            "z",
            self.constant(np.concatenate(gains).T, "norms.weight"),
            self.constant(np.concatenate(biases), "norms.bias"),
        )
        affine = self.op("Unsqueeze", product, self.ints(2, 3))
        halves = [c for c in self.norms.values() for _ in range(2)]
        parts = self.split(affine, halves, 1)
        self.affine = dict(zip(self.norms, zip(parts[::2], parts[1::2])))
        given = self.split("stats", self.norms.values(), 1)
        self.given = dict(zip(self.norms, given))

    def _norms(self):
        """Channels of each conditional instance norm, by name, in the order of `stats`."""
        names = ["n1", "n2", "n3", *self._in_blocks("r8"), "nu2", "s2"]
        names += [*self._in_blocks("r4"), "nu1", "s1"]
        return {name: len(self.weights[f"{name}.fc.bias"]) // 2 for name in names}

    def _blocks(self, trunk):
        count = sum(f"{trunk}.{i}.a.conv.weight" in self.weights for i in range(100))
        return [f"{trunk}.{i}" for i in range(count)]

    def _in_blocks(self, trunk):
        return [f"{block}.{norm}" for block in self._blocks(trunk) for norm in ("na", "nb")]

    def pad(self, x, by, mode="reflect"):
        pads = self.ints(0, 0, by, by, 0, 0, by, by)
        return self.op("Pad", x, pads, mode=mode)

    def convolve(self, name, x, weight=None, bias=None, stride=1):
        weight = self.weights[f"{name}.weight"] if weight is None else weight
        side = weight.shape[2]
        inputs = [self.pad(x, side // 2) if side > 1 else x, self.constant(weight, name)]
        if bias is not None:
            inputs.append(self.constant(bias, f"{name}.bias"))
        return self.op("Conv", *inputs, name=f"conv.{name}", kernel_shape=[side, side],
                       strides=[stride, stride])  # fmt: skip

    def convolve_upsampled(self, name, x):
        weight = self.weights[f"{name}.weight"]
        channels = len(weight)
        phases = [(dy, dx) for dy in (0, 1) for dx in (0, 1)]
        kernels = [_phase(_phase(weight, dy, 2), dx, 3) for dy, dx in phases]
        y = self.op("Conv", self.pad(x, 1, "edge"), self.constant(np.concatenate(kernels), name),
                    name=f"conv.{name}", kernel_shape=[2, 2])  # fmt: skip
        # One row and column more than each phase needs: the first for dy = 0, the last for dy = 1.
        shifted = [
            self.op("Slice", part, self.ints(dy, dx), self.ints(*[2**31 if d else -1 for d in (dy, dx)]),
                    self.ints(2, 3))
            for part, (dy, dx) in zip(self.split(y, [channels] * 4, 1), phases)
        ]  # fmt: skip
        joined = self.op("Concat", *shifted, axis=1)
        return self.op("DepthToSpace", joined, blocksize=2, mode="DCR")

    def normalise(self, name, x, relu=False, plus=None):
        """Conditional instance norm: gain and bias are linear in the style code."""
        channels = self.norms[name]

        def measured(graph):
            mean = graph.op("ReduceMean", x, "axes")
            square = graph.op("ReduceMean", graph.op("Mul", x, x), "axes")
            difference = graph.op("Sub", square, graph.op("Mul", mean, mean))
            variance = graph.op("Relu", difference)
            inverse = graph.op("Pow", graph.op("Add", variance, eps), minus_half)
            return graph.op("Concat", mean, inverse, axis=2)

        eps, minus_half = self.float(EPSILON), self.float(-0.5)
        given = self.given[name]
        stats = self.choose(
            "given", lambda graph: graph.op("Identity", given), measured, ["m", channels, 2, 1]
        )
        self.used[name] = stats
        mean, inverse = self.split(stats, [1, 1], 2)
        gain, bias = self.affine[name]
        scale = self.op("Mul", gain, inverse)
        shift = self.op("Sub", bias, self.op("Mul", mean, scale))
        y = self.op("Add", self.op("Mul", x, scale), shift)
        if plus:
            y = self.op("Add", y, plus)
        return self.op("Relu", y) if relu else y

    def residual(self, block, x):
        y = self.normalise(f"{block}.na", self.convolve(f"{block}.a.conv", x), relu=True)
        return self.normalise(f"{block}.nb", self.convolve(f"{block}.b.conv", y), plus=x)

    def noise(self):
        """In levels of 255: o x 1 x h x w."""
        _, height, width, _ = self.split(self.op("Shape", "content"), [1, 1, 1, 1], 0)
        first = self.split("origin", [1, 1], 1)

        def window(name, scale):
            table = self.weights[f"noise.{name}"]
            period = self.ints(len(table))

            def along(first, length):
                cells = self.op("Range", self.whole(0), self.op("Squeeze", length), self.whole(1))
                return self.op("Mod", self.op("Add", first, cells), period)

            rows = self.op("Mul", along(first[0], height), period)
            places = self.op("Add", self.op("Unsqueeze", rows, self.ints(2)),
                             self.op("Unsqueeze", along(first[1], width), self.ints(1)))  # fmt: skip
            flat = self.constant((table * scale).ravel(), f"noise.{name}")
            return self.op("Gather", flat, places)

        return self.op("Unsqueeze", self.op("Mul", window("normal", 255), window("sign", 1)), self.ints(1))

    def first_convolution(self):
        planes = self.op("Transpose", "content", perm=[0, 3, 1, 2])
        weight = self.weights["c1.conv.weight"]
        x = self.op("Cast", planes, to=FLOAT)
        if self.noisy:
            x = self.op("Add", x, self.noise())
        return self.convolve("c1.conv", x, weight * (2 / 255), -weight.sum((1, 2, 3)), stride=2)

    def last_convolution(self, x):
        # Channels come as colour, row, column of a 2x2 block; here as row, column, colour.
        order = [colour * 4 + place for place in range(4) for colour in range(3)]
        weight, bias = (self.weights[f"o.conv.{what}"][order] for what in ("weight", "bias"))
        y = self.op("Sigmoid", self.convolve("o.conv", x, weight, bias))
        rounded = self.op("Add", self.op("Mul", y, self.float(255)), self.float(0.5))
        n, h, w, _ = self.split(self.op("Shape", "content"), [1, 1, 1, 1], 0)
        half_h, half_w = (self.op("Div", side, self.ints(2)) for side in (h, w))
        y = self.op("Transpose", self.op("Cast", rounded, to=UINT8), perm=[0, 2, 3, 1])
        y = self.op("Reshape", y, self.op("Concat", n, half_h, half_w, self.ints(2, 6), axis=0))
        y = self.op("Transpose", y, perm=[0, 1, 3, 2, 4])
        return self.op("Reshape", y, self.op("Concat", n, h, w, self.ints(3), axis=0))

    def build(self):
        a = self.first_convolution()
        h = self.normalise("n1", a, relu=True)
        b = self.convolve("c2.conv", h, stride=2)
        h = self.normalise("n2", b, relu=True)
        d = self.normalise("n3", self.convolve("c3.conv", h, stride=2), relu=True)
        for block in self._blocks("r8"):
            d = self.residual(block, d)
        u = self.convolve_upsampled("u2.conv", d)
        h = self.normalise("nu2", u, relu=True, plus=self.normalise("s2", b))
        for block in self._blocks("r4"):
            h = self.residual(block, h)
        u = self.convolve_upsampled("u1.conv", h)
        skip = self.normalise("s1", self.convolve("sk1", a))
        h = self.normalise("nu1", u, relu=True, plus=skip)
        self.result(self.last_convolution(h), "image")
        self.result(self.op("Concat", *[self.used[name] for name in self.norms], axis=1), "used")
        code = self.weights["n1.fc.weight"].shape[1]
        total = sum(self.norms.values())
        picture = ["n", "h", "w", 3]
        return self.model(
            [("content", UINT8, picture), ("z", FLOAT, ["n", code]),
             ("stats", FLOAT, ["s", total, 2, 1]), ("given", BOOL, []), ("axes", INT64, ["k"])]
            + [("origin", INT64, ["o", 2])] * self.noisy,
            [("image", UINT8, picture), ("used", FLOAT, ["m", total, 2, 1])],
        )  # fmt: skip


def _phase(weight, phase, axis):
    """The taps -1, 0, 1 at row 2i + `phase` of an upsampled picture, summed into the two rows of the
    small one that they fall on: i - 1 and i for phase 0, i and i + 1 for phase 1."""
    before, here, after = np.moveaxis(weight, axis, 0)
    rows = [before, here + after] if phase == 0 else [before + here, after]
    return np.stack(rows, axis)
