"""Photographs and style pictures as tensors, and batches of random crops of them."""

import csv
import hashlib
import io
import math
import multiprocessing
import tarfile
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from stylizer_training import procedural

SOURCES = Path(__file__).resolve().parent.parent / "sources.csv"
PAINTED = ("public-domain", "met-open-access")
"""Why pictures may be used that are paintings or prints, and not photographs."""

ASSETS = SOURCES.parent.parent / "assets"
CODE_SIDE = 256
"""What the style encoder looks at, in pixels."""


def read_sources(sources, role):
    """Rows of `sources.csv` with that role: content, style, evaluation-content or evaluation-style."""
    with Path(sources).open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["role"] == role]


def read_pictures(pack, rows):
    """The pictures of some rows, as PIL images in the rows' order, out of the tar archives under `pack`."""
    wanted = defaultdict(dict)
    for index, row in enumerate(rows):
        wanted[row["archive"]][row["member"]] = index
    pictures = [None] * len(rows)
    for archive, members in wanted.items():
        with tarfile.open(Path(pack) / archive) as tar:
            for member in tar:
                if member.name in members:
                    image = Image.open(io.BytesIO(tar.extractfile(member).read()))
                    pictures[members[member.name]] = image.convert("RGB")
    missing = [row["member"] for row, picture in zip(rows, pictures) if picture is None]
    if missing:
        raise FileNotFoundError(f"not in the data pack at {pack}: {', '.join(missing[:5])}")
    return pictures


def squares(image, side):
    """The centre of a picture, or both ends of a long one: uint8 side x side x 3 each."""
    width, height = image.size
    short = min(width, height)
    across, down = width - short, height - short
    ends = [(0, 0), (across, down)] if max(width, height) > 1.25 * short else [(across // 2, down // 2)]
    boxes = [(x, y, x + short, y + short) for x, y in ends]
    return [np.asarray(image.resize((side, side), Image.LANCZOS, box)) for box in boxes]


def _drawn(job):
    return procedural.draw(*job)


def draw_styles(count, side, photos, seed):
    """Style pictures by code, three in four of them after a photograph: count x side x side x 3."""
    random = np.random.default_rng(seed)
    jobs = [
        (seed * 1_000_003 + i, side, photos[random.integers(len(photos))] if i % 4 else None)
        for i in range(count)
    ]
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        return list(pool.map(_drawn, jobs, chunksize=8))


def _stack(pictures):
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous()


@dataclass
class Pictures:
    """uint8 n x 3 x side x side, and how often each is drawn."""

    pixels: torch.Tensor
    weights: torch.Tensor

    def to(self, device):
        return Pictures(self.pixels.to(device), self.weights.to(device))


@dataclass
class Data:
    contents: Pictures
    styles: Pictures

    def to(self, device):
        return Data(self.contents.to(device), self.styles.to(device))


def _grouped(groups):
    """(pictures, share) pairs to pictures of which each group makes up its share of what is drawn."""
    groups = [(pictures, share) for pictures, share in groups if len(pictures) and share > 0]
    weights = [torch.full((len(pictures),), share / len(pictures)) for pictures, share in groups]
    return Pictures(_stack([p for pictures, _ in groups for p in pictures]), torch.cat(weights))


def scenes(folder, side):
    """Our own rendered scenes, cut into squares of twice the side and of the whole height."""
    found = []
    for path in sorted(set(folder.glob("*.jpg")) - {folder / "gallery.jpg"}):
        image = Image.open(path).convert("RGB")
        found += squares(image, side)
        width, height = image.size
        for top in range(0, height - 2 * side + 1, side):
            for left in range(0, width - 2 * side + 1, side):
                box = (left, top, left + 2 * side, top + 2 * side)
                found.append(np.asarray(image.resize((side, side), Image.LANCZOS, box)))
    return found


def _fingerprint(count, side, seed, photos):
    """Changes with whatever the drawn styles depend on, the code that draws them included."""
    of = hashlib.sha256(repr((count, side, seed)).encode())
    for module in sorted(Path(procedural.__file__).parent.glob("*.py")):
        of.update(module.read_bytes())
    for photo in photos:
        of.update(photo.tobytes())
    return of.hexdigest()[:16]


def load(config, pack, sources, cache):
    """What a configuration trains on; drawn styles are kept in the folder `cache`."""
    side = config.stored_side

    def read(rows):
        return [s for picture in read_pictures(pack, rows) for s in squares(picture, side)]

    contents = read_sources(sources, "content")
    photos = read([row for row in contents if row["basis"] not in PAINTED])
    painted = read([row for row in contents if row["basis"] in PAINTED])
    paintings = read(read_sources(sources, "style"))
    own = scenes(ASSETS, side)
    photographs = photos + own + painted
    kept = Path(cache) / f"drawn-{_fingerprint(config.drawn_styles, side, config.seed, photographs)}.npy"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        drawn = draw_styles(config.drawn_styles, side, photographs, config.seed)
        part = kept.with_suffix(".part.npy")
        np.save(part, np.stack(drawn))
        part.rename(kept)
    drawn, rest = np.load(kept), 1 - config.photo_share - config.drawn_share
    photo_share = 1 - config.painted_content_share - config.scene_share
    return Data(
        contents=_grouped(
            [(photos, photo_share), (painted, config.painted_content_share), (own, config.scene_share)]
        ),
        styles=_grouped([(paintings, rest), (drawn, config.drawn_share), (photos, config.photo_share)]),
    )


class Sampler:
    """Batches of random crops; what is drawn follows from PyTorch's global seed."""

    def __init__(self, config, data, device):
        self.config, self.data, self.device = config, data.to(device), device

    def _uniform(self, shape, low, high):
        return low + torch.rand(shape, device=self.device) * (high - low)

    def _draw(self, pictures, count):
        chosen = torch.multinomial(pictures.weights, count, replacement=True)
        return pictures.pixels[chosen].float().div_(255)

    def place(self, n, scale, stretch):
        """Random squares in squares: a share of the side between `scale`, sides in a ratio of up to
        e**(2 stretch), mirrored half the time; sides across and down, mirror, and where, n each."""
        size, ratio = self._uniform(n, *scale), torch.exp(self._uniform(n, -stretch, stretch))
        mirror = torch.where(self._uniform(n, 0, 1) < 0.5, -1.0, 1.0)
        where = self._uniform((2, n), -1, 1)
        return (size * ratio).clamp(max=1), (size / ratio).clamp(max=1), mirror, where

    def crop(self, x, side, place, angle):
        """Squares out of squares, turned by so many radians each."""
        n, (across, down, mirror, where) = len(x), place
        cos, sin = torch.cos(angle), torch.sin(angle)
        rows = [
            torch.stack([across * cos * mirror, -across * sin, (1 - across) * where[0]], 1),
            torch.stack([down * sin * mirror, down * cos, (1 - down) * where[1]], 1),
        ]
        grid = F.affine_grid(torch.stack(rows, 1), (n, 3, side, side), align_corners=False)

        def sample(from_):
            return F.grid_sample(from_, grid, padding_mode="reflection", align_corners=False)

        much = x.shape[-1] * torch.minimum(across, down) > 1.6 * side
        if not much.any():
            return sample(x)
        return torch.where(much[:, None, None, None], sample(F.avg_pool2d(x, 2)), sample(x))

    def _recolour(self, x, hue_share=0.35, amount=0.15):
        """Styles in other colours: hue turned about the grey axis for a share of them; contrast, brightness
        and saturation of all moved a little."""
        n = len(x)
        turned = self._uniform(n, 0, 1) < hue_share
        angle = self._uniform(n, 0, 2 * math.pi) * turned
        cos, sin = torch.cos(angle)[:, None, None], torch.sin(angle)[:, None, None]
        k = 1 / math.sqrt(3)
        cross = torch.tensor([[0, -k, k], [k, 0, -k], [-k, k, 0]], device=self.device)
        eye, grey = torch.eye(3, device=self.device), torch.full((3, 3), 1 / 3, device=self.device)
        x = torch.einsum("nij,njhw->nihw", cos * eye + (1 - cos) * grey + sin * cross, x - 0.5)
        each = (n, 1, 1, 1)
        contrast = self._uniform(each, 1 - 1.5 * amount, 1 + 1.5 * amount)
        saturation = self._uniform(each, 1 - 2 * amount, 1 + 2 * amount)
        brightness = self._uniform(each, -0.6 * amount, 0.6 * amount)
        luminance = x.mean(1, keepdim=True)
        x = (luminance + (x - luminance) * saturation) * contrast + brightness + 0.5
        return x.clamp(0, 1)

    def _gradients(self, n, side):
        """Skies: from one colour to another not far off, straight at any angle and bent a little; 8 bits
        deep."""
        angle, bend = self._uniform((n, 1, 1, 1), 0, 2 * math.pi), self._uniform((n, 1, 1, 1), -0.5, 0.5)
        line = torch.linspace(-0.5, 0.5, side, device=self.device)
        along = torch.cos(angle) * line + torch.sin(angle) * line[:, None]
        across = torch.cos(angle) * line[:, None] - torch.sin(angle) * line
        place = along + bend * across.square()
        middle, reach = self._uniform((n, 3, 1, 1), 0, 1), self._uniform((n, 3, 1, 1), -0.5, 0.5)
        return (middle + reach * place).clamp(0, 1).mul(255).round().div(255)

    def styles(self, count):
        """Squares in other colours, count x 3 x stored side x stored side, and where to cut them."""
        pictures = self._recolour(self._draw(self.data.styles, count))
        return pictures, self.place(count, self.config.style_scale, 0.15)

    def batch(self, side):
        """Photos n x 3 x side x side and styles m x 3 x 256 x 256, each for n / m photos in a row: as the
        encoder sees them, and as the photos are to look."""
        config, count = self.config, self.config.batch
        contents = self._draw(self.data.contents, count)
        place, turn = self.place(count, config.content_scale, 0.1), config.content_turn
        contents = self.crop(contents, side, place, self._uniform(count, -turn, turn))
        if config.gradient_share > 0:
            flat = self._uniform(count, 0, 1) < config.gradient_share
            contents = torch.where(flat[:, None, None, None], self._gradients(count, side), contents)
        styles, place = self.styles(count // config.photos_per_style)
        upright = self._uniform(len(styles), -0.25, 0.25)
        seen = wanted = self.crop(styles, CODE_SIDE, place, upright)
        if config.turned_share > 0:
            anyhow = self._uniform(len(styles), -math.pi, math.pi)
            turned = self._uniform(len(styles), 0, 1) < config.turned_share
            wanted = self.crop(styles, CODE_SIDE, place, torch.where(turned, anyhow, upright))
        layout = torch.channels_last
        return tuple(x.contiguous(memory_format=layout) for x in (contents, seen, wanted))
