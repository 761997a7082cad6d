"""The style encoder as a graph: `style` 1 x s x s x 3 uint8 sRGB in, `z` 1 x c float32 out.

A pyramid of strided convolutions; mean and deviation of the picture and of every level go through a
layer norm into the code, by a small perceptron and a linear path beside it.
"""

from stylizer_training.onnx_writer import FLOAT, UINT8, Graph

SIDE = 256
DEVIATION_EPSILON = 1e-4


class EncoderGraph(Graph):
    def __init__(self, weights):
        super().__init__()
        self.weights = {k[4:]: v for k, v in weights.items() if k.startswith("enc.")}

    def parameter(self, name):
        return self.constant(self.weights[name], name)

    def convolve(self, name, x, stride):
        side = self.weights[f"{name}.weight"].shape[2]
        parameters = (self.parameter(f"{name}.{what}") for what in ("weight", "bias"))
        y = self.op("Conv", x, *parameters, kernel_shape=[side, side], strides=[stride, stride],
                    pads=[side // 2] * 4)  # fmt: skip
        return self.op("Relu", y)

    def moments(self, x):
        axes = self.ints(2, 3)
        mean = self.op("ReduceMean", x, axes, keepdims=0)
        square = self.op("ReduceMean", self.op("Mul", x, x), axes, keepdims=0)
        variance = self.op("Relu", self.op("Sub", square, self.op("Mul", mean, mean)))
        return [mean, self.op("Sqrt", self.op("Add", variance, self.float(DEVIATION_EPSILON)))]

    def linear(self, name, x):
        weight, bias = (self.parameter(f"{name}.{what}") for what in ("weight", "bias"))
        return self.op("Gemm", x, weight, bias, transB=1)

    def build(self):
        x = self.op("Cast", self.op("Transpose", "style", perm=[0, 3, 1, 2]), to=FLOAT)
        x = self.op("Sub", self.op("Mul", x, self.float(2 / 255)), self.float(1))
        moments = self.moments(x)
        for level in range(100):
            if f"cs.{level}.0.weight" not in self.weights:
                break
            x = self.convolve(f"cs.{level}.0", x, 2)
            if f"cs.{level}.1.weight" in self.weights:
                x = self.convolve(f"cs.{level}.1", x, 1)
            moments += self.moments(x)
        joined = self.op("Concat", *moments, axis=1)
        norm = (self.parameter(f"ln.{what}") for what in ("weight", "bias"))
        v = self.op("LayerNormalization", joined, *norm, epsilon=1e-5)
        deep = self.linear("f2", self.op("Relu", self.linear("f1", v)))
        self.result(self.op("Add", deep, self.linear("f3", v)), "z")
        code = len(self.weights["f2.bias"])
        return self.model([("style", UINT8, [1, SIDE, SIDE, 3])], [("z", FLOAT, [1, code])])
