"""Noise that belongs to places of a picture: what a network of convolutions needs in order to vary where
nothing does.

A value is the product of two tables, one of normal numbers and one of signs, each repeated with a period of
its own. Neither table's period shows in the product's autocorrelation; the product repeats after 16,637
pixels. Tables and whole numbers alone are involved, so every runtime gives the same values, and a tile those
that its part of the whole picture has.
"""

import torch
from torch import nn

PERIODS = 127, 131
"""Of the normal numbers and of the signs, in pixels; coprime."""

DEVIATION = 3 / 255
"""More than the steps of 8-bit pixels and of JPEG, less than one sees."""


class Noise(nn.Module):
    """No parameters, but the tables go with them."""

    def __init__(self):
        super().__init__()
        random = torch.Generator().manual_seed(20261128)
        normal, sign = PERIODS
        self.register_buffer("normal", torch.randn(normal, normal, generator=random) * DEVIATION)
        self.register_buffer("sign", torch.randint(2, (sign, sign), generator=random) * 2.0 - 1)

    def forward(self, origin, height, width):
        """Pictures n x 1 x height x width that begin at `origin`, n x 2 whole numbers, row and column."""

        def window(table):
            period = len(table)
            rows, columns = (
                (origin[:, axis, None] + torch.arange(length, device=origin.device)) % period
                for axis, length in enumerate((height, width))
            )
            return table[rows[:, :, None], columns[:, None]]

        return (window(self.normal) * window(self.sign))[:, None]
