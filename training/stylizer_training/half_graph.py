"""Graphs with their weights in half precision: half the bytes to download, computed in float32 as before."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FEW = 64
"""Numbers that are not worth it: epsilons, biases."""


def halved(model):
    """A copy of an ONNX model. Runtimes turn the weights back into float32 once, when they load it."""
    model = onnx.ModelProto.FromString(model.SerializeToString())
    graph = model.graph
    casts, kept = [], []
    for weight in graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size < FEW:
            kept.append(weight)
            continue
        half = f"{weight.name}.half"
        kept.append(numpy_helper.from_array(values.astype(np.float16), half))
        casts.append(helper.make_node("Cast", [half], [weight.name], f"{half}.cast", to=TensorProto.FLOAT))
    nodes = list(graph.node)
    for field, values in ((graph.initializer, kept), (graph.node, casts + nodes)):
        del field[:]
        field.extend(values)
    return model
