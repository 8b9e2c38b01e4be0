import Box from "@mui/material/Box";

import type { Display } from "../../api/run-stream";

interface FigureProps {
  display: Display;
  maxHeight?: number;
  /** Its width in the share of its own, for a closer look; it fits into its place without one. */
  zoom?: number;
  /** What it stands in names it. */
  isNamed?: boolean;
}

/** An image of the program's, shown as an image and nothing else: whatever is in it, nothing of it runs. */
export function Figure({ display, maxHeight, zoom, isNamed = false }: FigureProps): React.JSX.Element {
  return (
    <Box
      component="img"
      src={display.content}
      alt={isNamed ? "" : `Figure ${display.number}`}
      sx={{
        display: "block",
        maxWidth: zoom === undefined ? "100%" : "none",
        width: zoom === undefined ? undefined : `${100 * zoom}%`,
        maxHeight,
        bgcolor: "common.white",
      }}
    />
  );
}
