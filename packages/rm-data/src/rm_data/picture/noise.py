"""What a picture suffers on its way: blur, grain, a JPEG."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageFilter

from rm_data.picture.shapes import Noise


def noisy(image: Image.Image, noise: Noise) -> Image.Image:
    """The image after blur, grain and JPEG, in this order; itself where there is none."""
    if noise.none:
        return image
    if noise.blur:
        image = image.filter(ImageFilter.GaussianBlur(noise.blur))
    if noise.grain:
        image = _grained(image, noise)
    if noise.jpeg is None:
        return image
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=noise.jpeg)
    with Image.open(buffer) as read:
        return read.convert("RGB")


def _grained(image: Image.Image, noise: Noise) -> Image.Image:
    rng = np.random.Generator(np.random.PCG64(noise.seed & (2**63 - 1)))
    pixels = np.asarray(image, dtype=np.float32)
    grain = rng.standard_normal(pixels.shape[:2], dtype=np.float32) * noise.grain
    return Image.fromarray(np.clip(pixels + grain[:, :, None], 0, 255).astype(np.uint8))
