"""A small convolutional network for images: augmentation, one-cycle learning rate, progress bar, confusion matrix.

The images are real and come with scikit-learn: 1797 handwritten digits, eight by eight pixels.
"""

import argparse
import json
import os
from pathlib import Path

import byteme
import matplotlib.pyplot as plt
import torch
from sklearn.datasets import load_digits
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import train_test_split
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

OUTPUT = Path(os.environ.get("BYTEME_OUTPUT_DIR", "outputs"))
OUTPUT.mkdir(parents=True, exist_ok=True)
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


class Digits(Dataset):
    """Images as 1x8x8 tensors between 0 and 1. With `augment`, each is shifted by up to a pixel whenever it is read."""

    def __init__(self, images: Tensor, labels: Tensor, augment: bool = False) -> None:
        self.images, self.labels, self.augment = images, labels, augment

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        image = self.images[index]
        if self.augment:
            top, left = torch.randint(0, 3, (2,)).tolist()
            image = F.pad(image, (1, 1, 1, 1))[:, top : top + 8, left : left + 8]
        return image, self.labels[index]


class Net(nn.Module):
    """Two blocks of convolutions, each halving the image, then a linear layer."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.blocks = nn.Sequential(block(1, width), block(width, 2 * width))
        self.classify = nn.Linear(2 * width * 2 * 2, 10)

    def forward(self, images: Tensor) -> Tensor:
        return self.classify(self.blocks(images).flatten(1))


def block(inputs: int, outputs: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
        nn.MaxPool2d(2),
    )


def load_data(seed: int) -> tuple[Digits, Digits]:
    """Training set (augmented) and test set."""
    data = load_digits()
    images = torch.tensor(data.images, dtype=torch.float32).unsqueeze(1) / 16
    labels = torch.tensor(data.target)
    train, test = train_test_split(range(len(images)), test_size=0.25, stratify=data.target, random_state=seed)
    return Digits(images[train], labels[train], augment=True), Digits(images[test], labels[test])


@torch.no_grad()
def predict(model: nn.Module, data: Digits) -> Tensor:
    model.eval()
    return torch.cat([model(images.to(DEVICE)).argmax(1).cpu() for images, _ in DataLoader(data, batch_size=256)])


def plot(data: Digits, predicted: Tensor) -> None:
    figure, (left, right) = plt.subplots(1, 2, figsize=(12, 5))
    ConfusionMatrixDisplay.from_predictions(data.labels, predicted, ax=left, colorbar=False)
    left.set_title("Confusion matrix")
    wrong = (predicted != data.labels).nonzero().flatten()[:10]
    shown = torch.cat([wrong, torch.arange(10)])[:10]  # mistakes first: they teach the most
    tiles = torch.cat([F.pad(data.images[i, 0], (1, 1, 1, 1), value=0.3) for i in shown], dim=1)
    right.imshow(torch.cat(tiles.chunk(2, dim=1), dim=0), cmap="gray_r")
    names = [str(predicted[i].item()) for i in shown]
    right.set_title("Predicted: " + " ".join(names[:5]) + " / " + " ".join(names[5:]))
    right.axis("off")
    figure.savefig(OUTPUT / "confusion.png", bbox_inches="tight")
    plt.show()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    train, test = load_data(args.seed)
    batches = DataLoader(train, batch_size=args.batch_size, shuffle=True)
    model = Net().to(DEVICE)
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=args.lr, epochs=args.epochs, steps_per_epoch=len(batches)
    )
    print(f"{sum(p.numel() for p in model.parameters())} parameters, {len(train)} training images, on {DEVICE}")

    accuracy = 0.0
    for epoch in range(1, args.epochs + 1):
        model.train()
        total = 0.0
        for images, labels in tqdm(batches, desc=f"epoch {epoch}", leave=False):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(images.to(DEVICE)), labels.to(DEVICE))
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(images)
        accuracy = (predict(model, test) == test.labels).float().mean().item()
        byteme.log(step=epoch, train_loss=total / len(train), accuracy=accuracy, lr=schedule.get_last_lr()[0])
        print(f"epoch {epoch:3d}  loss {total / len(train):.4f}  accuracy {accuracy:.3f}", flush=True)

    plot(test, predict(model, test))
    torch.save(model.state_dict(), OUTPUT / "model.pt")
    (OUTPUT / "metrics.json").write_text(json.dumps({"epochs": args.epochs, "test_accuracy": accuracy}, indent=2))
    print(f"\nAccuracy {accuracy:.3f} on {len(test)} images it was not trained on.")
    print("Wrote model.pt, metrics.json and confusion.png.")


if __name__ == "__main__":
    main()
