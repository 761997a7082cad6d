"""Write the networks for comparison as ONNX graphs with seeded random weights.

Usage: peer_graphs.py <folder>
"""

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 13


class Graph:
    """Grows a chain of layers; methods take and return names of tensors."""

    def __init__(self, seed: int) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.random = np.random.default_rng(seed)

    def node(self, op: str, *inputs: str, **attributes: object) -> str:
        name = f"{op}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return name

    def constant(self, value: np.ndarray) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def conv(self, x: str, channels_in: int, channels_out: int, side: int, stride: int = 1) -> str:
        """Reflection padding, then a convolution with bias; He's scale keeps values in range."""
        edge = side // 2
        pads = self.constant(np.array([0, 0, edge, edge, 0, 0, edge, edge], np.int64))
        deviation = np.sqrt(2 / (channels_in * side * side))
        shape = (channels_out, channels_in, side, side)
        weight = self.constant((self.random.standard_normal(shape) * deviation).astype(np.float32))
        bias = self.constant((self.random.standard_normal(channels_out) * 0.01).astype(np.float32))
        padded = self.node("Pad", x, pads, mode="reflect")
        return self.node(
            "Conv", padded, weight, bias, kernel_shape=[side, side], strides=[stride, stride]
        )

    def norm(self, x: str, channels: int) -> str:
        gain = self.constant(self.random.uniform(0.5, 1.5, channels).astype(np.float32))
        offset = self.constant((self.random.standard_normal(channels) * 0.1).astype(np.float32))
        return self.node("InstanceNormalization", x, gain, offset, epsilon=1e-5)

    def relu(self, x: str) -> str:
        return self.node("Relu", x)

    def twice_as_large(self, x: str) -> str:
        scales = self.constant(np.array([1, 1, 2, 2], np.float32))
        return self.node(
            "Resize",
            x,
            "",
            scales,
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )

    def save(self, path: Path, result: str, vectors: dict[str, int] | None = None) -> None:
        """The graph takes `content`, 1x3xHxW, and vectors of the given lengths."""
        inputs = [helper.make_tensor_value_info("content", TensorProto.FLOAT, [1, 3, "h", "w"])]
        for name, length in (vectors or {}).items():
            inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [length]))
        image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, "h", "w"])
        self.nodes.append(helper.make_node("Identity", [result], ["image"]))
        graph = helper.make_graph(self.nodes, path.stem, inputs, [image], self.constants)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8
        )
        onnx.checker.check_model(model)
        onnx.save(model, path)


def johnson(path: Path) -> None:
    """Johnson, Alahi and Fei-Fei 2016, with instance norm, as in PyTorch's fast-neural-style."""
    g = Graph(seed=1)

    def layer(x: str, channels_in: int, channels_out: int, side: int, stride: int = 1) -> str:
        return g.relu(g.norm(g.conv(x, channels_in, channels_out, side, stride), channels_out))

    x = layer("content", 3, 32, 9)
    x = layer(x, 32, 64, 3, 2)
    x = layer(x, 64, 128, 3, 2)
    for _ in range(5):
        y = layer(x, 128, 128, 3)
        y = g.norm(g.conv(y, 128, 128, 3), 128)
        x = g.node("Add", x, y)
    x = layer(g.twice_as_large(x), 128, 64, 3)
    x = layer(g.twice_as_large(x), 64, 32, 3)
    g.save(path, g.conv(x, 32, 3, 9))


def adain(path: Path) -> None:
    """Huang and Belongie 2017: VGG-19 up to relu4_1, AdaIN, the mirrored decoder.

    The style's statistics are inputs: like our style code, they are known beforehand.
    """
    g = Graph(seed=2)

    def layer(x: str, channels_in: int, channels_out: int) -> str:
        return g.relu(g.conv(x, channels_in, channels_out, 3))

    def half(x: str) -> str:
        return g.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])

    x = half(layer(layer("content", 3, 64), 64, 64))
    x = half(layer(layer(x, 64, 128), 128, 128))
    x = layer(x, 128, 256)
    for _ in range(3):
        x = layer(x, 256, 256)
    x = layer(half(x), 256, 512)
    x = g.node("InstanceNormalization", x, "style_deviation", "style_mean", epsilon=1e-5)
    x = g.twice_as_large(layer(x, 512, 256))
    for _ in range(3):
        x = layer(x, 256, 256)
    x = g.twice_as_large(layer(x, 256, 128))
    x = g.twice_as_large(layer(layer(x, 128, 128), 128, 64))
    x = g.conv(layer(x, 64, 64), 64, 3, 3)
    g.save(path, x, {"style_mean": 512, "style_deviation": 512})


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    johnson(folder / "johnson.onnx")
    adain(folder / "adain.onnx")
