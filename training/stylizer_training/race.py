"""How long networks take for a picture, side by side."""

import statistics
import time

import torch

from stylizer_training.data import CODE_SIDE
from stylizer_training.shipped import Shipped, session

PEER = "MicroAST"


def write_peer(peer, path, side):
    """MicroAST for ONNX Runtime, as it is run where speed counts."""
    example = torch.rand(1, 3, side, side), torch.rand(1, 3, CODE_SIDE, CODE_SIDE)
    torch.onnx.export(peer, example, path, input_names=["content", "style"], dynamo=False)


def race(runners, rounds=5, runs=7):
    """Seconds each takes, the median. They take turns, and only one is there at a time: threads of a session
    that waits spin, and would slow down the others."""
    times = {name: [] for name in runners}
    for _ in range(rounds):
        for name, create in runners.items():
            run = create()
            run()
            for _ in range(runs):
                begin = time.perf_counter()
                run()
                times[name].append(time.perf_counter() - begin)
            del run
    return {name: statistics.median(of) for name, of in times.items()}


def race_networks(models, peer, folder, content, style):
    """Names and folders of models; the peer's style part, unlike ours, runs with every picture."""
    write_peer(peer, folder / "peer.onnx", content.shape[3])

    def create_peer():
        of = session(folder / "peer.onnx")
        feeds = {"content": content.numpy(), "style": style.numpy()}
        return lambda: of.run(None, feeds)

    def create(model):
        network = Shipped(model)
        code = network.encode(style)
        return lambda: network.paint(content, code)

    ours = {name: lambda model=model: create(model) for name, model in models.items()}
    return race({PEER: create_peer} | ours)
