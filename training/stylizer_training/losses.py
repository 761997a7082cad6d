"""What training brings down. Every loss is a value per picture, shape n."""

import math

import torch
import torch.nn.functional as F


def _energy(x):
    return x.square().flatten(1).sum(1)


def statistics_distance(found, wanted, floor):
    """Means and deviations of a map's channels: squared distance over the squared length of both.

    0 to 2, whatever the level and however extreme the style, so that none drowns the others. The plain
    distance is the loss of Huang & Belongie, "Arbitrary Style Transfer in Real-time with Adaptive
    Instance Normalization", 2017. `floor` keeps pictures without features from dividing by nothing.
    """
    distance = _energy(found.mean - wanted.mean) + _energy(found.deviation - wanted.deviation)
    length = sum(_energy(x) for of in (found, wanted) for x in (of.mean, of.deviation))
    return 2 * distance / (length + floor)


def absolute_distance(found, wanted):
    """The plain distance, a mean over channels."""
    mean = (found.mean - wanted.mean).square().mean(1)
    return mean + (found.deviation - wanted.deviation).square().mean(1)


def covariance_distance(found, wanted):
    """How channels vary together, as a Gram matrix says it, but about the mean; 0 to 4."""
    length = _energy(found.covariance) + _energy(wanted.covariance)
    return 2 * _energy(found.covariance - wanted.covariance) / (length + 1e-3)


def palette_distance(picture, style, directions=12, side=40):
    """Sliced Wasserstein distance between the colours of two sets of pictures, n x 3 x h x w each.

    Rabin et al., "Wasserstein Barycenter and its Application to Texture Mixing", 2011: colours are
    projected onto random directions and sorted. Of pictures reduced to side x side.
    """
    axes = F.normalize(torch.randn(3, directions, device=picture.device), dim=0)

    def sorted_projections(x):
        colours = F.adaptive_avg_pool2d(x.float(), side).flatten(2).transpose(1, 2)
        return (colours @ axes).sort(1).values

    return (sorted_projections(picture) - sorted_projections(style)).square().mean((1, 2))


def sliced_distance(found, wanted, directions=32, most=1024):
    """Sliced Wasserstein distance between the features of two sets of maps, n x c x h x w each, over the
    variance of both; what means and deviations leave open, such as dark lines between bright panes.

    Heitz et al., "A Sliced Wasserstein Loss for Neural Texture Synthesis", 2021. Of at most so many places,
    evenly spread from a random one on.
    """
    axes = F.normalize(torch.randn(found.shape[1], directions, device=found.device), dim=0)

    def sorted_projections(x):
        stride = math.ceil(math.sqrt(x.shape[2] * x.shape[3] / most))
        down, across = torch.randint(stride, (2,)).tolist()
        places = x[..., down::stride, across::stride].float().flatten(2).transpose(1, 2)
        return (places @ axes).sort(1).values

    with torch.autocast(found.device.type, enabled=False):
        own, other = sorted_projections(found), sorted_projections(wanted)
        other = F.interpolate(other.transpose(1, 2), own.shape[1], mode="linear", align_corners=True)
        other = other.transpose(1, 2)
        spread = (own.var(1) + other.var(1)).mean(1).detach()
        return 2 * (own - other).square().mean((1, 2)) / (spread + 1e-2)


def content_distance(found, wanted):
    return (found - wanted).square().mean((1, 2, 3))


def structure_distance(found, wanted):
    """Of maps whose channels are normalised first: edges and shapes, whatever their colour and contrast."""

    def normalised(x):
        x = x.float()
        variance, mean = torch.var_mean(x, (2, 3), keepdim=True, unbiased=False)
        return (x - mean) / (variance + 1e-2).sqrt()

    return (normalised(found) - normalised(wanted)).square().mean((1, 2, 3))


def _steps(x):
    return (x[..., 1:, :] - x[..., :-1, :]).abs(), (x[..., :, 1:] - x[..., :, :-1]).abs()


def roughness(picture, content, sharpness=30.0):
    """Total variation, counted fully where the photograph is flat and hardly where it has edges.

    n x 3 x h x w each. What is left in flat skies is then what the style loss insists on.
    """
    total = 0
    for own, photo in zip(_steps(picture), _steps(content)):
        calm = torch.exp(-sharpness * photo.amax(1, keepdim=True))
        total = total + (own * calm).mean((1, 2, 3))
    return total
