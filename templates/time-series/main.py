"""Forecasting: turn a series into features, backtest in time order, beat the obvious guess, forecast with a band.

The series is made up: three years of daily demand with growth, weekdays, seasons and noise. To use your own, replace
`load_series`.
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
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import TimeSeriesSplit

OUTPUT = Path(os.environ.get("BYTEME_OUTPUT_DIR", "outputs"))
OUTPUT.mkdir(parents=True, exist_ok=True)

HORIZON = 28  # days ahead
LAGS = (28, 29, 30, 35, 42, 364)  # none shorter than the horizon: at forecast time nothing newer is known


def load_series(seed: int) -> pd.Series:
    """One value a day. Your own: ``pd.read_csv(..., index_col="date", parse_dates=True)["demand"].asfreq("D")``."""
    rng = np.random.default_rng(seed)
    days = pd.date_range("2022-01-01", periods=3 * 365, freq="D")
    t = np.arange(len(days))
    weekday = np.array([0, 3, 5, 8, 15, -12, -20])[days.day_of_week]
    demand = 200 + 0.05 * t + 25 * np.sin(2 * np.pi * t / 365.25) + weekday + rng.normal(0, 6, len(days))
    return pd.Series(demand, days, name="demand")


def features(series: pd.Series, days: pd.DatetimeIndex) -> pd.DataFrame:
    """What is known about each day before it comes: the calendar, and values at least HORIZON days old."""
    lagged = {f"lag_{lag}": series.reindex(days - pd.Timedelta(days=lag)).to_numpy() for lag in LAGS}
    recent = {"mean_28": series.rolling(28).mean().reindex(days - pd.Timedelta(days=HORIZON)).to_numpy()}
    calendar = {"weekday": days.day_of_week, "yearday": days.day_of_year}
    return pd.DataFrame(lagged | recent | calendar, index=days)


def make_model(quantile: float | None = None) -> HistGradientBoostingRegressor:
    """Predicts the mean, or a quantile for the edges of the band. Gaps at the start of the series are fine for it."""
    loss = {"loss": "squared_error"} if quantile is None else {"loss": "quantile", "quantile": quantile}
    return HistGradientBoostingRegressor(**loss, max_iter=120, learning_rate=0.06, max_leaf_nodes=12, random_state=0)


def change(series: pd.Series, table: pd.DataFrame) -> pd.Series:
    """The target: the difference from the recent mean, as trees cannot follow a trend out of the range they saw."""
    return (series.reindex(table.index) - table["mean_28"]).dropna()


def forecast(model: HistGradientBoostingRegressor, table: pd.DataFrame) -> np.ndarray:
    return model.predict(table) + table["mean_28"].to_numpy()


def backtest(series: pd.Series, folds: int) -> dict[str, float]:
    """Mean absolute errors when each fold is forecast from nothing but its past."""
    errors = {"model": [], "same day four weeks ago": []}
    for fold, (past, future) in enumerate(TimeSeriesSplit(folds, test_size=HORIZON).split(series), start=1):
        known, actual = series.iloc[past], series.iloc[future]
        past_table = features(known, known.index)
        target = change(known, past_table)
        model = make_model().fit(past_table.loc[target.index], target)
        ahead = features(known, actual.index)
        errors["model"].append(mean_absolute_error(actual, forecast(model, ahead)))
        errors["same day four weeks ago"].append(mean_absolute_error(actual, ahead["lag_28"]))
        byteme.log(step=fold, mae=errors["model"][-1], mae_naive=errors["same day four weeks ago"][-1])
        print(
            f"fold {fold}  {actual.index[0]:%Y-%m-%d} to {actual.index[-1]:%Y-%m-%d}"
            f"  error {errors['model'][-1]:5.2f}, seasonal guess {errors['same day four weeks ago'][-1]:5.2f}",
            flush=True,
        )
    return {name: float(np.mean(values)) for name, values in errors.items()}


def plot(series: pd.Series, future: pd.DataFrame) -> None:
    figure, axes = plt.subplots(figsize=(11, 4.5))
    series.iloc[-120:].plot(ax=axes, label="past")
    future["forecast"].plot(ax=axes, label="forecast")
    axes.fill_between(future.index, future["low"], future["high"], alpha=0.25, label="80 % band")
    axes.set(title=f"The next {HORIZON} days", ylabel=series.name)
    axes.legend()
    figure.savefig(OUTPUT / "forecast.png", bbox_inches="tight")
    plt.show()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    series = load_series(args.seed)
    print(f"{len(series)} days, {series.index[0]:%Y-%m-%d} to {series.index[-1]:%Y-%m-%d}\n")
    errors = backtest(series, args.folds)
    print("\nMean absolute error: " + ", ".join(f"{name} {value:.2f}" for name, value in errors.items()))

    table = features(series, series.index)
    target = change(series, table)
    models = {
        name: make_model(quantile).fit(table.loc[target.index], target)
        for name, quantile in (("forecast", None), ("low", 0.1), ("high", 0.9))
    }
    days = pd.date_range(series.index[-1] + pd.Timedelta(days=1), periods=HORIZON, freq="D")
    ahead = features(series, days)
    future = pd.DataFrame({name: forecast(model, ahead) for name, model in models.items()}, index=days)
    future["low"] = future[["low", "forecast"]].min(axis=1)
    future["high"] = future[["high", "forecast"]].max(axis=1)
    plot(series, future)

    joblib.dump(models, OUTPUT / "models.joblib")
    future.round(2).to_csv(OUTPUT / "forecast.csv", index_label="date")
    (OUTPUT / "metrics.json").write_text(json.dumps({"horizon": HORIZON, "mean_absolute_error": errors}, indent=2))
    print("Wrote models.joblib, metrics.json, forecast.csv and forecast.png.")


if __name__ == "__main__":
    main()
