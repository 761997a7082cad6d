"""Style pictures drawn by code."""

from itertools import combinations

import numpy as np
import pytest

from stylizer_training.procedural import FAMILIES, draw, draw_family
from stylizer_training.style_pictures import SIZE, STYLE_PICTURES, render

SMALL = 96


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    """A disc on a graded ground, uint8 [120, 120, 3]."""
    y, x = np.mgrid[0:120, 0:120]
    disc = (x - 50) ** 2 + (y - 65) ** 2 < 900
    return np.dstack([2 * x, np.where(disc, 230, 60), 255 - 2 * y]).astype(np.uint8)


def test_the_same_arguments_give_the_same_picture(photo):
    for seed in range(4):
        assert np.array_equal(draw(seed, SMALL, photo), draw(seed, SMALL, photo))
        assert np.array_equal(draw(seed, SMALL), draw(seed, SMALL))


def test_seeds_choose_among_all_families():
    chosen = {np.random.default_rng(seed).integers(len(FAMILIES)) for seed in range(400)}
    assert len(chosen) == len(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("with_photo", [True, False])
def test_a_family_draws_a_picture_that_is_not_blank(family, with_photo, photo):
    picture = draw_family(family, 5, SMALL, photo if with_photo else None)
    assert picture.shape == (SMALL, SMALL, 3)
    assert picture.dtype == np.uint8
    assert picture.std(axis=(0, 1)).max() > 6


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("grey", [0, 128, 255])
def test_a_family_stands_a_photograph_of_one_colour(family, grey):
    flat = np.full((40, 40, 3), grey, np.uint8)
    assert draw_family(family, 2, 65, flat).shape == (65, 65, 3)


def test_families_differ_from_one_another(photo):
    pictures = {name: draw_family(name, 3, SMALL, photo).astype(int) for name in FAMILIES}
    for one, other in combinations(FAMILIES, 2):
        assert np.abs(pictures[one] - pictures[other]).mean() > 8, (one, other)


def test_a_given_palette_replaces_the_photographs_colours(photo):
    palette = np.array([[0, 0, 0.3], [0, 0, 0.6], [0.2, 0.2, 1]], np.float32)
    picture = draw_family("low_poly", 1, SMALL, photo, palette, {"wire": False, "shade": 0.02})
    red, _, blue = picture.reshape(-1, 3).mean(0)
    assert blue > 2 * red


def test_an_unknown_parameter_is_refused(photo):
    with pytest.raises(ValueError, match="asks for no wings"):
        draw_family("oil", 1, SMALL, photo, parameters={"wings": 2})


def test_the_catalogue_has_unique_ids_and_draws():
    assert len({entry.id for entry in STYLE_PICTURES}) == len(STYLE_PICTURES)
    assert render(STYLE_PICTURES[0]).shape == (SIZE, SIZE, 3)
