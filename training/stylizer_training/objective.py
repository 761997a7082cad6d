"""The losses, put together."""

import torch.nn.functional as F

from stylizer_training import losses
from stylizer_training.perceptual import CompressedVgg19, Vgg

STYLE_LAYERS = (1, 3, 6)
"""Of VGG-16: conv1_2, conv2_2 and conv3_3."""


class Objective:
    """How far pictures are from having the content of photographs and the style of style pictures."""

    def __init__(self, config, pack, device):
        self.config = config
        self.compressed = CompressedVgg19(pack / "pack/sevgg_fp16.npz").to(device)
        vgg16 = pack / "extra/vgg16_relu3_3_fp16.npz"
        self.vgg16 = Vgg(vgg16).to(device) if config.weights.vgg16 else None

    def _scales(self, x):
        return [x, *(F.avg_pool2d(x, 2**i) for i in range(1, self.config.scales))]

    def of_style(self, styles):
        """What is wanted of pictures in these styles. Needs no gradient."""
        config, levels = self.config, self.config.levels
        maps = [self.compressed(x, levels) for x in self._scales(styles)]
        wanted = [self.compressed.statistics(of) for of in maps]
        vgg16 = self._vgg16_moments(styles)
        times = config.photos_per_style
        return (
            [[m.repeat(times) for m in of] for of in wanted],
            [m.repeat(times) for m in vgg16],
            [[m.repeat_interleave(times, 0) for m in of] for of in maps if config.weights.wasserstein],
        )

    def of_content(self, contents):
        maps = self.compressed(contents, 4)
        return maps[2], self.compressed.expand(maps[3], 4).float()

    def _vgg16_moments(self, x):
        if not self.vgg16:
            return []
        maps = self.vgg16(x)
        return self.vgg16.statistics([maps[layer] for layer in STYLE_LAYERS])

    def __call__(self, pictures, contents, styles, of_content, of_style):
        """Losses by name, n values each. Names are those of `Weights`."""
        net, (third, fourth), (wanted, wanted_vgg16, wanted_maps) = (
            self.compressed,
            of_content,
            of_style,
        )
        maps = [net(x, self.config.levels) for x in self._scales(pictures)]
        found = [net.statistics(of) for of in maps]
        pairs = [pair for f, w in zip(found, wanted) for pair in zip(f, w)]
        scales = len(maps)
        result = {
            "content": losses.content_distance(net.expand(maps[0][3], 4).float(), fourth),
            "structure": losses.structure_distance(maps[0][2], third),
            "style": sum(losses.absolute_distance(f, w) for f, w in pairs) / scales,
            "relative": sum(losses.statistics_distance(f, w, 1e-3) for f, w in pairs) / scales,
            "covariance": sum(losses.covariance_distance(f, w) for f, w in pairs) / scales,
            "palette": losses.palette_distance(
                pictures, styles.repeat_interleave(self.config.photos_per_style, 0)
            ),
            "roughness": losses.roughness(pictures, contents),
        }
        if wanted_maps:
            layers = [pair for f, w in zip(maps, wanted_maps) for pair in zip(f, w)]
            result["wasserstein"] = sum(losses.sliced_distance(f, w) for f, w in layers) / scales
        if self.vgg16:
            moments = zip(self._vgg16_moments(pictures), wanted_vgg16)
            result["vgg16"] = sum(
                losses.statistics_distance(f, w, 1e-3) + losses.covariance_distance(f, w) for f, w in moments
            )
        return result

    def total(self, by_name):
        weights = self.config.weights
        return sum(getattr(weights, name) * values.mean() for name, values in by_name.items())
