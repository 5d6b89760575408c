"""Data of MNIST's shape, made without the network: scikit-learn's digits, enlarged, moved about, and with noise.

python benchmarks/mnist_like.py OUT.npz
"""

import sys

import numpy as np
from sklearn.datasets import load_digits

SAMPLES, TEST, SIDE = 60_000, 10_000, 28

random = np.random.default_rng(0)
small, digits = load_digits(return_X_y=True)
large = np.kron(small.reshape(-1, 8, 8), np.ones((3, 3))) * (255 / 16)  # 24 x 24
chosen = random.integers(len(digits), size=SAMPLES + TEST)
images = np.zeros((SAMPLES + TEST, SIDE, SIDE))
for image, which, (down, right) in zip(
    images, chosen, random.integers(SIDE - 24, size=(SAMPLES + TEST, 2)), strict=True
):
    image[down : down + 24, right : right + 24] = large[which]
images += random.normal(scale=60, size=images.shape)
x = np.clip(images, 0, 255).astype(np.uint8)[..., np.newaxis]
y = digits[chosen].astype(np.int64)
np.savez(sys.argv[1], x_train=x[:SAMPLES], y_train=y[:SAMPLES], x_test=x[SAMPLES:], y_test=y[SAMPLES:])
