"""Noise that belongs to places."""

import torch

from stylizer_training.noise import DEVIATION, PERIODS, Noise

noise = Noise()


def at(row, column, height=64, width=48):
    return noise(torch.tensor([[row, column]]), height, width)


def test_a_part_has_the_values_of_the_whole():
    whole = at(1000, 5000, 128, 128)
    assert torch.equal(at(1020, 5040), whole[..., 20:84, 40:88])


def test_it_is_normal_knows_nothing_of_its_neighbours_and_hides_its_tables_periods():
    whole = at(7, 9, 700, 700)[0, 0] / DEVIATION
    assert abs(float(whole.mean())) < 0.05 and abs(float(whole.std()) - 1) < 0.05
    for lag in (1, 8, *PERIODS):
        for moved in (whole[lag:] * whole[:-lag], whole[:, lag:] * whole[:, :-lag]):
            assert abs(float(moved.mean())) < 0.05
