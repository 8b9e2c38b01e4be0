"""A multi-layer perceptron trained with a plain PyTorch loop: validation, early stopping, the best weights kept.

The problem is two interleaved half moons, which no straight line can separate.
"""

import argparse
import json
import os
from pathlib import Path

import byteme
import matplotlib.pyplot as plt
import torch
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

OUTPUT = Path(os.environ.get("BYTEME_OUTPUT_DIR", "outputs"))
OUTPUT.mkdir(parents=True, exist_ok=True)
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def make_model(hidden: int) -> nn.Module:
    return nn.Sequential(
        nn.Linear(2, hidden),
        nn.ReLU(),
        nn.Linear(hidden, hidden),
        nn.ReLU(),
        nn.Linear(hidden, 2),  # one score for each class; the loss turns them into probabilities
    )


def load_moons(samples: int, seed: int) -> list[tuple[Tensor, Tensor]]:
    """Training, validation and test sets as (points, classes)."""
    x, y = make_moons(samples, noise=0.2, random_state=seed)
    x_train, x_rest, y_train, y_rest = train_test_split(x, y, test_size=0.4, random_state=seed)
    x_valid, x_test, y_valid, y_test = train_test_split(x_rest, y_rest, test_size=0.5, random_state=seed)
    return [
        (torch.tensor(points, dtype=torch.float32, device=DEVICE), torch.tensor(classes, device=DEVICE))
        for points, classes in ((x_train, y_train), (x_valid, y_valid), (x_test, y_test))
    ]


def train_one_epoch(
    model: nn.Module, batches: DataLoader, loss_of: nn.Module, optimizer: torch.optim.Optimizer
) -> float:
    """One pass over the data; the mean loss."""
    model.train()
    total = 0.0
    for x, y in batches:
        optimizer.zero_grad()
        loss = loss_of(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
    return total / len(batches.dataset)


@torch.no_grad()
def evaluate(model: nn.Module, x: Tensor, y: Tensor, loss_of: nn.Module) -> tuple[float, float]:
    """Loss and accuracy."""
    model.eval()
    scores = model(x)
    return loss_of(scores, y).item(), (scores.argmax(1) == y).float().mean().item()


@torch.no_grad()
def plot_boundary(model: nn.Module, x: Tensor, y: Tensor) -> None:
    low, high = x.min(0).values - 0.4, x.max(0).values + 0.4
    across, up = torch.meshgrid(
        torch.linspace(low[0], high[0], 200), torch.linspace(low[1], high[1], 200), indexing="xy"
    )
    grid = torch.stack([across.flatten(), up.flatten()], 1).to(DEVICE)
    probability = model(grid).softmax(1)[:, 1].reshape(across.shape).cpu()
    plt.contourf(across, up, probability, levels=20, cmap="RdBu_r", alpha=0.6)
    plt.scatter(*x.T.cpu(), c=y.cpu(), s=8, cmap="RdBu_r", edgecolors="k", linewidths=0.2)
    plt.title("Probability of the second moon")
    plt.savefig(OUTPUT / "boundary.png")
    plt.show()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--hidden", type=int, default=32)
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--patience", type=int, default=12, help="stop after so many epochs without improvement")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    train, valid, test = load_moons(2000, args.seed)
    batches = DataLoader(TensorDataset(*train), batch_size=64, shuffle=True)
    model = make_model(args.hidden).to(DEVICE)
    loss_of = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr)
    print(f"{sum(p.numel() for p in model.parameters())} parameters, {len(train[0])} training points, on {DEVICE}")

    best_loss, best_epoch = float("inf"), 0
    for epoch in range(1, args.epochs + 1):
        train_loss = train_one_epoch(model, batches, loss_of, optimizer)
        valid_loss, accuracy = evaluate(model, *valid, loss_of)
        byteme.log(step=epoch, train_loss=train_loss, valid_loss=valid_loss, valid_accuracy=accuracy)
        print(f"epoch {epoch:3d}  train {train_loss:.4f}  valid {valid_loss:.4f}  accuracy {accuracy:.3f}", flush=True)
        if valid_loss < best_loss:
            best_loss, best_epoch = valid_loss, epoch
            torch.save(model.state_dict(), OUTPUT / "model.pt")  # there to download even if the run is cancelled
        elif epoch - best_epoch >= args.patience:
            print(f"no improvement for {args.patience} epochs: stopping")
            break

    model.load_state_dict(torch.load(OUTPUT / "model.pt", weights_only=True))
    _, accuracy = evaluate(model, *test, loss_of)
    print(f"\nBest epoch {best_epoch}; on the test set accuracy {accuracy:.3f}")
    plot_boundary(model, *test)
    report = {"best_epoch": best_epoch, "valid_loss": best_loss, "test_accuracy": accuracy, "hidden": args.hidden}
    (OUTPUT / "metrics.json").write_text(json.dumps(report, indent=2))
    print("Wrote model.pt, metrics.json and boundary.png.")


if __name__ == "__main__":
    main()
