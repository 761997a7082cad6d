"""What losses tell apart."""

import torch

from stylizer_training import losses


def test_sliced_distance_sees_what_means_and_deviations_do_not():
    torch.manual_seed(2)
    normal = torch.randn(1, 4, 48, 48)
    two_valued = torch.randn(1, 4, 64, 64).sign()
    again = losses.sliced_distance(normal, torch.randn(1, 4, 64, 64))
    other = losses.sliced_distance(normal, two_valued)
    assert again < 0.01
    assert other > 3 * again


def test_sliced_distance_leads_somewhere():
    found = torch.rand(2, 3, 32, 32, requires_grad=True)
    wanted = torch.rand(2, 3, 40, 40) * 2 - 3

    def distance(x):
        torch.manual_seed(3)
        return losses.sliced_distance(x, wanted)

    (slope,) = torch.autograd.grad(distance(found).sum(), found)
    assert distance(found).shape == (2,)
    assert (distance(found - 10 * slope) < distance(found)).all()
