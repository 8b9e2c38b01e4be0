"""Clustering: how many groups are there, which rows belong together, and what makes each group different?

The data are real and come with scikit-learn: chemical analyses of 178 wines. Their growers are known, but only used
at the very end, to see whether the groups found without them mean anything.
"""

import argparse
import json
import os
from pathlib import Path

import byteme
import joblib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.datasets import load_wine
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score, silhouette_samples, silhouette_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

OUTPUT = Path(os.environ.get("BYTEME_OUTPUT_DIR", "outputs"))
OUTPUT.mkdir(parents=True, exist_ok=True)


def choose_k(scaled: np.ndarray, largest: int, seed: int) -> dict[int, float]:
    """The mean silhouette (1: tight and apart, 0: on a border) for each number of clusters."""
    scores = {}
    for k in range(2, largest + 1):
        labels = KMeans(k, n_init=10, random_state=seed).fit_predict(scaled)
        scores[k] = float(silhouette_score(scaled, labels))
        byteme.log(step=k, silhouette=scores[k])
        print(f"k = {k}  silhouette {scores[k]:.3f}  sizes {np.bincount(labels).tolist()}", flush=True)
    return scores


def plot(scaled: np.ndarray, labels: np.ndarray, scores: dict[int, float]) -> None:
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(15, 4.5))
    left.plot(list(scores), list(scores.values()), marker="o")
    left.set(xlabel="number of clusters", ylabel="mean silhouette", title="How many?")

    pca = PCA(2)
    flat = pca.fit_transform(scaled)
    middle.scatter(*flat.T, c=labels, cmap="tab10", vmin=0, vmax=9, s=20)
    middle.set_title(f"The two main directions ({pca.explained_variance_ratio_.sum():.0%} of the variance)")

    bottom = 0
    widths = silhouette_samples(scaled, labels)
    for label in np.unique(labels):
        own = np.sort(widths[labels == label])
        right.barh(range(bottom, bottom + len(own)), own, height=1, color=plt.cm.tab10(int(label)))
        bottom += len(own) + 4
    right.axvline(widths.mean(), color="grey", linestyle="--")
    right.set(xlabel="silhouette", yticks=[], title="Each row: left of zero is misplaced")
    figure.tight_layout()
    figure.savefig(OUTPUT / "clusters.png")
    plt.show()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--max-clusters", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    wine = load_wine(as_frame=True)
    table = wine.data
    # Distances only mean something once all columns have the same scale.
    scaled = StandardScaler().fit_transform(table)
    print(f"{len(table)} wines, {table.shape[1]} measurements each\n")

    scores = choose_k(scaled, args.max_clusters, args.seed)
    k = max(scores, key=scores.__getitem__)
    model = make_pipeline(StandardScaler(), KMeans(k, n_init=10, random_state=args.seed)).fit(table)
    labels = model[-1].labels_
    plot(scaled, labels, scores)

    print(f"\n{k} clusters. What sets each apart (in standard deviations from the mean of all):")
    profile = pd.DataFrame(scaled, columns=table.columns).groupby(labels).mean()
    for label, row in profile.iterrows():
        strongest = row[row.abs().nlargest(3).index]
        print(f"  {label}: " + ", ".join(f"{name} {value:+.1f}" for name, value in strongest.items()))

    agreement = float(adjusted_rand_score(wine.target, labels))
    print(f"\nAgreement with the growers, which the algorithm never saw: {agreement:.2f} (1 is perfect, 0 is chance)")

    joblib.dump(model, OUTPUT / "model.joblib")
    table.assign(cluster=labels).to_csv(OUTPUT / "clusters.csv", index=False)
    report = {"k": k, "silhouette": scores, "adjusted_rand_index": agreement}
    (OUTPUT / "metrics.json").write_text(json.dumps(report, indent=2))
    print("Wrote model.joblib, metrics.json, clusters.csv and clusters.png.")


if __name__ == "__main__":
    main()
