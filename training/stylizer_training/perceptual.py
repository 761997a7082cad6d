"""Networks that look at pictures to say how alike they are. Nothing of them gets into what is trained.

Pictures are n x 3 x h x w sRGB in [0, 1]. Weights are read from NumPy archives of the data pack.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


@dataclass
class Moments:
    """Of a map's channels over its positions: n x c, n x c and n x c x c."""

    mean: torch.Tensor
    deviation: torch.Tensor
    covariance: torch.Tensor

    def repeat(self, times):
        """Each picture's moments `times` in a row."""
        parts = (self.mean, self.deviation, self.covariance)
        return Moments(*(part.repeat_interleave(times, 0) for part in parts))


class _RawMoments(torch.autograd.Function):
    """Positions n x p x c to their mean, n x c, and second moments, n x c x c; one product each way."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.mean(1), torch.bmm(x.transpose(1, 2), x) / x.shape[1]

    @staticmethod
    def backward(ctx, to_mean, to_second):
        (x,) = ctx.saved_tensors
        symmetric = (to_second + to_second.transpose(1, 2)) / x.shape[1]
        return torch.baddbmm(to_mean[:, None] / x.shape[1], x, symmetric)


def moments(features, project=None):
    """Of features n x c x h x w, in float32.

    With `project`, a 1x1 convolution (weight, bias) to d channels, mean and deviation are those of the
    projected map, computed from the moments of the small one and never by forming it.
    """
    n, channels = features.shape[:2]
    with torch.autocast(features.device.type, enabled=False):
        x = features.float().permute(0, 2, 3, 1).reshape(n, -1, channels)
        mean, second = _RawMoments.apply(x)
        covariance = second - mean[:, :, None] * mean[:, None, :]
        if project:
            weight, bias = project[0].flatten(1), project[1]
            variance = (torch.matmul(weight, covariance) * weight).sum(-1)
            mean = mean @ weight.T + bias
        else:
            variance = covariance.diagonal(dim1=1, dim2=2)
        return Moments(mean, (variance.clamp_min(0) + 1e-5).sqrt(), covariance)


class Frozen(nn.Module):
    """A published network's parameters as buffers."""

    def __init__(self, archive):
        super().__init__()
        with np.load(archive) as arrays:
            for name in arrays.files:
                values = torch.from_numpy(arrays[name].astype(np.float32))
                self.register_buffer(name.replace(".", "_"), values)

    def convolve(self, x, name, padding=0, stride=1, groups=1):
        weight, bias = getattr(self, f"{name}_weight"), getattr(self, f"{name}_bias")
        return F.conv2d(x, weight, bias, stride, padding, groups=groups)


class CompressedVgg19(Frozen):
    """VGG-19 with a quarter of its channels, and maps from its features to VGG-19's own.

    Wang et al., "Collaborative Distillation for Ultra-Resolution Universal Style Transfer", 2020.
    A forward pass takes 1 billion multiply-adds at 256 x 256, VGG-19 to relu4_1 takes 13.
    """

    STAGES = (("11", "12"), ("21", "22"), ("31", "32", "33", "34"), ("41", "42", "43", "44"), ("51",))

    def forward(self, x, levels=5):
        """The compact maps of relu1_1, relu2_1, … up to `levels` of them."""
        x = F.pad(self.convolve(x, "conv0"), (2, 2, 2, 2), mode="reflect")
        maps = []
        for stage in self.STAGES[:levels]:
            x = F.max_pool2d(x, 2) if maps else x
            for place, layer in enumerate(stage):
                x = F.relu(self.convolve(x, f"conv{layer}", padding=1))
                if place == 0:
                    maps.append(x)
                    if len(maps) == levels:
                        return maps
        return maps

    def expand(self, compact, level):
        """The compact map of relu<level>_1 in VGG-19's space."""
        return self.convolve(compact, f"conv{level}1_aux")

    def statistics(self, maps):
        """Moments level by level; mean and deviation in VGG-19's space."""
        return [
            moments(compact, tuple(getattr(self, f"conv{level}1_aux_{part}") for part in ("weight", "bias")))
            for level, compact in enumerate(maps, 1)
        ]


class Vgg(Frozen):
    """VGG-16 or VGG-19 with their own weights, as far as the archive goes (`conv<stage>_<place>`)."""

    MEAN = (0.485, 0.456, 0.406)
    DEVIATION = (0.229, 0.224, 0.225)

    def __init__(self, archive):
        super().__init__(archive)
        names = [name[:-7] for name in self.state_dict() if name.endswith("_weight")]
        self.layers = sorted(name for name in names if name != "conv0")
        if "conv0" not in names:
            deviation = torch.tensor(self.DEVIATION)
            self.register_buffer("conv0_weight", torch.diag(1 / deviation)[:, :, None, None])
            self.register_buffer("conv0_bias", -torch.tensor(self.MEAN) / deviation)

    def forward(self, x):
        """The maps of every layer after its ReLU."""
        x = F.pad(self.convolve(x, "conv0"), (2, 2, 2, 2), mode="reflect")
        maps = []
        for layer in self.layers:
            if maps and layer.endswith("_1"):
                x = F.max_pool2d(x, 2)
            x = F.relu(self.convolve(x, layer, padding=1))
            maps.append(x)
        return maps

    def statistics(self, maps):
        return [moments(features) for features in maps]
