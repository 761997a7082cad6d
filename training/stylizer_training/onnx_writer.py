"""A graph under construction: nodes, constants and names."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

FLOAT, UINT8, INT64, BOOL = (
    TensorProto.FLOAT,
    TensorProto.UINT8,
    TensorProto.INT64,
    TensorProto.BOOL,
)


class Graph:
    """Every operator returns the name of its output, or a list of them when `outputs` > 1."""

    def __init__(self, parent=None):
        self.nodes = []
        self.constants = parent.constants if parent else {}
        self.names = parent.names if parent else set()

    def op(self, kind, *inputs, outputs=1, name=None, **attributes):
        made = [self._name(name or kind) for _ in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), made, name=made[0], **attributes))
        return made[0] if outputs == 1 else made

    def constant(self, value, name=None):
        array = np.ascontiguousarray(value)
        key = name or f"{array.dtype}{list(array.shape)}:{array.tobytes().hex()}"
        if key not in self.constants:
            self.constants[key] = numpy_helper.from_array(array, name or self._name("constant"))
        return self.constants[key].name

    def ints(self, *values):
        return self.constant(np.array(values, np.int64))

    def whole(self, value):
        return self.constant(np.int64(value))

    def float(self, value):
        return self.constant(np.float32(value))

    def split(self, x, sizes, axis):
        return self.op("Split", x, self.ints(*sizes), outputs=len(sizes), axis=axis)

    def result(self, x, name):
        self.nodes.append(helper.make_node("Identity", [x], [name], name=name))

    def choose(self, condition, then, otherwise, shape):
        """`If`: both branches are functions from a graph to the name of their one output."""

        def branch(build):
            graph = Graph(self)
            name = build(graph)
            output = helper.make_tensor_value_info(name, FLOAT, shape)
            return helper.make_graph(graph.nodes, self._name("branch"), [], [output])

        return self.op("If", condition, then_branch=branch(then), else_branch=branch(otherwise))

    def model(self, inputs, outputs):
        def value(name, kind, shape):
            return helper.make_tensor_value_info(name, kind, shape)

        graph = helper.make_graph(
            self.nodes,
            "stylizer",
            [value(*each) for each in inputs],
            [value(*each) for each in outputs],
            list(self.constants.values()),
        )
        opset = [helper.make_opsetid("", 18)]
        return helper.make_model(graph, opset_imports=opset, ir_version=9, producer_name="stylizer")

    def _name(self, stem):
        for number in range(10**6):
            name = f"{stem}_{number}" if number else stem
            if name not in self.names:
                self.names.add(name)
                return name
        raise RuntimeError(stem)
