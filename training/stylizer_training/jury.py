"""How far pictures are from a style picture's style and a photograph's content, by networks that look at
them."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from stylizer_training.judges import SqueezeNet
from stylizer_training.losses import absolute_distance
from stylizer_training.perceptual import CompressedVgg19, moments

CONTENT_STAGE = 5
"""Of SqueezeNet: fire6."""

SCALES = 1, 2, 4, 8
"""By how much a picture is reduced, so that large structure counts as much as grain."""

SMALLEST = 32
"""Side in pixels below which SqueezeNet has nothing left to look at."""


@dataclass
class Judgement:
    style: float
    """SqueezeNet: means and deviations of its nine stages, squared distance over the style's own square."""
    content: float
    """SqueezeNet: fire6, squared distance over the photograph's own square."""
    vgg_style: float
    vgg_content: float
    ssim: float
    pyramid: float
    """`style` of picture and style picture at full size, 1/2, 1/4 and 1/8: the mean."""
    wasserstein: float
    """SqueezeNet: sliced Wasserstein distance of the features of its stages, over the style's variance; the
    mean."""


FIGURES = list(Judgement.__dataclass_fields__)


def structural_similarity(a, b, side=11, deviation=1.5):
    """Mean SSIM of luminance (Wang et al., "Image quality assessment", 2004); 1 x 3 x h x w in [0, 1]."""
    weights = torch.tensor([0.299, 0.587, 0.114])[None, :, None, None]
    a, b = (a * weights).sum(1, keepdim=True), (b * weights).sum(1, keepdim=True)
    line = torch.exp(-((torch.arange(side) - side // 2) ** 2) / (2 * deviation**2))
    window = torch.outer(line, line)[None, None] / line.sum() ** 2

    def blur(x):
        return F.conv2d(x, window)

    mean_a, mean_b = blur(a), blur(b)
    var_a, var_b = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2
    both = blur(a * b) - mean_a * mean_b
    luminance = (2 * mean_a * mean_b + 0.01**2) / (mean_a**2 + mean_b**2 + 0.01**2)
    return float((luminance * (2 * both + 0.03**2) / (var_a + var_b + 0.03**2)).mean())


def quantiles(features, directions=32, count=257, most=4096):
    """Of features 1 x c x h x w along fixed random directions: count x directions."""
    random = torch.Generator().manual_seed(1)
    axes = F.normalize(torch.randn(features.shape[1], directions, generator=random), dim=0)
    places = features.flatten(2)[0].T
    return torch.quantile(places[:: 1 + len(places) // most] @ axes, torch.linspace(0, 1, count), dim=0)


def relative(found, wanted):
    return float((found - wanted).square().sum() / wanted.square().sum())


def style_distance(found, wanted):
    """Of the moments of some stages."""
    pairs = list(zip(found, wanted))
    return sum(relative(f.mean, w.mean) + relative(f.deviation, w.deviation) for f, w in pairs) / len(pairs)


def _moments(stages):
    """Of those that have places enough to speak of a deviation."""
    return [moments(stage) for stage in stages if stage.shape[2] * stage.shape[3] >= 9]


class Jury:
    def __init__(self, pack):
        self.squeeze = SqueezeNet(pack / "pack/squeezenet_fp16.npz")
        self.vgg = CompressedVgg19(pack / "pack/sevgg_fp16.npz")

    def look(self, picture):
        stages = self.squeeze(picture)
        reduced = [F.avg_pool2d(picture, of) for of in SCALES[1:] if min(picture.shape[2:]) // of >= SMALLEST]
        maps = self.vgg(picture, 4)
        return {
            "stages": [_moments(of) for of in (stages, *map(self.squeeze, reduced))],
            "quantiles": [quantiles(stage) for stage in stages],
            "content": stages[CONTENT_STAGE],
            "vgg": self.vgg.statistics(maps),
            "vgg_content": self.vgg.expand(maps[3], 4),
        }

    def judge(self, picture, content, of_content, of_style):
        """Of a picture 1 x 3 x h x w; `of_…` are what `look` says of photograph and style."""
        found = self.look(picture)
        styles = [style_distance(f, w) for f, w in zip(found["stages"], of_style["stages"])]
        spread = [
            float(((f - w).square().mean(0) / w.var(0).clamp_min(1e-6)).mean())
            for f, w in zip(found["quantiles"], of_style["quantiles"])
        ]
        return Judgement(
            style=styles[0],
            content=relative(found["content"], of_content["content"]),
            vgg_style=sum(float(absolute_distance(f, w)) for f, w in zip(found["vgg"], of_style["vgg"])),
            vgg_content=float((found["vgg_content"] - of_content["vgg_content"]).square().mean()),
            ssim=structural_similarity(picture, content),
            pyramid=sum(styles) / len(styles),
            wasserstein=sum(spread) / len(spread),
        )
