"""A short run from end to end: train, break off and go on, export, judge."""

import json
import math
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from stylizer_training import catalogue_eye, evaluate, export, report
from stylizer_training.config import Config, Weights
from stylizer_training.network import StyleTransfer
from stylizer_training.shipped import session
from stylizer_training.train import Trainer

CONFIG = Config(
    images=160,
    sides=((0.0, 64),),
    stored_side=96,
    drawn_styles=6,
    scales=2,
    warm_up=5,
    learning_rate=3e-3,
)


@pytest.fixture(scope="module")
def trainer(pack, tmp_path_factory):
    base = tmp_path_factory.mktemp("runs")

    def create(name, config=CONFIG, begin_with=None):
        return Trainer(config, pack, pack / "sources.csv", base / name, torch.device("cpu"), begin_with)

    return create


@pytest.fixture(scope="module")
def trained(trainer):
    done = trainer("whole")
    done.run(log_every=5, save_every=math.inf)
    return done


def losses(trainer, name):
    lines = (trainer.out / "log.csv").read_text().splitlines()
    column = lines[0].split(",").index(name)
    return [float(line.split(",")[column]) for line in lines[1:]]


def test_a_run_learns_and_leaves_a_log_and_a_contact_sheet(trained):
    assert trained.images == CONFIG.images
    total = losses(trained, "total")
    assert len(total) == 8
    assert min(total[-3:]) < 0.6 * total[0]
    assert [path.name for path in trained.out.glob("sheet-*.jpg")] == ["sheet-00000160.jpg"]


def test_a_run_that_was_broken_off_ends_as_if_it_had_not_been(trained, trainer):
    begun = trainer("broken")
    for _ in range(7):
        begun.one_step()
    begun.save()
    resumed = trainer("broken")
    assert resumed.step == 7
    resumed.run()
    for name, values in trained.average.state_dict().items():
        assert torch.equal(values, resumed.average.state_dict()[name]), name


def test_another_seed_gives_another_network(trained, trainer):
    other = trainer("other", replace(CONFIG, seed=2, images=8))
    other.run()
    assert not torch.equal(other.net.gen.c1.conv.weight, trained.net.gen.c1.conv.weight)


def test_practises_skies_and_other_angles(trainer):
    weights = Weights(code=1.0)
    config = replace(CONFIG, gradient_share=1.0, content_turn=3.0, turned_share=1.0, weights=weights)
    assert trainer("skies", config).one_step()["code"] > 0


def test_looks_at_vgg16_too_when_it_counts(trainer):
    run = trainer("vgg16", replace(CONFIG, weights=Weights(vgg16=1.0)))
    assert run.one_step()["vgg16"] > 0


def test_a_step_that_blows_up_stops_the_run(trainer):
    run = trainer("blown")
    with torch.no_grad():
        run.net.gen.o.conv.bias.fill_(float("nan"))
    with pytest.raises(RuntimeError, match="non-finite"):
        run.one_step()


def test_processes_train_one_network_together(pack, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text("images = 32\nsides = [[0.0, 64]]\nstored_side = 96\ndrawn_styles = 6\n")
    command = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command += [
        "-m",
        "stylizer_training.train",
        str(config),
        "--pack",
        str(pack),
        "--out",
        str(tmp_path / "run"),
    ]
    command += ["--sources", str(pack / "sources.csv")]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, *command], check=True, env=environment, capture_output=True, timeout=300)
    state = torch.load(tmp_path / "run/checkpoint.pt", weights_only=True)
    assert state["step"] == 4


@pytest.fixture(scope="module")
def model(trained, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    parameters = export.read_average(trained.checkpoint)
    export.write_graphs(parameters, folder)
    return folder


def test_noise_belongs_to_places_in_the_network_and_in_its_graph(tmp_path):
    torch.manual_seed(11)
    network = StyleTransfer(noise=True).eval().requires_grad_(False)
    export.write_graphs(network.state_dict(), tmp_path)
    shipped, random = evaluate.Shipped(tmp_path), np.random.default_rng(6)
    content = torch.full((1, 3, 48, 72), 0.4)
    code = torch.from_numpy(random.normal(0, 0.5, (1, 128)).astype(np.float32))
    here, there = (torch.tensor([place]) for place in ((24, 16), (8 * 5000, 8 * 61)))
    painted = network.gen(content, code, here)
    shipped.origin = {"origin": here.numpy()}
    assert (painted - shipped.paint(content, code.numpy())).abs().max() < 0.6 / 255
    assert (painted - network.gen(content, code, there)).abs().mean() > 2 / 255


def test_a_network_without_noise_is_gone_on_with_as_it_is(trained, trainer, tmp_path):
    weights = tmp_path / "weights.safetensors"
    save_file({name: values.contiguous() for name, values in trained.average.state_dict().items()}, weights)
    begun = trainer("noisy", replace(CONFIG, noise=True), weights)
    content, code = torch.rand(1, 3, 64, 64), torch.rand(1, 128)
    with torch.no_grad():
        noise = begun.net.gen.noise(torch.zeros(1, 2, dtype=torch.long), 64, 64)
        difference = begun.net.gen(content, code) - trained.average.gen(content + noise, code)
    assert difference.abs().max() < 1e-4
    assert np.isfinite(begun.one_step()["total"])
    with pytest.raises(ValueError, match="another network"):
        trainer("narrow", replace(CONFIG, widths={"quarter_blocks": 2}), weights)


def test_the_graphs_say_what_the_network_says(trained, model):
    shipped, network = evaluate.Shipped(model), trained.average.eval()
    random = np.random.default_rng(5)
    content = torch.from_numpy(random.integers(0, 256, (1, 3, 72, 104))).float() / 255
    style = torch.from_numpy(random.integers(0, 256, (1, 3, 256, 256))).float() / 255
    with torch.no_grad():
        code = network.enc(style)
        assert np.abs(code.numpy() - shipped.encode(style)).max() < 1e-3
        difference = network.gen(content, code) - shipped.paint(content, code.numpy())
    assert difference.abs().max() < 0.6 / 255


def test_the_graph_for_browsers_is_half_as_large_and_says_the_same(model):
    random = np.random.default_rng(8)
    content = torch.from_numpy(random.integers(0, 256, (1, 3, 72, 104))).float() / 255
    code = random.normal(0, 0.5, (1, 128)).astype(np.float32)
    whole = evaluate.Shipped(model)
    painted = whole.paint(content, code)
    whole.network = session(model / "network-web.onnx")
    assert (whole.paint(content, code) - painted).abs().mean() <= 2 / 255
    size, half = ((model / f"{name}.onnx").stat().st_size for name in ("network", "network-web"))
    assert half < 0.6 * size


def test_export_writes_all_that_the_service_needs(trained, pack, tmp_path, monkeypatch):
    catalogue = tmp_path / "catalogue.toml"
    catalogue.write_text(
        'drawn = ["blueprint"]\n[[work]]\nid = "noise"\nname = "Noise"\ndescription = "All over."\n'
        'tags = ["test"]\nwork = "style-1.jpg"\n'
    )
    monkeypatch.setattr(export, "CATALOGUE", catalogue)
    monkeypatch.setattr(export, "PHOTO_SIDE", 64)
    arguments = ["export", "--run", str(trained.out), "--pack", str(pack), "--out", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", [*arguments, "--sources", str(pack / "sources.csv")])
    export.main()
    styles = json.loads((tmp_path / "styles.json").read_text())["styles"]
    sources = {"noise": "A test, Noise, 2026", "blueprint": "Drawn by Stylizer"}
    assert {style["id"]: style["source"] for style in styles} == sources
    assert all(len(style["code"]) == 128 for style in styles)
    weights = load_file(tmp_path / "weights.safetensors")
    begun = Trainer(
        CONFIG,
        pack,
        pack / "sources.csv",
        tmp_path / "again",
        torch.device("cpu"),
        tmp_path / "weights.safetensors",
    )
    assert torch.equal(begun.net.gen.c1.conv.weight, weights["gen.c1.conv.weight"])
    for name, values in export.network_of(weights).state_dict().items():
        assert torch.equal(values, trained.average.state_dict()[name])
    monkeypatch.setattr(sys, "argv", [*sys.argv, "--keep-codes"])
    export.main()
    assert json.loads((tmp_path / "styles.json").read_text())["styles"] == styles
    weights["enc.f1.bias"] += 1
    save_file(weights, tmp_path / "weights.safetensors")
    with pytest.raises(SystemExit):
        export.main()


def test_judging_writes_figures_and_sheets(model, pack, tmp_path, monkeypatch):
    catalogue = tmp_path / "catalogue.toml"
    catalogue.write_text('drawn = ["blueprint"]\n')
    monkeypatch.setattr(catalogue_eye, "CATALOGUE", catalogue)
    styles = {"styles": [{"id": "blueprint", "code": [0.1] * 128}]}
    (model / "styles.json").write_text(json.dumps(styles))
    page = tmp_path / "model.md"
    page.write_text(f"before\n{report.SECTION[0]}\nold\n{report.SECTION[1]}\nafter\n")
    monkeypatch.setattr(evaluate, "SIDE", 64)
    arguments = [
        "evaluate",
        "--pack",
        str(pack),
        "--sources",
        str(pack / "sources.csv"),
        "--model",
        str(model),
    ]
    monkeypatch.setattr(
        sys, "argv", [*arguments, "--out", str(tmp_path / "out"), "--page", str(page), "--photos", "2"]
    )
    evaluate.main()
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith("after\n") and "old" not in text
    (untouched,) = [line for line in text.splitlines() if "photograph untouched" in line]
    assert untouched.split("|")[3].strip() == "0.000"
    assert untouched.split("|")[8].strip() == "1.000"
    assert [line for line in text.splitlines() if line.startswith("| blueprint")]
    assert len(list((tmp_path / "out").glob("sheet-*.jpg"))) == 1
