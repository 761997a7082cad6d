"""Write graphs that measure the machine: matrix products and a sum of vectors.

Usage: probe_graphs.py <folder> <numbers in a vector> <rows>x<inner>x<columns> ...
"""

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 13


def save(path: Path, op: str, shapes: dict[str, list[int]], *weights: onnx.TensorProto) -> None:
    """`shapes` are those of the inputs; weights come after them.

    Only the first numbers of the result are returned: the rest stays in the session's memory.
    A large output is new memory on every run, and its page faults would be measured.
    """
    inputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in shapes.items()]
    first = [numpy_helper.from_array(np.array([i], np.int64), f"bound_{i}") for i in (0, 1)]
    nodes = [
        helper.make_node(op, [*shapes, *(w.name for w in weights)], ["result"]),
        helper.make_node("Slice", ["result", "bound_0", "bound_1"], ["first"]),
    ]
    rank = len(next(iter(shapes.values())))
    output = helper.make_tensor_value_info("first", TensorProto.FLOAT, [1, "columns"][:rank])
    graph = helper.make_graph(nodes, path.stem, inputs, [output], [*weights, *first])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def matmul(folder: Path, sizes: str) -> None:
    """The right side is a constant, like weights: ONNX Runtime prepacks it."""
    rows, inner, columns = map(int, sizes.split("x"))
    values = np.random.default_rng(3).standard_normal((inner, columns)).astype(np.float32)
    weights = numpy_helper.from_array(values, "weights")
    save(folder / f"matmul-{sizes}.onnx", "MatMul", {"x": [rows, inner]}, weights)


if __name__ == "__main__":
    folder, length, *products = sys.argv[1:]
    save(Path(folder) / "sum.onnx", "Add", {"a": [int(length)], "b": [int(length)]})
    for sizes in products:
        matmul(Path(folder), sizes)
