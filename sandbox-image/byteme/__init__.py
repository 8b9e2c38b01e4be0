"""What a program can tell ByteMe while it runs: metrics and things to look at.

    import byteme

    byteme.log(step=epoch, loss=loss, accuracy=accuracy)
    byteme.display(figure)

Outside a sandbox both check their arguments and then do nothing, so the same program runs on a laptop unchanged.
"""

from byteme.displays import display
from byteme.metrics import log

__all__ = ["display", "log"]
