"""The measures of what the eye sees, on pictures whose answer is known."""

import math

import torch

from stylizer_training import eye

SIDE = 160
ALL = torch.ones(1, 1, SIDE, SIDE)


def picture(grey):
    return grey.expand(1, 3, SIDE, SIDE)


def stripes(degrees, period=8):
    line = torch.arange(float(SIDE))
    angle = math.radians(degrees)
    along = math.cos(angle) * line + math.sin(angle) * line[:, None]
    return picture(0.5 + 0.4 * torch.sin(2 * math.pi * along / period))


def noise():
    random = torch.Generator().manual_seed(3)
    return picture(eye.blur(torch.rand(1, 1, SIDE, SIDE, generator=random), 1.5))


def test_upright_stripes_lean_all_to_one_axis():
    axes, diagonals = eye.preferences(eye.energies(stripes(0), ALL))
    assert axes > 8.9 and diagonals < 0.01


def test_diagonal_stripes_lean_to_the_diagonals_and_those_between_to_neither():
    axes, diagonals = eye.preferences(eye.energies(stripes(45), ALL))
    assert axes < 0.01 and diagonals > 8.9
    assert max(eye.preferences(eye.energies(stripes(20), ALL))) < 0.01


def test_noise_leans_nowhere():
    for preference in eye.preferences(eye.energies(noise(), ALL)):
        assert abs(preference - 1) < 0.1


def test_stripes_repeat_and_noise_does_not():
    assert eye.periodicity(stripes(30), ALL) > 0.95
    assert eye.periodicity(noise(), ALL) < 0.2


def test_only_what_is_under_the_mask_counts():
    half = ALL.clone()
    half[..., : SIDE // 2] = 0
    both = torch.cat([stripes(0)[..., : SIDE // 2], noise()[..., SIDE // 2 :]], 3)
    assert eye.periodicity(both, half) < 0.25
    assert eye.preferences(eye.energies(both, 1 - half))[0] > 8
    assert math.isnan(eye.periodicity(both, torch.zeros_like(ALL)))


def test_a_gradient_is_flat_and_an_edge_is_not():
    assert eye.flat(eye.turned_gradient(20, SIDE)).mean() == 1
    edge = picture((torch.arange(SIDE) >= SIDE // 2).float())
    mask = eye.flat(edge)
    assert mask[..., SIDE // 2 - 8 : SIDE // 2 + 8].sum() == 0 and mask[..., :40].mean() == 1
