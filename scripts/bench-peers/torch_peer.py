"""The Johnson network of peer_graphs.py in PyTorch, on the weights of that graph.

Usage: torch_peer.py <johnson.onnx> <photo.rgb> <side> <threads> <contiguous | channels-last>

Speaks the protocol of peer-process.ts: one JSON value a line.
"""

import json
import sys
import time

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn


def conv(channels_in: int, channels_out: int, side: int, stride: int = 1) -> nn.Module:
    return nn.Sequential(
        nn.ReflectionPad2d(side // 2), nn.Conv2d(channels_in, channels_out, side, stride)
    )


def layer(channels_in: int, channels_out: int, side: int, stride: int = 1) -> nn.Module:
    return nn.Sequential(
        conv(channels_in, channels_out, side, stride),
        nn.InstanceNorm2d(channels_out, affine=True),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = layer(channels, channels, 3)
        self.second = conv(channels, channels, 3)
        self.norm = nn.InstanceNorm2d(channels, affine=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.norm(self.second(self.first(x)))


def johnson() -> nn.Module:
    return nn.Sequential(
        layer(3, 32, 9),
        layer(32, 64, 3, 2),
        layer(64, 128, 3, 2),
        *(Residual(128) for _ in range(5)),
        nn.Upsample(scale_factor=2, mode="nearest"),
        layer(128, 64, 3),
        nn.Upsample(scale_factor=2, mode="nearest"),
        layer(64, 32, 3),
        conv(32, 3, 9),
    )


def take_weights(network: nn.Module, graph: str) -> None:
    """Copy the weights; both list their layers in the order of the forward pass."""
    model = onnx.load(graph)
    constants = {c.name: numpy_helper.to_array(c) for c in model.graph.initializer}
    nodes = iter(n for n in model.graph.node if n.op_type in ("Conv", "InstanceNormalization"))
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.InstanceNorm2d)):
            _, weight, bias = next(nodes).input
            module.weight.data = torch.from_numpy(constants[weight].copy())
            module.bias.data = torch.from_numpy(constants[bias].copy())


def say(value: object) -> None:
    print(json.dumps(value), flush=True)


@torch.inference_mode()
def main() -> None:
    graph, photo, side, threads, layout = sys.argv[1:]
    torch.set_num_threads(int(threads))
    network = johnson().eval()
    take_weights(network, graph)
    pixels = np.fromfile(photo, np.uint8).reshape(1, int(side), int(side), 3)
    x = torch.from_numpy(pixels).permute(0, 3, 1, 2).float().div(255).contiguous()
    if layout == "channels-last":
        network = network.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
    say({"engine": f"PyTorch {torch.__version__}, CPU"})
    for line in sys.stdin:
        request = json.loads(line)
        if "save" in request:
            network(x).contiguous().numpy().tofile(request["save"])
            say({"saved": True})
            continue
        times = []
        for _ in range(request["runs"]):
            start = time.perf_counter()
            network(x)
            times.append((time.perf_counter() - start) * 1000)
        say({"times": times})


if __name__ == "__main__":
    main()
