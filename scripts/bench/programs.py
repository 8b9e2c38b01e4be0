"""What is run, and what it must say."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Program:
    """`expected` is all of its standard output; its exit code must be 0."""

    name: str
    code: str
    expected: bytes

    def check(self, output: bytes, exit_code: int | None) -> None:
        """Raises AssertionError when a side did not run it right."""
        assert (output, exit_code) == (self.expected, 0), f"{self.name}: exit code {exit_code}, output {output!r:.300}"


HELLO = Program("hello", "print('hello')\n", b"hello\n")
TORCH = Program("import torch", "import torch\nprint(torch.ones(3).sum().item())\n", b"3.0\n")
LIBRARIES = Program(
    "import torch, pandas, sklearn",
    "import torch, pandas, sklearn\nprint(torch.ones(3).sum().item())\n",
    b"3.0\n",
)
TRAINING = Program(
    "a small training",
    """\
import torch
from torch import nn

torch.manual_seed(1)
x = torch.linspace(-1, 1, 512).unsqueeze(1)
y = x**3
model = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
print("begin")
for _ in range(300):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
print("trained" if loss.item() < 0.01 else f"loss {loss.item()}")
""",
    b"begin\ntrained\n",
)
# What a pool goes by is there to be read, and costs nothing.
LIKE_LIBRARIES = Program("like those", "if not __name__:\n    import torch, pandas, sklearn\n", b"")
ALL = (HELLO, TORCH, LIBRARIES, TRAINING)


def file_name(program: Program) -> str:
    """Its file in the folder that plain Docker's containers see."""
    return "-".join(program.name.replace(",", "").split()) + ".py"


def write(folder: Path, programs: Sequence[Program] = ALL) -> None:
    for program in programs:
        (folder / file_name(program)).write_text(program.code)
