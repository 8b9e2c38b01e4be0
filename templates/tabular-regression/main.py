"""Regression on a table: search hyperparameters by cross-validation, then look at the errors, not only at their mean.

The data are real and come with scikit-learn: 442 diabetes patients, ten measurements each, and how far the disease had
progressed a year later.
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
from sklearn.datasets import load_diabetes
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

OUTPUT = Path(os.environ.get("BYTEME_OUTPUT_DIR", "outputs"))
OUTPUT.mkdir(parents=True, exist_ok=True)


def searches(folds: int, seed: int) -> dict[str, GridSearchCV]:
    """Each model with the values that are tried for its hyperparameters."""
    ridge = Pipeline([("scale", StandardScaler()), ("products", PolynomialFeatures(2)), ("model", Ridge())])
    boosting = GradientBoostingRegressor(subsample=0.8, random_state=seed)
    grids = {
        "always the mean": (DummyRegressor(), {}),  # what any model must beat
        "ridge on products": (ridge, {"products__degree": [1, 2], "model__alpha": [0.1, 1, 3, 10, 30, 100, 1000]}),
        "gradient boosting": (boosting, {"n_estimators": [50, 100], "max_depth": [2, 3], "learning_rate": [0.05, 0.1]}),
    }
    return {
        name: GridSearchCV(model, grid, cv=folds, scoring="neg_root_mean_squared_error")
        for name, (model, grid) in grids.items()
    }


def plot(actual: pd.Series, predicted: np.ndarray) -> None:
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.5))
    left.scatter(predicted, actual, s=14, alpha=0.7)
    left.axline((150, 150), slope=1, color="grey", linestyle="--")
    left.set(xlabel="predicted", ylabel="actual", title="On the line is right")
    right.hist(actual - predicted, bins=25)
    right.axvline(0, color="grey", linestyle="--")
    right.set(xlabel="actual - predicted", title="Errors: centred, no long tail?")
    figure.tight_layout()
    figure.savefig(OUTPUT / "errors.png")
    plt.show()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    x, y = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
    print(f"{len(x)} patients, columns {', '.join(x.columns)}; the target is {y.mean():.0f} +/- {y.std():.0f}\n")
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.25, random_state=args.seed)

    found = searches(args.folds, args.seed)
    for step, (name, search) in enumerate(found.items()):
        search.fit(x_train, y_train)
        byteme.log(step=step, cv_rmse=-search.best_score_)
        print(f"{name:18s} RMSE {-search.best_score_:6.2f} by cross-validation, with {search.best_params_}", flush=True)

    best = max(found, key=lambda name: found[name].best_score_)
    model = found[best].best_estimator_
    predicted = model.predict(x_test)
    metrics = {
        "rmse": root_mean_squared_error(y_test, predicted),
        "mae": mean_absolute_error(y_test, predicted),
        "r2": r2_score(y_test, predicted),
    }
    print(f"\nBest: {best}; on the test set " + ", ".join(f"{name} {value:.3f}" for name, value in metrics.items()))
    plot(y_test, predicted)

    joblib.dump(model, OUTPUT / "model.joblib")
    x_test.assign(actual=y_test, predicted=predicted).to_csv(OUTPUT / "predictions.csv", index=False)
    report = {
        "best": best,
        "cross_validation_rmse": {name: -search.best_score_ for name, search in found.items()},
        "test": metrics,
    }
    (OUTPUT / "metrics.json").write_text(json.dumps(report, indent=2))
    print("Wrote model.joblib, metrics.json, predictions.csv and errors.png.")


if __name__ == "__main__":
    main()
