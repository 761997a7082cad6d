"""Everything that decides what comes out of a training run, read from a TOML file."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Weights:
    """What each loss counts (`objective.py`); 0 leaves it out."""

    content: float = 1.5
    structure: float = 0.6
    style: float = 4.0
    relative: float = 0.0
    covariance: float = 0.9
    palette: float = 15.0
    roughness: float = 0.4
    code: float = 0.0
    wasserstein: float = 0.0
    vgg16: float = 0.0


@dataclass(frozen=True)
class Config:
    images: int
    """Photographs seen by the end."""

    seed: int = 1
    batch: int = 4
    """Photographs a step and process."""

    photos_per_style: int = 2
    sides: tuple[tuple[float, int], ...] = ((0.0, 256),)
    """From which share of the run on crops of how many pixels are seen; multiples of 8."""

    learning_rate: float = 1e-3
    last_learning_rate: float = 3e-5
    warm_up: int = 50
    """Steps over which the learning rate rises."""

    fall_from: float = 0.0
    """Share of the run from which it falls, along half a cosine. What was trained until there can be gone on
    with under another plan."""

    average: float = 0.999
    """Of the parameters' moving average, which is what is delivered."""

    levels: int = 4
    """Of VGG-19's relu1_1, relu2_1, … that the style losses look at."""

    scales: int = 1
    """How many sizes of a picture they look at, each half the one before: for large strokes and shapes."""

    stored_side: int = 320
    content_scale: tuple[float, float] = (0.55, 1.0)
    style_scale: tuple[float, float] = (0.5, 1.0)
    content_turn: float = 0.0
    """By up to how many radians, either way, photographs are turned."""

    turned_share: float = 0.0
    """Of the style pictures, those that are wanted turned otherwise than the encoder sees them. A network
    then learns marks that lean nowhere by themselves, and the encoder one code for a picture however it
    is turned."""

    encoder_learns: bool = True

    gradient_share: float = 0.0
    """Of the photographs that are used, those that are smooth gradients, so that skies are practised."""

    drawn_styles: int = 3000
    drawn_share: float = 0.25
    """Of the style pictures that are used, those drawn by code; then photographs, which keep the encoder
    honest about natural statistics; the rest are paintings."""

    photo_share: float = 0.06
    painted_content_share: float = 0.4
    """Of the photographs that are used, those that are paintings, for their people and streets; then our own
    rendered scenes."""

    scene_share: float = 0.15
    bfloat16: bool = True
    widths: dict[str, int] = field(default_factory=dict)
    """Of the transformer, where they are not the defaults of `network.py`."""

    noise: bool = False
    """Whether noise that belongs to places is added to photographs."""

    weights: Weights = field(default_factory=Weights)

    def side_at(self, progress):
        return [side for begin, side in self.sides if progress >= begin][-1]


def read_config(path):
    values = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    weights = Weights(**values.pop("weights", {}))
    return Config(**values, weights=weights)
