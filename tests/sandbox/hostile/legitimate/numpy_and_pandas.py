"""Arithmetic and tables.

ends: succeeded
says: ["45"]
in: [cold, warm, gvisor]
request: {limits: {memory_mb: 768}}
"""

import numpy as np
import pandas as pd

print(pd.DataFrame({"a": np.arange(10)}).a.sum())
