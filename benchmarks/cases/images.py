"""What images.yaml does, as one writes it by hand.

    python benchmarks/cases/images.py images DATA FOLDER

Writes the model into FOLDER, and the metrics of the last epoch as JSON into metrics.json there.
"""

import json
import sys
from pathlib import Path

import keras

data, folder = Path(sys.argv[2]), Path(sys.argv[3])
keras.utils.set_random_seed(42)

learned, held_out = keras.utils.image_dataset_from_directory(
    data / "images", image_size=(64, 64), batch_size=32, validation_split=0.2, subset="both", seed=42
)
model = keras.Sequential(
    [
        keras.Input((64, 64, 3)),
        keras.layers.Rescaling(1 / 255),
        keras.layers.Conv2D(8, 3, strides=2, activation="relu"),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(2, activation="softmax"),
    ]
)
model.compile(keras.optimizers.Adam(1e-2), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(learned.prefetch(4), validation_data=held_out.prefetch(4), epochs=4).history
model.save(folder / "model.keras")
(folder / "metrics.json").write_text(json.dumps({name: values[-1] for name, values in history.items()}))
