"""The network: a style encoder (picture to code) and a transformer (picture and code to picture).

Style enters by conditional instance normalisation: gain and bias of every norm are linear in the code
(Dumoulin et al., "A Learned Representation for Artistic Style", 2017; from a picture by an encoder:
Ghiasi et al., "Exploring the structure of a real-time, arbitrary neural artistic stylization network",
2017). Nothing but the norms looks further than 88 pixels, so a large picture goes by tiles.

In a flat area a network of convolutions has nothing to tell one place from the next: it enlarges the steps
of 8-bit pixels to a weave. Noise that belongs to the place is added to the photograph against that.

Names of the parameters are the interface to `network_graph.py` and `encoder_graph.py`.
"""

import torch
import torch.nn.functional as F
from torch import nn

from stylizer_training.noise import Noise

CODE = 128
EPSILON = 1e-5


class _InstanceNorm(torch.autograd.Function):
    """Normalises each channel of each picture, then scales and shifts it: n x c x h x w, n x c, n x c.

    PyTorch's own converts channels_last to another layout and back, which on a CPU takes longer than the
    convolution before it. Statistics are float32 whatever the type of the pixels.
    """

    @staticmethod
    def forward(ctx, x, gain, bias):
        pixels = x.shape[2] * x.shape[3]
        mean = x.sum((2, 3), keepdim=True, dtype=torch.float32) / pixels
        square = (x * x).sum((2, 3), keepdim=True, dtype=torch.float32) / pixels
        inverse = torch.rsqrt((square - mean * mean).clamp_min(0) + EPSILON)
        gain = gain.float()[:, :, None, None]
        scale = gain * inverse
        shift = bias.float()[:, :, None, None] - mean * scale
        ctx.save_for_backward(x, mean, inverse, scale)
        return torch.addcmul(shift.to(x.dtype), x, scale.to(x.dtype))

    @staticmethod
    def backward(ctx, gradient):
        x, mean, inverse, scale = ctx.saved_tensors
        pixels = x.shape[2] * x.shape[3]
        to_bias = gradient.sum((2, 3), keepdim=True, dtype=torch.float32)
        along_x = (gradient * x).sum((2, 3), keepdim=True, dtype=torch.float32)
        to_gain = (along_x - mean * to_bias) * inverse
        slope = -scale * inverse * to_gain / pixels
        offset = -scale * to_bias / pixels - mean * slope
        to_x = torch.addcmul(offset.to(x.dtype), gradient, scale.to(x.dtype))
        return to_x.addcmul_(x, slope.to(x.dtype)), to_gain[:, :, 0, 0], to_bias[:, :, 0, 0]


class Norm(nn.Module):
    """Instance norm whose gain and bias are linear in the code."""

    def __init__(self, channels, gain=1.0):
        super().__init__()
        self.fc = nn.Linear(CODE, 2 * channels)
        nn.init.normal_(self.fc.weight, 0, 0.02 * gain)
        with torch.no_grad():
            self.fc.bias[:channels] = gain
            self.fc.bias[channels:] = 0

    def forward(self, x, code):
        gain, bias = self.fc(code).chunk(2, 1)
        return _InstanceNorm.apply(x, gain, bias)


class Conv(nn.Module):
    """Convolution under reflection, so that no frame shows."""

    def __init__(self, inputs, outputs, side=3, stride=1, bias=False):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, side, stride, bias=bias)
        nn.init.kaiming_normal_(self.conv.weight, a=0.2)
        self.reach = side // 2

    def forward(self, x):
        return self.conv(F.pad(x, (self.reach,) * 4, mode="reflect"))


def _twice(x):
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.a, self.na = Conv(channels, channels), Norm(channels)
        self.b, self.nb = Conv(channels, channels), Norm(channels, gain=0.3)

    def forward(self, x, code):
        y = F.relu(self.na(self.a(x), code))
        return x + self.nb(self.b(y), code)


class Transformer(nn.Module):
    """Content n x 3 x h x w in [0, 1], h and w multiples of 8, and codes n x 128, to a picture like content.

    Down to 1/8 of the resolution, `eighth` residual blocks there, up to 1/4, `quarter` blocks there, up to
    1/2, and a pixel shuffle to full resolution, where no channel is ever computed: that is where networks
    of this kind spend their time. Skips at 1/4 and 1/2 pass through norms of their own, so that the code
    decides how much of the photograph's detail comes through.

    With `noise`, a content that is a part of a larger picture says which part by its origin, n x 2 whole
    numbers, in pixels from above and from the left.
    """

    def __init__(self, half=24, fourth=64, eight=96, eighth_blocks=4, quarter_blocks=1, noise=False):
        super().__init__()
        self.noise = Noise() if noise else None
        self.c1, self.n1 = Conv(3, half, 5, 2), Norm(half)
        self.c2, self.n2 = Conv(half, fourth, 3, 2), Norm(fourth)
        self.c3, self.n3 = Conv(fourth, eight, 3, 2), Norm(eight)
        self.r8 = nn.ModuleList(Residual(eight) for _ in range(eighth_blocks))
        self.u2, self.nu2 = Conv(eight, fourth), Norm(fourth)
        self.s2 = Norm(fourth, gain=0.5)
        self.r4 = nn.ModuleList(Residual(fourth) for _ in range(quarter_blocks))
        self.u1, self.nu1 = Conv(fourth, half), Norm(half)
        self.sk1, self.s1 = nn.Conv2d(half, half, 1, bias=False), Norm(half, gain=0.3)
        self.o = Conv(half, 12, bias=True)
        with torch.no_grad():
            # The four pixels of a block start alike, against checkerboards (Aitken et al., "Checkerboard
            # artifact free sub-pixel convolution", 2017).
            weight = self.o.conv.weight
            weight.copy_(weight[0::4].repeat_interleave(4, 0) * 0.5)
            self.o.conv.bias.zero_()

    def forward(self, content, code, origin=None):
        if self.noise:
            if origin is None:
                origin = torch.zeros(len(content), 2, dtype=torch.long, device=content.device)
            content = content + self.noise(origin, *content.shape[2:])
        a = self.c1(content * 2 - 1)
        b = self.c2(F.relu(self.n1(a, code)))
        d = F.relu(self.n3(self.c3(F.relu(self.n2(b, code))), code))
        for block in self.r8:
            d = block(d, code)
        h = F.relu(self.nu2(self.u2(_twice(d)), code) + self.s2(b, code))
        for block in self.r4:
            h = block(h, code)
        h = F.relu(self.nu1(self.u1(_twice(h)), code) + self.s1(self.sk1(a), code))
        return torch.sigmoid(F.pixel_shuffle(self.o(h), 2))


class StyleEncoder(nn.Module):
    """Style n x 3 x 256 x 256 in [0, 1] to codes n x 128.

    Mean and deviation are taken after every stage and of the picture itself, so that colours and textures
    of all sizes reach the code directly.
    """

    WIDTHS = (24, 48, 96, 128)

    def __init__(self, hidden=256):
        super().__init__()
        self.cs = nn.ModuleList()
        inputs, pooled = 3, 6
        for stage, width in enumerate(self.WIDTHS):
            side = 3 if stage else 5
            down = nn.Conv2d(inputs, width, side, 2, padding=side // 2)
            same = nn.Conv2d(width, width, 3, padding=1) if stage else nn.Identity()
            self.cs.append(nn.ModuleList([down, same]))
            inputs, pooled = width, pooled + 2 * width
        self.ln = nn.LayerNorm(pooled)
        self.f1, self.f2 = nn.Linear(pooled, hidden), nn.Linear(hidden, CODE)
        self.f3 = nn.Linear(pooled, CODE)
        for module in self.cs.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
                nn.init.zeros_(module.bias)

    @staticmethod
    def _statistics(x):
        x = x.float()
        mean = x.mean((2, 3))
        variance = (x * x).mean((2, 3)) - mean * mean
        return [mean, torch.sqrt(variance.clamp_min(0) + 1e-4)]

    def forward(self, style):
        x = style * 2 - 1
        pooled = self._statistics(x)
        for down, same in self.cs:
            x = F.relu(down(x))
            if not isinstance(same, nn.Identity):
                x = F.relu(same(x))
            pooled += self._statistics(x)
        v = self.ln(torch.cat(pooled, 1))
        return self.f2(F.relu(self.f1(v))) + self.f3(v)


class StyleTransfer(nn.Module):
    """Both halves; `gen` and `enc` begin the names of their parameters."""

    def __init__(self, **widths):
        super().__init__()
        self.enc = StyleEncoder()
        self.gen = Transformer(**widths)

    def forward(self, content, style, origin=None, with_code=False):
        """Photos n x 3 x h x w under styles m x 3 x 256 x 256, each for n / m in a row; and the styles'
        codes."""
        code = self.enc(style)
        picture = self.gen(content, code.repeat_interleave(len(content) // len(code), 0), origin)
        return (picture, code) if with_code else picture


def adopt(network, parameters):
    """Begins with another network's parameters, which may be one without noise."""
    missing, unknown = network.load_state_dict(parameters, strict=False)
    if unknown or not all(".noise." in name for name in missing):
        raise ValueError(f"another network: {', '.join([*missing, *unknown])}")
