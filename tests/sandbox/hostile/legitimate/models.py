"""Training by several processes, a model file, a picture.

ends: succeeded
says: ["samples 200", "499500"]
artifacts: [model.pt, picture.png]
request: {limits: {memory_mb: 1024, pids: 128}}
"""

import matplotlib.pyplot as plt
import torch
from torch.utils.data import DataLoader, TensorDataset

if __name__ == "__main__":
    data = TensorDataset(torch.randn(200, 3, 32, 32))
    print("samples", sum(len(batch[0]) for batch in DataLoader(data, batch_size=50, num_workers=2)))
    torch.save(torch.arange(1000), "outputs/model.pt")
    print(torch.load("outputs/model.pt").sum().item())
    plt.plot([1, 2, 3])
    plt.savefig("outputs/picture.png")
