"""Networks that judge and the peer: published, and trained on nothing of ours, nor ours on them."""

import torch
import torch.nn.functional as F

from stylizer_training.perceptual import Frozen


class SqueezeNet(Frozen):
    """SqueezeNet v1.0 (Iandola et al., 2016): pictures n x 3 x h x w in [0, 1] to the maps of nine stages."""

    MEAN_BGR = (104.0, 117.0, 123.0)
    POOL_AFTER = (0, 3, 7)

    def _fire(self, x, stage):
        x = F.relu(self.convolve(x, f"fire{stage}_s"))
        parts = self.convolve(x, f"fire{stage}_e1"), self.convolve(x, f"fire{stage}_e3", padding=1)
        return F.relu(torch.cat(parts, 1))

    def convolve(self, x, name, padding=0, stride=1, groups=1):
        weight, bias = getattr(self, f"{name}_w"), getattr(self, f"{name}_b")
        return F.conv2d(x, weight, bias, stride, padding, groups=groups)

    def forward(self, x):
        mean = torch.tensor(self.MEAN_BGR, device=x.device)[:, None, None]
        x = F.relu(self.convolve(x.flip(1) * 255 - mean, "conv1", stride=2))
        maps = [x]
        for stage in range(2, 10):
            if stage - 2 in self.POOL_AFTER:
                x = F.max_pool2d(x, 3, 2, ceil_mode=True)
            x = self._fire(x, stage)
            maps.append(x)
        return maps


class MicroAst(Frozen):
    """The peer: Wang et al., "MicroAST: Towards Super-Fast Ultra-Resolution Arbitrary Style Transfer", 2023.

    Contents and styles n x 3 x h x w in [0, 1] to pictures like the contents.
    """

    def _conv(self, x, name, stride=1, groups=1):
        reach = getattr(self, f"{name}_conv_layer_weight").shape[2] // 2
        x = F.pad(x, (reach,) * 4, mode="reflect")
        return self.convolve(x, f"{name}_conv_layer", stride=stride, groups=groups)

    def _residual(self, x, name, scale=1.0, offset=0.0):
        y = F.relu(scale * self._conv(x, f"{name}_conv1") + offset * x)
        return x + scale * self._conv(y, f"{name}_conv2") + offset * y

    def _encode(self, x, which):
        first = f"{which}_enc1_"
        x = F.relu(self._conv(x, f"{first}0"))
        x = F.relu(self._conv(x, f"{first}2", 2, 16))
        x = F.relu(self._conv(x, f"{first}4"))
        x = F.relu(self._conv(x, f"{first}6", 2, 32))
        x = F.relu(self._conv(x, f"{first}8"))
        x = self._residual(x, f"{first}10")
        return x, self._residual(x, f"{which}_enc2_0")

    @staticmethod
    def _adopt(x, style):
        """Adaptive instance normalisation."""

        def statistics(t):
            return t.mean((2, 3), keepdim=True), (t.var((2, 3), keepdim=True) + 1e-5).sqrt()

        (mean, deviation), (style_mean, style_deviation) = statistics(x), statistics(style)
        return (x - mean) / deviation * style_deviation + style_mean

    def _modulation(self, features, level):
        return [
            self._conv(features, f"mod_{kind}{level}_0", groups=64).mean((2, 3), keepdim=True)
            for kind in ("weight", "bias")
        ]

    def forward(self, content, style):
        shallow, deep = self._encode(style, "style")
        _, x = self._encode(content, "content")
        x = self._residual(self._adopt(x, deep), "dec_dec1", *self._modulation(deep, 2))
        x = self._residual(self._adopt(x, shallow), "dec_dec2", *self._modulation(shallow, 1))
        for layer, groups in (("1", 32), ("6", 16)):
            x = F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
            x = F.relu(self._conv(x, f"dec_dec3_{layer}", groups=groups))
            x = F.relu(self._conv(x, f"dec_dec3_{int(layer) + 2}"))
        return self._conv(x, "dec_dec3_10").clamp(0, 1)
