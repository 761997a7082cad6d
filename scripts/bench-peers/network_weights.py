"""Take the weights out of an ONNX graph, for another engine.

Usage: network_weights.py <graph.onnx> <folder>

Writes weights.bin (float32, little endian, one after the other) and weights.json
(name -> {shape, offset}, the offset in numbers).
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

if __name__ == "__main__":
    graph, folder = Path(sys.argv[1]), Path(sys.argv[2])
    index: dict[str, dict] = {}
    values: list[np.ndarray] = []
    offset = 0
    for tensor in onnx.load(graph).graph.initializer:
        value = numpy_helper.to_array(tensor)
        if not np.issubdtype(value.dtype, np.floating):
            continue
        index[tensor.name] = {"shape": list(value.shape), "offset": offset}
        values.append(value.astype("<f4").ravel())
        offset += value.size
    np.concatenate(values).tofile(folder / "weights.bin")
    (folder / "weights.json").write_text(json.dumps(index))
