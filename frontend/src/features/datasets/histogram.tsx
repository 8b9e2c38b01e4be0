import Box from "@mui/material/Box";

import type { PreviewColumn } from "../../api/datasets-api";
import { spreadText } from "./statistics";

const WIDTH = 96;
const HEIGHT = 24;

/** A small picture of how the numbers of a column are spread; for others, of how often the frequent values are there. */
export function Histogram({ column }: { column: PreviewColumn }): React.JSX.Element | null {
  const counts = (column.histogram.length > 0 ? column.histogram : column.top).map(({ count }) => count);
  const most = Math.max(1, ...counts);
  const step = WIDTH / Math.max(1, counts.length);
  if (counts.length === 0) return <Box sx={{ height: HEIGHT }} />;
  return (
    <svg width={WIDTH} height={HEIGHT} role="img" aria-label={`Spread of ${column.name}`}>
      <title>{spreadText(column)}</title>
      {counts.map((count, number) => {
        const height = count === 0 ? 0 : Math.max(1, (HEIGHT * count) / most);
        return (
          <Box
            component="rect"
            key={number}
            x={number * step}
            y={HEIGHT - height}
            width={Math.max(1, step - 1)}
            height={height}
            sx={{ fill: (theme) => theme.vars?.palette.primary.main }}
          />
        );
      })}
    </svg>
  );
}
