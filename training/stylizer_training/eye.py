"""Measures of what the eye sees in flat areas and no network looks for: marks at favoured angles, and
repeats.

Pictures are 1 x 3 x h x w sRGB in [0, 1], masks 1 x 1 x h x w in {0, 1}.
"""

import math

import torch
import torch.nn.functional as F

WITHIN = math.radians(5)
LUMINANCE = (0.299, 0.587, 0.114)
LAGS = 4, 48
"""How far apart repeats are looked for, in pixels."""

RIM = 8
"""Pixels along the edge of a picture that are left out: reflection makes marks upright and level there."""


def grey(picture):
    return (picture * torch.tensor(LUMINANCE)[None, :, None, None]).sum(1, keepdim=True)


def _gaussian(deviation):
    reach = math.ceil(3 * deviation)
    line = torch.exp(-(torch.arange(-reach, reach + 1.0) ** 2) / (2 * deviation**2))
    return line / line.sum()


def _separable(x, down, across):
    reach = len(down) // 2
    x = F.pad(x, (reach,) * 4, mode="reflect")
    return F.conv2d(F.conv2d(x, down[None, None, :, None]), across[None, None, None])


def blur(x, deviation):
    line = _gaussian(deviation)
    return _separable(x, line, line)


def gradient(x, deviation=1.0):
    """Derivatives of a Gaussian, which know no favoured angle: along x and along y, 1 x 1 x h x w each."""
    line = _gaussian(deviation)
    step = -torch.arange(-(len(line) // 2), len(line) // 2 + 1.0) * line / deviation**2
    return -_separable(x, line, step), -_separable(x, step, line)


def flat(photo, slope=2 / 255, around=12):
    """Where a photograph is flat: no slope above so much a pixel within so many pixels."""
    across, down = gradient(grey(photo), 2.0)
    steep = (across.square() + down.square()).sqrt() > slope
    return 1 - F.max_pool2d(steep.float(), 2 * around + 1, 1, around)


def inside(mask):
    """Without the rim of the picture."""
    kept = torch.zeros_like(mask)
    kept[..., RIM:-RIM, RIM:-RIM] = mask[..., RIM:-RIM, RIM:-RIM]
    return kept


def energies(picture, mask):
    """Gradient energy within 5 degrees of upright or level, of the diagonals, and of all angles."""
    across, down = gradient(grey(picture))
    energy = (across.square() + down.square()) * inside(mask)
    to_axis = torch.remainder(torch.atan2(down, across) + math.pi / 4, math.pi / 2) - math.pi / 4
    near = to_axis.abs()
    return torch.stack(
        [energy[near <= WITHIN].sum(), energy[near >= math.pi / 4 - WITHIN].sum(), energy.sum()]
    )


def preferences(summed):
    """Of summed `energies`: how far upright or level and diagonal are preferred; 1 is no preference."""
    share = 4 * WITHIN / math.pi
    return tuple(float(part / summed[2].clamp_min(1e-12) / share) for part in summed[:2])


def periodicity(picture, mask):
    """The highest peak of the autocorrelation off centre, -1 to 1, or nan where too little is flat.

    Of luminance without what is wider than 8 pixels, under the mask (Padfield, "Masked object registration
    in the Fourier domain", 2012). A peak is higher than all that is 2 pixels around it.
    """
    mask = inside(mask)[0, 0]
    if mask.sum() < 64 * 64:
        return math.nan
    x = grey(picture)
    x = (x - blur(x, 8.0))[0, 0]
    x = (x - (x * mask).sum() / mask.sum()) * mask
    size = [2 * side for side in x.shape]

    def correlated(values):
        return torch.fft.irfft2(torch.fft.rfft2(values, size).abs().square(), size)

    pairs, products = correlated(mask), correlated(x)
    correlation = products / pairs.clamp_min(1) / (products[0, 0] / pairs[0, 0]).clamp_min(1e-9)
    correlation = torch.where(pairs > 0.2 * pairs[0, 0], correlation, -torch.ones(()))
    near, far = LAGS
    window = torch.roll(correlation, (far, far), (0, 1))[: 2 * far + 1, : 2 * far + 1]
    highest = F.max_pool2d(window[None, None], 5, 1, 2)[0, 0]
    line = torch.arange(-far, far + 1.0)
    away = (line[:, None].square() + line.square()).sqrt()
    peaks = (window == highest) & (away >= near) & (away <= far - 2)
    return float(window[peaks].max()) if peaks.any() else 0.0


def turned_gradient(degrees, side):
    """A sky from pale to deep blue, 8 bits deep, turned so that no edge of it is level: 1 x 3 x side x
    side."""
    line = torch.linspace(-0.5, 0.5, side)
    angle = math.radians(degrees)
    along = (math.cos(angle) * line + math.sin(angle) * line[:, None]) / math.sqrt(2) + 0.5
    pale, deep = (torch.tensor(c)[:, None, None] for c in ((0.85, 0.90, 0.95), (0.30, 0.50, 0.80)))
    return (pale + (deep - pale) * along).mul(255).round().div(255)[None]
