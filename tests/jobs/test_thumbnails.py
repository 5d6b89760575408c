import base64
import io

import numpy as np
import pytest
from PIL import Image

from trainctl.jobs.thumbnails import data_urls, thumbnails


@pytest.mark.parametrize("shape", [(2, 8, 8, 1), (1, 300, 20, 3), (1, 4, 4, 4)])
def test_images_go_there_and_back(shape: tuple[int, ...]) -> None:
    made = thumbnails(np.random.default_rng(1).normal(size=shape))
    assert len(data_urls(made)) == shape[0]
    image = Image.open(io.BytesIO(base64.b64decode(made[0])))
    assert max(image.size) <= 96


def test_a_flat_image_and_nan() -> None:
    assert len(thumbnails(np.full((1, 2, 2, 1), np.nan))) == 1


def large(kind: str, side: int) -> str:
    written = io.BytesIO()
    Image.new("RGB", (side, side)).save(written, kind)
    return base64.b64encode(written.getvalue()).decode()


@pytest.mark.parametrize(
    "text", ["not base64!", "AAAA", large("PNG", 97), large("GIF", 8), large("PNG", 8)[:40], "A" * 99_999]
)
def test_what_is_no_small_png_is_not_shown(text: str) -> None:
    assert data_urls([text]) == []
