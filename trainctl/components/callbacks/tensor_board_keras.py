"""TensorBoard whose embeddings its projector can show."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainctl.aliases import Logs, Value
from trainctl.backend import keras
from trainctl.components.callbacks.shared.logs_keras import recorded
from trainctl.text import nearest, one_of


class ProjectingTensorBoard(keras.callbacks.TensorBoard):
    """Keras's TensorBoard, with embeddings that its projector reads.

    Keras 3 saves embeddings as `.weights.h5` but points the projector at a checkpoint of TensorFlow's, which is not there.
    Here each copy is a table of its own, in the folder `train`, where TensorBoard finds it whichever folder it is started on.

    Args:
        embeddings_metadata: The file with a label for each row of the embeddings, or one for each embedding layer's name.
        **arguments: The other ones of Keras's TensorBoard.
    """

    def __init__(self, embeddings_metadata: str | Mapping[str, str] | None = None, **arguments: Value) -> None:
        super().__init__(**arguments)
        self._labels = embeddings_metadata
        self._copies: list[Any] = []  # (name, table, labels)

    def on_train_end(self, logs: Logs = None) -> None:
        """Close; where training was cut short, a writer may be active that Keras's takes away elsewhere only.

        It would get what others in this process write, for as long as that lives.
        """
        while len(self._prev_summary_state) > 1:
            self._pop_writer()
        super().on_train_end(logs)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Write the numbers; TensorFlow refuses all else."""
        super().on_epoch_end(epoch, recorded(logs or {}))

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Write the numbers."""
        super().on_train_batch_end(batch, recorded(logs or {}))

    def on_test_end(self, logs: Logs = None) -> None:
        """Write the numbers."""
        super().on_test_end(recorded(logs or {}))

    def state_dict(self) -> dict[str, Value]:
        """Where its counts are; all it holds back is written first, so that its files are as long as they say."""
        for writer in self._writers.values():
            writer.flush()
        counts = {name: getattr(self, name) for name in ("_global_train_batch", "_global_test_batch")}
        return {**counts, "_copies": self._copies}

    def load_state_dict(self, state: Mapping[str, Value]) -> None:
        """Count on; whether a number is written depends on the count with which Keras opened its writer."""
        for name, value in state.items():
            setattr(self, name, value)
        self._pop_writer()
        self._push_writer(self._train_writer, self._global_train_batch)

    def _configure_embeddings(self) -> None:
        """Keras's hook in `set_model`: the files of labels are copied beside the tables, under their layers' names."""
        self._embeddings = [layer for layer in self._model.layers if isinstance(layer, keras.layers.Embedding)]
        names = [layer.name for layer in self._embeddings]
        files = self._labels or {}
        if isinstance(files, str):
            files = dict.fromkeys(names, files)
        for name, file in files.items():
            if name not in names:
                close = nearest(name, names)
                has = f"it has {one_of(names, 'and')}" if names else "it has none"
                raise ValueError(
                    f"embeddings_metadata names the layer '{name}', but the model has no Embedding of that name; "
                    + (f"did you mean '{close}'?" if close else has)
                )
            self._check_rows(file, self._embeddings[names.index(name)])
            shutil.copyfile(file, self._folder() / f"{name}-labels.tsv")
        self._labeled = set(files)

    def _check_rows(self, file: str, layer: keras.Layer) -> None:
        """TensorBoard shows labels beside the wrong rows where there are too few or too many, and says nothing."""
        lines = Path(file).read_text(encoding="utf-8").splitlines()
        with_header = "\t" in lines[0] if lines else False
        if len(lines) - with_header != layer.input_dim:
            header = " below the header" if with_header else ""
            raise ValueError(
                f"embeddings_metadata: {file} has {len(lines) - with_header} lines{header}, but {layer.name} has "
                f"{layer.input_dim} rows"
            )

    def _log_embeddings(self, epoch: int) -> None:
        """Keras's hook at the end of an epoch: a table for each embedding, and the projector's list of them."""
        from google.protobuf import text_format
        from tensorboard.plugins import projector

        for layer in self._embeddings:
            table = f"{layer.name}-{epoch + 1}.tsv"
            rows = keras.ops.convert_to_numpy(layer.embeddings)
            text = "\n".join("\t".join(f"{value:.7g}" for value in row) for row in rows)
            (self._folder() / table).write_text(f"{text}\n", encoding="utf-8")
            labels = f"embeddings/{layer.name}-labels.tsv" if layer.name in self._labeled else None
            self._copies.append((f"{layer.name} after epoch {epoch + 1}", f"embeddings/{table}", labels))
        config = projector.ProjectorConfig()
        for name, table, labels in self._copies:
            config.embeddings.add(tensor_name=name, tensor_path=table, metadata_path=labels)
        Path(self._train_dir, "projector_config.pbtxt").write_text(
            text_format.MessageToString(config), encoding="utf-8"
        )

    def _folder(self) -> Path:
        folder = Path(self._train_dir, "embeddings")
        folder.mkdir(parents=True, exist_ok=True)
        return folder
