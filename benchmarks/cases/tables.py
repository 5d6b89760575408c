"""What titanic.yaml and table.yaml do, as one writes it by hand with pandas.

    python benchmarks/cases/tables.py CASE DATA FOLDER

Numbers are brought to mean 0 and variance 1, a missing one becomes the mean, categories become 0/1 features; a tenth of the
rows validates. Writes the model into FOLDER, and the metrics of the last epoch as JSON into metrics.json there.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np
import pandas as pd

case, data, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
keras.utils.set_random_seed(42)

frame = pd.read_csv(data / f"{case}.csv")
y = frame.pop("y").to_numpy()
order = np.random.default_rng(42).permutation(len(frame))
held_out, learned = order[: len(order) // 10], order[len(order) // 10 :]

numbers = frame.select_dtypes("number")
mean, deviation = numbers.iloc[learned].mean(), numbers.iloc[learned].std()
scaled = ((numbers - mean) / deviation).fillna(0)
categories = pd.get_dummies(frame.drop(columns=numbers.columns), dtype="float32")
x = np.concatenate([scaled.to_numpy("float32"), categories.to_numpy("float32")], axis=1)

model = keras.Sequential(
    [
        keras.Input((x.shape[1],)),
        keras.layers.Dense(32, activation="relu"),
        keras.layers.Dense(2, activation="softmax"),
    ]
)
model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
size, epochs = (256, 2) if case == "table" else (32, 30)
validation = x[held_out], y[held_out]
history = model.fit(x[learned], y[learned], batch_size=size, epochs=epochs, validation_data=validation).history
model.save(folder / "model.keras")
(folder / "metrics.json").write_text(json.dumps({name: values[-1] for name, values in history.items()}))
