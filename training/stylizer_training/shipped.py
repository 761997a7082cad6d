"""The graphs that the inference service runs, as Python runs them."""

import numpy as np
import onnxruntime
import torch


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
        inputs = {of.name: of.shape for of in self.network.get_inputs()}
        self.stats = np.zeros((1, inputs["stats"][1], 2, 1), np.float32)
        self.origin = {"origin": np.zeros((1, 2), np.int64)} if "origin" in inputs else {}

    @staticmethod
    def _bytes(picture):
        return picture.mul(255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()

    def encode(self, style):
        """1 x 3 x 256 x 256 in [0, 1] to 1 x 128."""
        return self.encoder.run(["z"], {"style": self._bytes(style)})[0]

    def paint(self, content, code):
        feeds = {"content": self._bytes(content), "z": code, "stats": self.stats}
        feeds |= {"given": np.array(False), "axes": np.array([2, 3])} | self.origin
        image = self.network.run(["image"], feeds)[0]
        return torch.from_numpy(image).permute(0, 3, 1, 2).float() / 255

    def __call__(self, content, style):
        return self.paint(content, self.encode(style))
