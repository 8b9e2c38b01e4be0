import Box from "@mui/material/Box";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import { lookOf, type Curves } from "./curves";

const HEIGHT = 220;

interface OverlaidChartProps {
  curves: Curves;
  /** The runs' names, in order. */
  labels: string[];
  hidden: ReadonlySet<number>;
  dark: boolean;
}

/** One metric of several runs. A picture to assistive technology; the last values stand in the table. */
export default function OverlaidChart({
  curves,
  labels,
  hidden,
  dark,
}: OverlaidChartProps): React.JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const shown = labels.flatMap((label, index) => {
    const values = curves.values[index];
    return values && !hidden.has(index) ? [{ label, index, values }] : [];
  });
  const key = shown.map(({ index }) => index).join();

  useEffect(() => {
    const element = host.current as HTMLDivElement;
    const chart = new uPlot(
      options(
        element.clientWidth,
        dark,
        shown.map(({ label, index }) => ({ label, ...lookOf(index, dark) })),
      ),
      [curves.steps, ...shown.map(({ values }) => values)],
      element,
    );
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) chart.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
    // `shown` is made anew each time; `key` says when it is another.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [curves, key, dark]);

  return (
    <Box
      ref={host}
      role="img"
      aria-label={`${curves.name} of ${shown.map(({ label }) => label).join(", ") || "no run"} over ${curves.steps.length} steps`}
      sx={{ minHeight: HEIGHT }}
    />
  );
}

function options(
  width: number,
  dark: boolean,
  lines: { label: string; color: string; dash: number[] }[],
): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: dark ? "#c9d1d9" : "#424a53",
    grid: { stroke: dark ? "#30363d" : "#e5e7eb", width: 1 },
    ticks: { show: false },
    font: "11px system-ui, sans-serif",
  };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { drag: { x: true, y: false } },
    scales: { x: { time: false } },
    axes: [
      { ...axis, size: 24 },
      { ...axis, size: 56 },
    ],
    series: [
      {},
      ...lines.map(({ label, color, dash }) => ({
        label,
        stroke: color,
        dash,
        width: 1.75,
        spanGaps: true,
        points: { show: false },
      })),
    ],
  };
}
