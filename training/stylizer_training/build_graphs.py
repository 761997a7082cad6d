"""build_graphs.py WEIGHTS.npz FOLDER: writes network.onnx and style-encoder.onnx.

WEIGHTS.npz holds the trained network's float32 parameters by name: `gen.*` of the transformer, `enc.*`
of the style encoder. Afterwards: npm run manifest -w inference-service.
"""

import sys
from pathlib import Path

import numpy as np
import onnx

from stylizer_training.encoder_graph import EncoderGraph
from stylizer_training.network_graph import NetworkGraph


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    weights, folder = dict(np.load(sys.argv[1])), Path(sys.argv[2])
    for name, graph in (("network", NetworkGraph), ("style-encoder", EncoderGraph)):
        model = graph(weights).build()
        onnx.checker.check_model(model, full_check=True)
        path = folder / f"{name}.onnx"
        onnx.save(model, path)
        print(f"{path}: {path.stat().st_size} bytes, {len(model.graph.node)} nodes")


main()
