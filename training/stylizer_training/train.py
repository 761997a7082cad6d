"""Trains the network: `python -m stylizer_training.train CONFIG --pack FOLDER --out FOLDER`.

Under `torchrun --nproc-per-node auto`, as `make train` has it, there is a process for every GPU, or else for
every core: on a CPU that is faster than one process of many threads. What is in `--out` is gone on with; a
run that was broken off ends as if it had not been, bit for bit on the same machine.
"""

import argparse
import csv
import math
import os
import time
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import distributed
from torch.nn.parallel import DistributedDataParallel

from stylizer_training.config import read_config
from stylizer_training.contact_sheet import ContactSheet
from stylizer_training.data import SOURCES, Sampler, load
from stylizer_training.network import StyleTransfer, adopt
from stylizer_training.objective import Objective

CLIP = 5.0
"""Gradients longer than that are shortened to it."""


class Trainer:
    def __init__(self, config, pack, sources, out, device, begin_with=None):
        self.config, self.out, self.device = config, Path(out), device
        self.rank, self.processes = 0, 1
        if distributed.is_initialized():
            self.rank, self.processes = distributed.get_rank(), distributed.get_world_size()
        torch.manual_seed(config.seed)
        shape = {"noise": config.noise} | config.widths
        self.net = StyleTransfer(**shape).to(device, memory_format=torch.channels_last)
        if begin_with:
            adopt(self.net, load_file(begin_with))
        self.net.enc.requires_grad_(config.encoder_learns)
        self.average = StyleTransfer(**shape).to(device).requires_grad_(False)
        self.average.load_state_dict(self.net.state_dict())
        self.optimiser = torch.optim.AdamW(
            [x for x in self.net.parameters() if x.requires_grad],
            config.learning_rate,
            betas=(0.9, 0.99),
            weight_decay=1e-4,
        )
        self.step = 0
        self.out.mkdir(parents=True, exist_ok=True)
        if self.checkpoint.exists():
            self._resume()
        self.parallel = DistributedDataParallel(self.net) if self.processes > 1 else self.net
        if self.rank:
            distributed.barrier()
        data = load(config, pack, sources, self.out.parent / "cache")
        if not self.rank and self.processes > 1:
            distributed.barrier()
        self.sampler = Sampler(config, data, device)
        self.objective = Objective(config, Path(pack), device)
        self.sheet = ContactSheet(pack, sources, device) if self.rank == 0 else None

    @property
    def checkpoint(self):
        return self.out / "checkpoint.pt"

    @property
    def images(self):
        """Photographs seen so far."""
        return self.step * self.config.batch * self.processes

    def _resume(self):
        state = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        self.net.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = state["step"]

    def save(self):
        """The whole state, in one go or not at all."""
        part = self.checkpoint.with_suffix(".part")
        state = {
            "network": self.net.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
        }
        torch.save(state, part)
        part.replace(self.checkpoint)

    def _learning_rate(self, progress):
        config = self.config
        fallen = max(0, progress - config.fall_from) / (1 - config.fall_from)
        fall = 0.5 * (1 + math.cos(math.pi * fallen))
        rate = config.last_learning_rate + (config.learning_rate - config.last_learning_rate) * fall
        return rate * min(1, (self.step + 1) / config.warm_up)

    def one_step(self):
        """Losses by name, means over this process's batch."""
        progress = min(1, self.images / self.config.images)
        for group in self.optimiser.param_groups:
            group["lr"] = self._learning_rate(progress)
        torch.manual_seed((self.config.seed * 1_000_003 + self.step) * 64 + self.rank)
        contents, seen, wanted = self.sampler.batch(self.config.side_at(progress))
        origin = torch.randint(2**20, (len(contents), 2), device=self.device)
        low = torch.autocast(self.device.type, torch.bfloat16, enabled=self.config.bfloat16)
        with low, torch.no_grad():
            of_style, of_content = self.objective.of_style(wanted), self.objective.of_content(contents)
        with low:
            pictures, code = self.parallel(contents, seen, origin, with_code=True)
            by_name = self.objective(pictures.float(), contents, wanted, of_content, of_style)
        if self.config.weights.code:
            with low, torch.no_grad():
                of_code = self.average.enc(wanted)
            by_name["code"] = (code - of_code).float().square().sum(1)
        self.optimiser.zero_grad(set_to_none=True)
        total = self.objective.total(by_name)
        total.backward()
        length = torch.nn.utils.clip_grad_norm_(self.net.parameters(), CLIP, error_if_nonfinite=True)
        self.optimiser.step()
        self.step += 1
        self._follow()
        means = {"total": total.detach(), "gradient": length}
        return means | {name: values.detach().mean() for name, values in by_name.items()}

    def _follow(self):
        """Moves the average, faster at first, when it is far behind."""
        decay = min(self.config.average, 1 - 1 / (1 + self.step / 10))
        pairs = list(self.average.parameters()), list(self.net.parameters())
        torch._foreach_lerp_(*pairs, 1 - decay)

    def run(self, seconds=math.inf, log_every=50, save_every=120):
        """Until the configured number of photographs is seen, or that many seconds are over.

        Writes `log.csv`, and every `save_every` seconds `checkpoint.pt` and a contact sheet.
        """
        begin = saved = logged = time.monotonic()
        sums, first = {}, self.step
        while self.images < self.config.images and not self._everyone(time.monotonic() - begin > seconds):
            for name, value in self.one_step().items():
                sums[name] = sums.get(name, 0) + value
            if self.rank:
                continue
            now = time.monotonic()
            if self.step % log_every == 0:
                count = self.step - first
                self._log(
                    {name: float(value) / count for name, value in sums.items()}, (now - logged) / count
                )
                sums, first, logged = {}, self.step, now
            if now - saved > save_every:
                self.save()
                self.sheet.write(self.average, self.out / f"sheet-{self.images:08d}.jpg")
                saved = logged = time.monotonic()
        if self.rank == 0:
            self.save()
            self.sheet.write(self.average, self.out / f"sheet-{self.images:08d}.jpg")

    def _everyone(self, over):
        """Whether the first process says so: all stop at the same step."""
        if self.processes == 1:
            return over
        word = torch.tensor(int(over), device=self.device)
        distributed.broadcast(word, 0)
        return bool(word)

    def _log(self, means, seconds_a_step):
        per_image = 1000 * seconds_a_step / (self.config.batch * self.processes)
        row = {"step": self.step, "images": self.images, "ms_per_image": per_image} | means
        row = {name: f"{value:.5g}" if isinstance(value, float) else value for name, value in row.items()}
        print(" ".join(f"{name} {value}" for name, value in row.items()), flush=True)
        log = self.out / "log.csv"
        new = not log.exists()
        with log.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, row)
            if new:
                writer.writeheader()
            writer.writerow(row)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("config", type=Path)
    parser.add_argument("--pack", type=Path, required=True, help="folder of the data pack")
    parser.add_argument("--sources", type=Path, default=SOURCES, help="which pictures of it are used")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--begin-with", type=Path, help="weights.safetensors instead of random numbers")
    parser.add_argument("--seconds", type=float, default=math.inf, help="stop then, to be gone on with")
    arguments = parser.parse_args()
    cuda = torch.cuda.is_available()
    if "WORLD_SIZE" in os.environ:
        distributed.init_process_group("nccl" if cuda else "gloo")
    device = torch.device("cuda" if cuda else "cpu")
    config = read_config(arguments.config)
    if cuda:
        torch.backends.cudnn.benchmark = True
    trainer = Trainer(config, arguments.pack, arguments.sources, arguments.out, device, arguments.begin_with)
    trainer.run(arguments.seconds)
    if distributed.is_initialized():
        distributed.destroy_process_group()


if __name__ == "__main__":
    main()
