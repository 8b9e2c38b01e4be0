import Box from "@mui/material/Box";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import type { Series } from "../../api/run-stream";

interface ChartProps {
  name: string;
  series: Series;
  version: number;
  dark: boolean;
}

const HEIGHT = 120;

function optionsFor(name: string, width: number, dark: boolean): uPlot.Options {
  const text = dark ? "#c9d1d9" : "#424a53";
  const axis: uPlot.Axis = {
    stroke: text,
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
      { ...axis, size: 52, space: 20 },
    ],
    series: [{}, { label: name, stroke: dark ? "#85c1ff" : "#0550ae", width: 1.5, points: { show: false } }],
  };
}

/** One metric over its steps. A picture to assistive technology; its latest value stands beside it as text. */
export default function Chart({ name, series, version, dark }: ChartProps): React.JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);

  useEffect(() => {
    const element = host.current as HTMLDivElement;
    const chart = new uPlot(optionsFor(name, element.clientWidth, dark), [[], []], element);
    plot.current = chart;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) chart.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [name, dark]);

  useEffect(() => {
    plot.current?.setData([series.steps, series.values]);
  }, [series, version, dark]);

  return (
    <Box
      ref={host}
      role="img"
      aria-label={`Chart of ${name} over ${series.steps.length} steps`}
      sx={{ height: HEIGHT }}
    />
  );
}
