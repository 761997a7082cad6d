"""Pictures in rows and columns."""

from PIL import Image


def sheet(rows, tile, gap=4):
    """PIL images, None for an empty place, each fitted into a tile x tile square."""
    columns = max(len(row) for row in rows)
    step = tile + gap
    page = Image.new("RGB", (columns * step - gap, len(rows) * step - gap), "white")
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            if picture is not None:
                page.paste(picture.resize((tile, tile), Image.LANCZOS), (x * step, y * step))
    return page
