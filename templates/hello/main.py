"""A first look: what you print appears at once, numbers become curves, figures are shown, files can be downloaded."""

import math
import os
import platform
import time
from pathlib import Path

import byteme
import matplotlib.pyplot as plt

# Everything in this folder can be downloaded when the run is over, however it ends.
OUTPUT = Path(os.environ.get("BYTEME_OUTPUT_DIR", "outputs"))
OUTPUT.mkdir(parents=True, exist_ok=True)

STEPS = 20

print(f"Hello from Python {platform.python_version()} on {platform.system()}, with {os.cpu_count()} CPUs in sight.")

curve = []
for step in range(STEPS):
    value = math.exp(-step / 6) * math.cos(step / 2)
    curve.append(value)
    byteme.log(step=step, wave=value)  # a point on the "wave" chart
    print(f"step {step:2d}  {value:+.3f}  " + "*" * round(20 * (1 + value)))
    time.sleep(0.05)  # only so that you can watch it happen

# plt.show() sends the figure to your browser; saving it as well makes it a file of this run.
plt.plot(curve, marker="o")
plt.title("A fading wave")
plt.xlabel("step")
plt.savefig(OUTPUT / "wave.png")
plt.show()

(OUTPUT / "hello.txt").write_text(f"The wave had {STEPS} steps and ended at {curve[-1]:+.3f}.\n")
print("Wrote hello.txt and wave.png.")
