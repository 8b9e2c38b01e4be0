import type { PreviewColumn } from "../../api/datasets-api";
import { plural } from "../../lib/format";

/** A column's statistics in words. */
export function statisticsText({ nulls, distinct, min, max, mean }: PreviewColumn): string {
  const parts = [
    `${formatShare(nulls)} empty`,
    plural(distinct, "value"),
    min === null ? null : `${shown(min)} to ${shown(max ?? min)}`,
    mean === null ? null : `mean ${shown(mean)}`,
  ];
  return parts.filter(Boolean).join(" · ");
}

/** The same for each bar of the picture. */
export function spreadText({ histogram, top }: PreviewColumn): string {
  if (histogram.length > 0)
    return histogram.map(({ low, high, count }) => `${shown(low)} to ${shown(high)}: ${count}`).join("\n");
  return top.map(({ value, count }) => `${value}: ${count}`).join("\n");
}

function shown(value: number | string): string {
  return typeof value === "string" ? value : String(Number(value.toPrecision(5)));
}

function formatShare(share: number): string {
  const percent = share * 100;
  return percent > 0 && percent < 1 ? "under 1 %" : `${Math.round(percent)} %`;
}
