"""From a training run to what the service runs: `python -m stylizer_training.export --run FOLDER …`.

Writes `weights.safetensors` (float32 parameters by name, for other engines), `network.onnx`,
`style-encoder.onnx`, `network-web.onnx` (weights in half precision, for browsers) and `styles.json`. Previews
and the manifest are made by the inference service, whose code they go through: `make export` does it all.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import onnx
import torch
from safetensors.torch import load_file, save_file

from stylizer_training.catalogue import CATALOGUE, read_catalogue, refine, to_style
from stylizer_training.config import read_config
from stylizer_training.contact_sheet import to_tensor
from stylizer_training.data import SOURCES, read_pictures, read_sources, squares
from stylizer_training.encoder_graph import EncoderGraph
from stylizer_training.half_graph import halved
from stylizer_training.network import StyleTransfer
from stylizer_training.network_graph import NetworkGraph
from stylizer_training.objective import Objective

CONFIG = Path(__file__).resolve().parent.parent / "configs/base.toml"
PHOTOS = 4
PHOTO_SIDE = 192
"""What codes are refined on."""


def read_average(path):
    """The averaged parameters of a checkpoint, or those of a .safetensors file, by name."""
    if path.suffix == ".safetensors":
        return load_file(path)
    return torch.load(path, map_location="cpu", weights_only=True)["average"]


def network_of(parameters):
    """The network that has these parameters; its widths are theirs."""

    def outputs(name):
        return len(parameters[f"gen.{name}.conv.weight"])

    def blocks(trunk):
        return sum(f"gen.{trunk}.{i}.a.conv.weight" in parameters for i in range(100))

    network = StyleTransfer(
        half=outputs("c1"),
        fourth=outputs("c2"),
        eight=outputs("c3"),
        eighth_blocks=blocks("r8"),
        quarter_blocks=blocks("r4"),
        noise="gen.noise.normal" in parameters,
    )
    network.load_state_dict(parameters)
    return network.eval().requires_grad_(False)


def same_encoder(parameters, path):
    before = load_file(path)
    names = [name for name in parameters if name.startswith("enc.")]
    return all(torch.equal(parameters[name], before[name]) for name in names)


def write_graphs(parameters, folder):
    weights = {name: values.numpy() for name, values in parameters.items()}
    network, encoder = NetworkGraph(weights).build(), EncoderGraph(weights).build()
    for name, model in (("network", network), ("style-encoder", encoder), ("network-web", halved(network))):
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, folder / f"{name}.onnx")


def kept_codes(entries, folder):
    """Entries of `styles.json` with the codes that it already has: right as long as the encoder stays."""
    styles = json.loads((folder / "styles.json").read_text(encoding="utf-8"))["styles"]
    codes = {style["id"]: style["code"] for style in styles}
    return [_style(entry, codes[entry.id]) for entry in entries]


def _style(entry, code):
    values = {name: getattr(entry, name) for name in ("id", "name", "description", "tags", "source")}
    return values | {"code": [round(float(x), 6) for x in code]}


def catalogue_codes(network, entries, config, pack, sources):
    """Entries of `styles.json`."""
    rows = [row for row in read_sources(sources, "content") if row["basis"] != "public-domain"]
    chosen = rows[:: max(1, len(rows) // PHOTOS)][:PHOTOS]
    photos = [to_tensor(squares(p, PHOTO_SIDE)[0]) for p in read_pictures(pack, chosen)]
    contents = torch.cat(photos)
    config = replace(config, photos_per_style=1)
    objective = Objective(config, pack, torch.device("cpu"))
    for entry in entries:
        code = refine(network, objective, to_style(entry.picture), contents)[0]
        print(entry.id, flush=True)
        yield _style(entry, code)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--run", type=Path, required=True, help="folder of a run, or a .safetensors file")
    parser.add_argument("--config", type=Path, default=CONFIG, help="whose losses codes go down")
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--sources", type=Path, default=SOURCES)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--keep-codes", action="store_true", help="of the catalogue, if the encoder stayed")
    arguments = parser.parse_args()
    run = arguments.run
    parameters = read_average(run if run.suffix == ".safetensors" else run / "checkpoint.pt")
    network = network_of(parameters)
    parameters = {name: values.float().contiguous() for name, values in parameters.items()}
    if arguments.keep_codes and not same_encoder(parameters, arguments.out / "weights.safetensors"):
        parser.error("--keep-codes: this run's encoder is another one, whose codes mean something else")
    save_file(parameters, arguments.out / "weights.safetensors")
    write_graphs(parameters, arguments.out)
    entries = read_catalogue(arguments.pack, arguments.sources, CATALOGUE)
    config = read_config(arguments.config)
    if arguments.keep_codes:
        styles = kept_codes(entries, arguments.out)
    else:
        styles = list(catalogue_codes(network, entries, config, arguments.pack, arguments.sources))
    lines = ",\n".join(json.dumps(style, ensure_ascii=False) for style in styles)
    (arguments.out / "styles.json").write_text(f'{{"styles": [\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
