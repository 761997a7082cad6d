"""A data pack in small: pictures drawn by code, and the published networks' shapes under random weights."""

import csv
import io
import tarfile

import numpy as np
from PIL import Image

ROLES = {"content": 3, "style": 3, "evaluation-content": 4, "evaluation-style": 4}
SIDE = 96


def _picture(random):
    """Soft shapes: noise at a twelfth of the size, enlarged."""
    noise = random.integers(0, 256, (SIDE // 12, SIDE // 12, 3), np.uint8)
    return Image.fromarray(noise).resize((SIDE + 40, SIDE), Image.BICUBIC)


def _archive(path, convolutions, weight="weight", bias="bias"):
    """Layers as name: (outputs, inputs, side)."""
    random, arrays = np.random.default_rng(7), {}
    for name, (outputs, inputs, side) in convolutions.items():
        spread = (2 / (inputs * side * side)) ** 0.5
        arrays[f"{name}.{weight}"] = random.normal(0, spread, (outputs, inputs, side, side)).astype(
            np.float16
        )
        arrays[f"{name}.{bias}"] = np.full(outputs, 0.01, np.float16)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **arrays)


def _compressed_vgg():
    widths = (("11", 16, 3), ("12", 16, 16), ("21", 32, 16), ("22", 32, 32), ("31", 64, 32))
    layers = {"conv0": (3, 3, 1)} | {f"conv{name}": (o, i, 3) for name, o, i in widths}
    layers |= {f"conv3{place}": (64, 64, 3) for place in (2, 3, 4)}
    layers |= {"conv41": (128, 64, 3)} | {f"conv4{place}": (128, 128, 3) for place in (2, 3, 4)}
    layers |= {"conv51": (128, 128, 3)}
    expanded = ((1, 64, 16), (2, 128, 32), (3, 256, 64), (4, 512, 128), (5, 512, 128))
    return layers | {f"conv{level}1_aux": (o, i, 1) for level, o, i in expanded}


def _vgg16():
    widths = ((3, 64), (64, 64), (64, 128), (128, 128), (128, 256), (256, 256), (256, 256))
    names = ("1_1", "1_2", "2_1", "2_2", "3_1", "3_2", "3_3")
    return {f"conv{name}": (o, i, 3) for name, (i, o) in zip(names, widths)}


def _squeezenet():
    layers, inputs = {"conv1": (96, 3, 7)}, 96
    fires = ((16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256))
    for stage, (squeeze, expand) in enumerate(fires, 2):
        layers[f"fire{stage}_s"] = (squeeze, inputs, 1)
        layers |= {f"fire{stage}_e{side}": (expand, squeeze, side) for side in (1, 3)}
        inputs = 2 * expand
    return layers


def _micro_ast():
    layers = {}
    residual = {"conv1": (64, 64, 3), "conv2": (64, 64, 3)}
    for which in ("content", "style"):
        first = {"0": (16, 3, 9), "2": (32, 1, 3), "4": (32, 32, 1), "6": (64, 1, 3), "8": (64, 64, 1)}
        layers |= {f"{which}.enc1.{name}": shape for name, shape in first.items()}
        for block in ("enc1.10", "enc2.0"):
            layers |= {f"{which}.{block}.{name}": shape for name, shape in residual.items()}
    for kind in ("weight", "bias"):
        layers |= {f"mod.{kind}{level}.0": (64, 1, 3) for level in (1, 2)}
    for block in ("dec1", "dec2"):
        layers |= {f"dec.{block}.{name}": shape for name, shape in residual.items()}
    last = {"1": (32, 2, 3), "3": (32, 32, 1), "6": (16, 2, 3), "8": (16, 16, 1), "10": (3, 16, 9)}
    layers |= {f"dec.dec3.{name}": shape for name, shape in last.items()}
    return {f"{name}.conv_layer": shape for name, shape in layers.items()}


def write(folder):
    """Writes the pack, and `sources.csv` in it."""
    random = np.random.default_rng(3)
    (folder / "extra").mkdir(parents=True)
    rows = []
    with tarfile.open(folder / "extra/pictures.tar", "w") as tar:
        for role, count in ROLES.items():
            for number in range(count):
                buffer = io.BytesIO()
                _picture(random).save(buffer, "JPEG", quality=95)
                member = tarfile.TarInfo(f"{role}-{number}.jpg")
                member.size = buffer.tell()
                buffer.seek(0)
                tar.addfile(member, buffer)
                basis = "public-domain" if number == 0 else "cc0"
                rows.append(["extra/pictures.tar", member.name, role, "Noise", "A test", "2026", basis])
    with (folder / "sources.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["archive", "member", "role", "title", "creator", "year", "basis"])
        writer.writerows(rows)
    _archive(folder / "pack/sevgg_fp16.npz", _compressed_vgg())
    _archive(folder / "extra/vgg16_relu3_3_fp16.npz", _vgg16())
    _archive(folder / "pack/squeezenet_fp16.npz", _squeezenet(), "w", "b")
    _archive(folder / "pack/teacher_fp16.npz", _micro_ast())
    return folder
