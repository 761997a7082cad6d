"""What a network makes of some photographs in some styles, side by side."""

import numpy as np
import torch
from PIL import Image

from stylizer_training.data import CODE_SIDE, read_pictures, read_sources, squares
from stylizer_training.sheet import sheet

PHOTO_SIDE, TILE = 384, 256


def to_tensor(square):
    """uint8 h x w x 3 to 1 x 3 x h x w in [0, 1]."""
    return torch.from_numpy(np.array(square)).permute(2, 0, 1)[None].float() / 255


def to_image(tensor):
    """1 x 3 x h x w in [0, 1] to a PIL image."""
    values = tensor[0].clamp(0, 1).permute(1, 2, 0).mul(255).round()
    return Image.fromarray(values.to(torch.uint8).cpu().numpy())


class ContactSheet:
    """Held-out photographs down, held-out styles across."""

    def __init__(self, pack, sources, device, photos=4, styles=6):
        def evenly(role, count, side):
            rows = read_sources(sources, role)
            chosen = rows[:: max(1, len(rows) // count)][:count]
            return [to_tensor(squares(p, side)[0]).to(device) for p in read_pictures(pack, chosen)]

        self.photos = evenly("evaluation-content", photos, PHOTO_SIDE)
        self.styles = evenly("evaluation-style", styles, CODE_SIDE)

    @torch.no_grad()
    def write(self, network, path):
        rows = [[None, *map(to_image, self.styles)]]
        for photo in self.photos:
            rows.append([to_image(photo), *(to_image(network(photo, style)) for style in self.styles)])
        sheet(rows, TILE).save(path, quality=90)
