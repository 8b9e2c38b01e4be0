import Box from "@mui/material/Box";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import type { Series } from "../../api/metric-set";
import { drawingOf, type Drawing, type Look } from "./curve-of";

interface ChartProps {
  name: string;
  series: Series;
  version: number;
  look: Look;
  dark: boolean;
  /** Charts of one group show the crosshair at the same place. */
  group: string;
}

const HEIGHT = 130;
const HOLE_PX = 4;

interface Colors {
  text: string;
  grid: string;
  line: string;
  faint: string;
  hole: string;
}

const LIGHT: Colors = {
  text: "#424a53",
  grid: "#e5e7eb",
  line: "#0550ae",
  faint: "#0550ae55",
  hole: "#a40e26",
};
const DARK: Colors = {
  text: "#c9d1d9",
  grid: "#30363d",
  line: "#85c1ff",
  faint: "#85c1ff55",
  hole: "#ff8b80",
};

interface OptionsFor {
  name: string;
  width: number;
  colors: Colors;
  look: Look;
  group: string;
  holes: () => readonly number[];
  onZoom: (range: [number, number] | null) => void;
}

function optionsFor({ name, width, colors, look, group, holes, onZoom }: OptionsFor): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: colors.text,
    grid: { stroke: colors.grid, width: 1 },
    ticks: { show: false },
    font: "11px system-ui, sans-serif",
  };
  const line = { points: { show: false }, spanGaps: false };
  const isSmoothed = look.smoothing > 0;
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { drag: { x: true, y: false }, sync: { key: group, scales: ["x", null] } },
    // The enumeration exists for the type checker only, not in the code that is loaded.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
    scales: { x: { time: look.axis === "wall" }, y: { distr: look.isLog ? 3 : 1 } },
    axes: [
      {
        ...axis,
        size: 24,
        ...(look.axis === "relative" && { values: (_plot, ticks) => ticks.map(seconds) }),
      },
      { ...axis, size: 56, space: 24 },
    ],
    series: [
      {},
      { ...line, label: name, stroke: isSmoothed ? colors.faint : colors.line, width: isSmoothed ? 1 : 1.5 },
      { ...line, label: `${name}, smoothed`, stroke: colors.line, width: 1.5 },
    ],
    hooks: {
      draw: [(plot) => drawHoles(plot, holes(), colors.hole)],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width > 0) onZoom([plot.posToVal(left, "x"), plot.posToVal(left + width, "x")]);
        },
      ],
      ready: [(plot) => plot.over.addEventListener("dblclick", () => onZoom(null))],
    },
  };
}

function seconds(tick: number): string {
  return `${tick} s`;
}

/** A cross at the lower edge wherever a value is no number. */
function drawHoles(plot: uPlot, holes: readonly number[], color: string): void {
  const { ctx, bbox } = plot;
  const size = HOLE_PX * devicePixelRatio;
  const y = bbox.top + bbox.height - size;
  ctx.save();
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.beginPath();
  for (const hole of holes) {
    const x = plot.valToPos(hole, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.moveTo(x - size, y - size);
    ctx.lineTo(x + size, y + size);
    ctx.moveTo(x + size, y - size);
    ctx.lineTo(x - size, y + size);
  }
  ctx.stroke();
  ctx.restore();
}

function columnsOf({ x, raw, smoothed }: Drawing): uPlot.AlignedData {
  return [x, raw, smoothed ?? x.map(() => null)];
}

/** One metric as a curve. A picture to assistive technology; its values stand beside it as text. */
export default function Chart({ name, series, version, look, dark, group }: ChartProps): React.JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const draw = useRef<() => void>(() => undefined);

  useEffect(() => {
    const element = host.current as HTMLDivElement;
    let zoom: [number, number] | null = null;
    let holes: number[] = [];
    const options = optionsFor({
      name,
      width: element.clientWidth,
      colors: dark ? DARK : LIGHT,
      look,
      group,
      holes: () => holes,
      onZoom: (range) => {
        zoom = range;
        draw.current();
      },
    });
    const chart = new uPlot(options, [[], [], []], element);
    draw.current = () => {
      const drawing = drawingOf(series, look, zoom);
      holes = drawing.holes;
      chart.setData(columnsOf(drawing), zoom === null);
      if (zoom) chart.setScale("x", { min: zoom[0], max: zoom[1] });
    };
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) chart.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
      draw.current = () => undefined;
    };
  }, [name, series, look, dark, group]);

  useEffect(() => {
    draw.current();
  }, [series, version, look, dark, group]);

  return <Box ref={host} role="img" aria-label={`Chart of ${name}`} sx={{ height: HEIGHT }} />;
}
