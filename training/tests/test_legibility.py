"""Edges in boxes."""

import torch

from stylizer_training import legibility
from stylizer_training.legibility import Box, agreement, read_along, read_boxes

SQUARE = torch.zeros(1, 3, 64, 64)
SQUARE[..., 24:40, 20:44] = 0.8
BOX = Box("text", SQUARE, (0.25, 0.25, 0.75, 0.75))


def test_contrast_and_sign_do_not_matter():
    assert agreement(0.9 - SQUARE / 2, BOX) > 0.999


def test_edges_that_moved_or_are_gone_count_less():
    moved = torch.roll(SQUARE, (5, 5), (2, 3))
    assert agreement(moved, BOX) < 0.6
    torch.manual_seed(1)
    assert agreement(torch.rand_like(SQUARE), BOX) < 0.6
    assert agreement(torch.full_like(SQUARE, 0.5), BOX) < 0.01


def test_only_what_is_in_the_box_counts():
    elsewhere = SQUARE.clone()
    elsewhere[..., 2:8, 2:60] = 1
    assert agreement(elsewhere, BOX) > 0.99


def test_means_are_by_kind_and_photographs_that_are_not_held_out_are_left_out(pack, tmp_path):
    path = tmp_path / "legibility.toml"
    path.write_text(
        '[[face]]\nphoto = "evaluation-content-1.jpg"\nbox = [0.0, 0.0, 0.5, 0.5]\n'
        '[[face]]\nphoto = "content-1.jpg"\nbox = [0.0, 0.0, 0.5, 0.5]\n'
    )
    boxes = read_boxes(pack, pack / "sources.csv", 64, path)
    assert len(boxes) == 1
    found = read_along({"as it is": lambda content, _: content}, boxes, [SQUARE])
    assert abs(found["as it is"]["face"] - 1) < 1e-5
    assert legibility.BOXES.exists()
