"""Classification of a table: clean, compare models by cross-validation, judge the best one on data it never saw.

The table is made up: customers of a phone company, some of whom leave. To use your own, replace `load_customers`.
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
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import ConfusionMatrixDisplay, RocCurveDisplay, classification_report, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_validate, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

OUTPUT = Path(os.environ.get("BYTEME_OUTPUT_DIR", "outputs"))
OUTPUT.mkdir(parents=True, exist_ok=True)


def load_customers(rows: int, seed: int) -> tuple[pd.DataFrame, pd.Series]:
    """Customers, and whether each has left. Your own data: ``pd.read_csv("/workspace/data/NAME/file.csv")``."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "months": rng.integers(1, 72, rows),
            "monthly_bill": rng.gamma(8, 8, rows).round(2),
            "support_calls": rng.poisson(1.2, rows),
            "contract": rng.choice(["monthly", "one year", "two years"], rows, p=[0.55, 0.25, 0.2]),
            "payment": rng.choice(["card", "transfer", "cheque"], rows),
        }
    )
    log_odds = (
        -1.0
        - 0.04 * table["months"]
        + 0.02 * table["monthly_bill"]
        + 0.6 * table["support_calls"]
        - 1.2 * (table["contract"] != "monthly")
    )
    left = pd.Series(rng.random(rows) < 1 / (1 + np.exp(-log_odds)), name="left").astype(int)
    # Real tables have gaps.
    table.loc[rng.random(rows) < 0.05, "monthly_bill"] = np.nan
    table.loc[rng.random(rows) < 0.05, "payment"] = np.nan
    return table, left


def preprocessing() -> Pipeline:
    """Numbers: fill gaps, scale. Categories: fill gaps, one column per value. Learnt from training folds only."""
    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    categories = make_pipeline(
        SimpleImputer(strategy="most_frequent"),
        OneHotEncoder(handle_unknown="ignore", sparse_output=False),
    )
    return make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (categories, make_column_selector(dtype_exclude="number")),
    )


def candidates(seed: int) -> dict[str, Pipeline]:
    models = {
        "always the majority": DummyClassifier(),  # what any model must beat
        "logistic regression": LogisticRegression(max_iter=1000),
        "random forest": RandomForestClassifier(n_estimators=150, min_samples_leaf=5, random_state=seed),
    }
    return {name: make_pipeline(preprocessing(), model) for name, model in models.items()}


def compare(models: dict[str, Pipeline], x: pd.DataFrame, y: pd.Series, folds: int, seed: int) -> dict[str, float]:
    """Mean ROC AUC over the folds, for each model."""
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    means = {}
    for step, (name, model) in enumerate(models.items()):
        scores = cross_validate(model, x, y, cv=splitter, scoring="roc_auc")["test_score"]
        means[name] = float(scores.mean())
        byteme.log(step=step, cv_roc_auc=means[name])
        print(f"{name:22s} ROC AUC {scores.mean():.3f} +/- {scores.std():.3f}  over {folds} folds", flush=True)
    return means


def plot(model: Pipeline, x: pd.DataFrame, y: pd.Series, importance: pd.Series) -> None:
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(14, 4))
    RocCurveDisplay.from_estimator(model, x, y, ax=left, plot_chance_level=True)
    ConfusionMatrixDisplay.from_estimator(model, x, y, ax=middle, display_labels=["stayed", "left"], colorbar=False)
    importance.sort_values().plot.barh(ax=right, title="Loss of ROC AUC when shuffled")
    figure.tight_layout()
    figure.savefig(OUTPUT / "evaluation.png")
    plt.show()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    x, y = load_customers(args.rows, args.seed)
    print(f"{len(x)} customers, {y.mean():.0%} of them left; gaps per column:\n{x.isna().sum().to_string()}\n")
    # The test set is put away before any choice is made.
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.25, stratify=y, random_state=args.seed)

    models = candidates(args.seed)
    means = compare(models, x_train, y_train, args.folds, args.seed)
    best = max(means, key=means.__getitem__)
    model = models[best].fit(x_train, y_train)

    probability = model.predict_proba(x_test)[:, 1]
    auc = float(roc_auc_score(y_test, probability))
    print(f"\nBest: {best}; on the test set ROC AUC {auc:.3f}\n")
    print(classification_report(y_test, model.predict(x_test), target_names=["stayed", "left"]))

    importance = permutation_importance(model, x_test, y_test, scoring="roc_auc", n_repeats=5, random_state=args.seed)
    plot(model, x_test, y_test, pd.Series(importance.importances_mean, x.columns))

    joblib.dump(model, OUTPUT / "model.joblib")
    x_test.assign(left=y_test, probability=probability.round(4)).to_csv(OUTPUT / "predictions.csv", index=False)
    report = {"best": best, "cross_validation_roc_auc": means, "test_roc_auc": auc}
    (OUTPUT / "metrics.json").write_text(json.dumps(report, indent=2))
    print("Wrote model.joblib, metrics.json, predictions.csv and evaluation.png.")


if __name__ == "__main__":
    main()
