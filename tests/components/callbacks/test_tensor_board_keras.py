"""TensorBoard's less common parts, and a real TensorBoard server on a run directory."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import quote

import pytest
from workplace import Trained, Workplace

pytestmark = pytest.mark.tf

WORDS = ["the", "a", "of", "and", "to", "in"]
EMBEDDING_MODEL = {
    "layers": [
        {"Embedding": {"input_dim": 6, "output_dim": 3, "name": "words"}},
        "Flatten",
        {"Dense": {"units": 2, "activation": "softmax"}},
    ]
}


def read(folder: Path) -> Any:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder), size_guidance={"tensors": 0, "graph": 1})
    events.Reload()
    return events


def embedded(workplace: Workplace, *args: str, exit_code: int = 0, **arguments: Any) -> Trained:
    """A run whose model begins with an Embedding of six rows."""
    import numpy as np

    numbers = np.random.default_rng(0).integers(0, 6, (40, 4))
    np.savez(workplace.folder / "words.npz", x=numbers.astype("int32"), y=(numbers.sum(1) > 10).astype("int64"))
    board = {"TensorBoard": {"embeddings_freq": 1, **arguments}}
    data = {"source": {"NPZ": {"path": "words.npz"}}, "validation_split": 0.2, "batch_size": 8}
    return workplace.train(*args, exit_code=exit_code, data=data, model=EMBEDDING_MODEL, callbacks=[board])


@pytest.fixture(scope="module")
def run(shared_workplace: Workplace) -> Trained:
    """A run with embeddings, their labels, images of weights and a profile of the third batch."""
    (shared_workplace.folder / "labels.tsv").write_text("\n".join(WORDS) + "\n")
    return embedded(
        shared_workplace, embeddings_metadata="labels.tsv", histogram_freq=1, write_images=True, profile_batch=3
    )


@pytest.fixture(scope="module")
def address(run: Trained) -> Iterator[str]:
    """A TensorBoard server on the folder of all runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    logdir = run.directory.parents[1]
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(logdir), "--host", "127.0.0.1"]
    server = subprocess.Popen(
        [*command, "--port", str(port), "--load_fast", "false"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield f"http://127.0.0.1:{port}/data"
    finally:
        server.terminate()
        server.wait()


def get(url: str, *, until: Any = lambda _: True) -> Any:
    """What the server answers, once it is up and the answer is such as `until` wants it."""
    answer: Any = "nothing"
    for _ in range(240):
        try:
            with urllib.request.urlopen(url, timeout=30) as response:
                body = response.read()
            answer = json.loads(body) if response.headers.get_content_type() == "application/json" else body
            if until(answer):
                return answer
        except URLError as error:
            answer = error
        time.sleep(0.25)
    pytest.fail(f"{url} answered {answer!r}")


def name_of(run: Trained, part: str) -> str:
    """What the server calls the part of the run."""
    return str((run.directory / "tensorboard" / part).relative_to(run.directory.parents[1]))


def test_the_server_has_the_scalars(run: Trained, address: str) -> None:
    for part, prefix in (("train", ""), ("validation", "val_")):
        name = name_of(run, part)
        get(f"{address}/plugin/scalars/tags", until=lambda tags, name=name: "epoch_loss" in tags.get(name, {}))
        points = get(f"{address}/plugin/scalars/scalars?tag=epoch_loss&run={quote(name, safe='')}")
        assert [step for _, step, _ in points] == [0, 1]
        assert [value for *_, value in points] == pytest.approx([line[f"{prefix}loss"] for line in run.history])


def test_the_server_has_the_embeddings_with_their_labels(run: Trained, address: str) -> None:
    import keras
    import numpy as np

    name = quote(name_of(run, "train"), safe="")
    config = get(f"{address}/plugin/projector/info?run={name}", until=lambda answer: bool(answer.get("embeddings")))
    shown = [embedding["tensorName"] for embedding in config["embeddings"]]
    assert shown == ["words after epoch 1", "words after epoch 2"]
    which = f"run={name}&name={quote(shown[-1])}"
    assert get(f"{address}/plugin/projector/metadata?{which}").decode().split() == WORDS
    table = np.frombuffer(get(f"{address}/plugin/projector/tensor?{which}"), dtype="float32").reshape(6, 3)
    model = keras.saving.load_model(run.directory / "model.keras")
    np.testing.assert_allclose(table, model.get_layer("words").get_weights()[0], rtol=1e-6)


def test_the_server_has_the_graph_of_layers(run: Trained, address: str) -> None:
    name = quote(name_of(run, "train"), safe="")
    graph = get(f"{address}/plugin/graphs/graph?run={name}&tag=keras&conceptual=true").decode()
    for layer in ("Embedding", "Flatten", "Dense"):
        assert f's: "{layer}"' in graph


def test_images_of_the_weights(run: Trained) -> None:
    from tensorboard.util.tensor_util import make_ndarray

    events = read(run.directory / "tensorboard" / "train")
    tags = [tag for tag in events.Tags()["tensors"] if tag.endswith("/image")]
    assert any("words" in tag for tag in tags)
    for tag in tags:
        *_, picture = make_ndarray(events.Tensors(tag)[0].tensor_proto)
        assert picture.startswith(b"\x89PNG")


def test_the_profile_of_a_batch(run: Trained) -> None:
    profiles = list((run.directory / "tensorboard").rglob("*.xplane.pb"))
    assert profiles
    assert all(profile.stat().st_size > 0 for profile in profiles)


def test_labels_by_layer_are_copied_into_the_run(workplace: Workplace) -> None:
    """The path is relative to the config, and the run directory can be moved."""
    (workplace.folder / "words.tsv").write_text("word\trank\n" + "".join(f"{word}\t{len(word)}\n" for word in WORDS))
    run = embedded(workplace, embeddings_metadata={"words": "words.tsv"})
    config = (run.directory / "tensorboard" / "train" / "projector_config.pbtxt").read_text()
    assert 'metadata_path: "embeddings/words-labels.tsv"' in config
    assert str(workplace.folder) not in config
    copied = run.directory / "tensorboard" / "train" / "embeddings" / "words-labels.tsv"
    assert copied.read_text() == (workplace.folder / "words.tsv").read_text()
    assert (
        f'words: "{workplace.folder / "words.tsv"}"'.replace('"', "") in (run.directory / "resolved.yaml").read_text()
    )


@pytest.mark.parametrize(
    ("labels", "metadata", "said"),
    [
        ("the\na\n", "words.tsv", "has 2 lines, but words has 6 rows"),
        ("\n".join(WORDS), {"word": "words.tsv"}, "names the layer 'word'"),
    ],
    ids=["too few", "no such layer"],
)
def test_labels_that_do_not_fit_are_an_error(workplace: Workplace, labels: str, metadata: Any, said: str) -> None:
    (workplace.folder / "words.tsv").write_text(labels)
    run = embedded(workplace, embeddings_metadata=metadata, exit_code=5)
    assert said in " ".join(run.stderr.split())
    assert run.history == []


def test_a_missing_file_of_labels_is_found_before_anything_else(workplace: Workplace) -> None:
    config = workplace.write(
        callbacks=[{"TensorBoard": {"embeddings_freq": 1, "embeddings_metadata": {"words": "gone.tsv"}}}]
    )
    ended = workplace.call("validate", str(config))
    assert ended.exit_code == 3
    assert "error[missing-file]" in ended.stderr
    assert "gone.tsv" in ended.stderr
