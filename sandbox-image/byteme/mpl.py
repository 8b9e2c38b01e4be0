"""Matplotlib backend (``MPLBACKEND=module://byteme.mpl``): draws with Agg, `show` sends figures to the browser."""

from typing import Any

from matplotlib._pylab_helpers import Gcf
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

from byteme.displays import display


class FigureManager(FigureManagerBase):
    """Shows a figure by sending it."""

    def show(self) -> None:
        """Send this figure; it stays open."""
        display(self.canvas.figure)

    @classmethod
    def pyplot_show(cls, *, block: bool | None = None) -> None:
        """Send every open figure in order of creation, then close it."""
        for manager in sorted(Gcf.get_all_fig_managers(), key=_number):
            manager.show()
            Gcf.destroy(manager)


class FigureCanvas(FigureCanvasAgg):
    """An Agg canvas whose figures know how to be shown."""

    manager_class = FigureManager


def _number(manager: Any) -> int:
    return int(manager.num)
