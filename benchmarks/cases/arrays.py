"""What mlp, mlp_callbacks, cnn, dense and lstm.yaml do, as one writes it by hand.

    python benchmarks/cases/arrays.py CASE DATA FOLDER

Writes the model into FOLDER, and the metrics of the last epoch as JSON into metrics.json there.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np
from keras import layers

case, data, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
keras.utils.set_random_seed(42)

with np.load(data / ("sequences.npz" if case == "lstm" else "digits.npz")) as arrays:
    x, y = arrays["x"], arrays["y"]

mlp = [layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(128, "relu"), layers.Dropout(0.2)]
convolutions = [
    layers.Rescaling(1 / 255),
    layers.Conv2D(16, 3, activation="relu"),
    layers.MaxPooling2D(),
    layers.Conv2D(32, 3, activation="relu"),
    layers.MaxPooling2D(),
    layers.Flatten(),
]
dense = [layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(2800, "relu"), layers.Dense(2800, "relu")]
body = {"mlp": mlp, "mlp_callbacks": mlp, "cnn": convolutions, "dense": dense, "lstm": [layers.LSTM(32)]}[case]
epochs = {"mlp": 10, "mlp_callbacks": 10, "cnn": 3, "dense": 2, "lstm": 5}[case]

model = keras.Sequential(
    [keras.Input(x.shape[1:]), *body, layers.Dense(2 if case == "lstm" else 10, activation="softmax")]
)
model.compile(keras.optimizers.Adam(1e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])

callbacks = []
if case == "mlp_callbacks":
    callbacks = [
        keras.callbacks.TensorBoard(folder / "tensorboard", histogram_freq=1),
        keras.callbacks.EarlyStopping(monitor="val_loss", patience=10, restore_best_weights=True),
        keras.callbacks.ModelCheckpoint(folder / "best_model.keras", monitor="val_loss", save_best_only=True),
    ]
history = model.fit(x, y, batch_size=64, epochs=epochs, validation_split=0.2, callbacks=callbacks).history
model.save(folder / "model.keras")
(folder / "metrics.json").write_text(json.dumps({name: values[-1] for name, values in history.items()}))
