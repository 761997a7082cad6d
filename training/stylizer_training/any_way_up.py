"""Teaches a style encoder one code for a picture however it is turned: `python -m
stylizer_training.any_way_up …`.

The code that the encoder comes to is the mean of what it gave for the picture at all angles. A transformer
that has never seen such codes paints them with marks that lean nowhere, and in the same style otherwise.
"""

import argparse
import copy
import math
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from stylizer_training.config import read_config
from stylizer_training.data import CODE_SIDE, SOURCES, Sampler, load
from stylizer_training.network import StyleTransfer, adopt

TURNS = 4


def all_around(crop, count):
    """What `crop` cuts at so many angles, evenly spaced from a random one on: pictures of all angles in a
    row."""
    first = torch.rand(()) * 2 * math.pi
    return torch.cat([crop(first + 2 * math.pi * i / count) for i in range(count)])


def teach(encoder, sampler, steps, batch=8, rate=4e-4):
    """Changes the encoder; yields the squared distance of the codes of each step."""
    layout = torch.channels_last
    encoder.to(memory_format=layout)
    teacher = copy.deepcopy(encoder)
    encoder.requires_grad_(True)
    optimiser = torch.optim.Adam(encoder.parameters(), rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        styles, place = sampler.styles(batch)

        def crop(angle, styles=styles, place=place):
            squares = sampler.crop(styles, CODE_SIDE, place, angle.expand(batch))
            return squares.contiguous(memory_format=layout)

        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                wanted = teacher(all_around(crop, TURNS)).float().unflatten(0, (TURNS, batch)).mean(0)
            found = encoder(crop((torch.rand(()) - 0.5) / 2)).float()
        loss = (found - wanted).square().sum(1).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        yield float(loss.detach())


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", type=Path)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--sources", type=Path, default=SOURCES)
    parser.add_argument("--cache", type=Path, required=True, help="folder of the drawn styles")
    parser.add_argument("--begin-with", type=Path, required=True, help="weights.safetensors")
    parser.add_argument("--out", type=Path, required=True, help="weights.safetensors to be written")
    parser.add_argument("--steps", type=int, default=150)
    arguments = parser.parse_args()
    config = read_config(arguments.config)
    torch.manual_seed(config.seed)
    network = StyleTransfer(noise=config.noise, **config.widths).requires_grad_(False)
    adopt(network, load_file(arguments.begin_with))
    data = load(config, arguments.pack, arguments.sources, arguments.cache)
    sampler = Sampler(config, data, torch.device("cpu"))
    for step, distance in enumerate(teach(network.enc, sampler, arguments.steps), 1):
        if step % 10 == 0:
            print(f"step {step} distance {distance:.4f}", flush=True)
    save_file({name: x.contiguous() for name, x in network.state_dict().items()}, arguments.out)


if __name__ == "__main__":
    main()
