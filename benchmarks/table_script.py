"""What table.py trains, written by hand with pandas: the measure for it.

    python benchmarks/table_script.py DATA.csv FOLDER BATCH_SIZE

Writes the model into FOLDER. Numbers are brought to mean 0 and variance 1, a missing one becomes the mean, categories become
0/1 features; a tenth of the rows validates.
"""

import sys
from pathlib import Path

import keras
import numpy as np
import pandas as pd

path, folder, batch_size = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
keras.utils.set_random_seed(42)

frame = pd.read_csv(path)
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
validation = x[held_out], y[held_out]
model.fit(x[learned], y[learned], batch_size=batch_size, epochs=2, validation_data=validation)
model.save(folder / "model.keras")
