"""Gives matplotlib the font list made when the image was built, so the first plot need not look for fonts.

matplotlib wants a writable cache folder, and the image is read-only, so the folder ($MPLCONFIGDIR) is made at
start and points back into the image. Loaded by byteme.pth at every start of Python: keep it tiny.
"""

import os

FONT_LISTS = "/opt/venv/share/matplotlib-cache"


def seed() -> None:
    """Make $MPLCONFIGDIR and link the font lists into it, unless it exists already."""
    folder = os.environ.get("MPLCONFIGDIR")
    if not folder or os.path.isdir(folder) or not os.path.isdir(FONT_LISTS):
        return
    try:
        os.makedirs(folder, mode=0o700)
        for name in os.listdir(FONT_LISTS):
            os.symlink(os.path.join(FONT_LISTS, name), os.path.join(folder, name))
    except OSError:
        pass  # a slower first plot is all that is lost


seed()
