"""An encoder learns one code for a picture however it is turned."""

import torch

from stylizer_training.any_way_up import teach
from stylizer_training.config import Config
from stylizer_training.data import Data, Pictures, Sampler
from stylizer_training.network import StyleEncoder


def test_codes_of_turned_pictures_come_together():
    torch.manual_seed(3)
    stripes = (torch.arange(320) // 20 % 2 * 255).to(torch.uint8).expand(2, 3, 320, 320).contiguous()
    pictures = Pictures(stripes, torch.ones(2))
    sampler = Sampler(Config(images=1), Data(pictures, pictures), torch.device("cpu"))
    encoder, pair = StyleEncoder(), torch.stack([stripes[0], stripes[0].mT])[..., :256, :256] / 255

    def apart():
        with torch.no_grad():
            level, upright = encoder(pair)
        return float((level - upright).norm())

    before = apart()
    assert len(list(teach(encoder, sampler, 40, batch=2))) == 40
    assert apart() < 0.7 * before
