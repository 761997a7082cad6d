import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent))

import random_pack


@pytest.fixture(scope="session", autouse=True)
def two_threads():
    torch.set_num_threads(2)


@pytest.fixture(scope="session")
def pack(tmp_path_factory):
    return random_pack.write(tmp_path_factory.mktemp("data") / "pack")
