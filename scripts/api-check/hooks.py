"""Supplies data that Schemathesis cannot generate from the document: images and existing styles."""

import json
import struct
import zlib
from datetime import datetime, timezone

import schemathesis
from hypothesis import strategies as st


def png(width: int, height: int) -> bytes:
    """A PNG with a gradient in RGB."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (
        b"\0" + b"".join(bytes((x * 5 % 256, y * 5 % 256, 128)) for x in range(width))
        for y in range(height)
    )
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"".join(rows)))
        + chunk(b"IEND", b"")
    )


IMAGES = [png(16, 16), png(48, 32), png(33, 64)]
BLENDS = [
    [{"id": "starry-night"}],
    [{"id": "starry-night", "weight": 0.7}, {"id": "great-wave", "weight": 0.3}],
]

schemathesis.openapi.format("binary", st.sampled_from(IMAGES))
schemathesis.openapi.format("weighted-styles", st.sampled_from(BLENDS).map(json.dumps))


@schemathesis.hook
def filter_case(context, case) -> bool:
    """Drops what breaks the document on paper alone.

    - Both ways to name a style break the body's `oneOf`, which the coverage phase overlooks.
    - An image and its URL break the body's `oneOf` in the same way.
    - A form is text: the name `false` arrives as the word, which is a good name.
    - A key that expires in the past is refused, which no schema says.
    - The JSON parser refuses `__proto__` and `constructor.prototype`, also in objects that allow further fields.
    """
    if "__proto__" in repr(case.body) or "constructor" in repr(case.body):
        return False
    body = case.body if isinstance(case.body, dict) else {}
    return (
        not {"style", "styles"} <= body.keys()
        and not {"image", "imageUrl"} <= body.keys()
        and isinstance(body.get("name", ""), str)
        and not is_past(body.get("expiresAt"))
    )


@schemathesis.hook
def before_add_examples(context, examples) -> None:
    """An example takes every field: of an image and its URL it keeps the image."""
    for example in examples:
        if isinstance(example.body, dict) and "image" in example.body:
            example.body.pop("imageUrl", None)


def is_past(time) -> bool:
    try:
        return datetime.fromisoformat(time) <= datetime.now(timezone.utc)
    except (TypeError, ValueError):
        return False
