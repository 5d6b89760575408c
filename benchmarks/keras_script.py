"""What configs/mnist.yaml does, written by hand: the measure for train_mlp.py.

    python benchmarks/keras_script.py DATA.npz FOLDER [--callbacks]

Writes the model, and into fit_seconds.txt how long an epoch took, into a new folder in FOLDER.
"""

import sys
import tempfile
from pathlib import Path
from time import perf_counter

import keras
import numpy as np

data, folder = sys.argv[1], Path(tempfile.mkdtemp(dir=sys.argv[2]))
keras.utils.set_random_seed(42)

with np.load(data) as arrays:
    x_train, y_train = arrays["x_train"], arrays["y_train"]
    x_test, y_test = arrays["x_test"], arrays["y_test"]

model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        keras.layers.Rescaling(1 / 255),
        keras.layers.Flatten(),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dropout(0.2),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile(keras.optimizers.Adam(1e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])

callbacks = []
if "--callbacks" in sys.argv:
    callbacks = [
        keras.callbacks.TensorBoard(folder / "tensorboard", histogram_freq=1),
        keras.callbacks.EarlyStopping(monitor="val_loss", patience=3, restore_best_weights=True),
        keras.callbacks.ModelCheckpoint(folder / "best_model.keras", monitor="val_loss", save_best_only=True),
    ]

start = perf_counter()
history = model.fit(
    x_train, y_train, batch_size=64, epochs=10, validation_split=0.2, callbacks=callbacks, verbose=1
).history
fitted = perf_counter() - start
print(model.evaluate(x_test, y_test, batch_size=64, verbose=1))
model.save(folder / "model.keras")
(folder / "fit_seconds.txt").write_text(f"{fitted / len(history['loss'])}")
