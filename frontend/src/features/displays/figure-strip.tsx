import ExpandLessIcon from "@mui/icons-material/ExpandLess";
import ExpandMoreIcon from "@mui/icons-material/ExpandMore";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import ButtonBase from "@mui/material/ButtonBase";
import { useLayoutEffect, useRef, useState } from "react";

import type { RunStream } from "../../api/run-stream";
import { useCalmRunStream } from "../../api/services";
import { plural } from "../../lib/format";
import { Figure } from "./figure";
import { Gallery } from "./gallery";

const REDRAW_MS = 250;
const HEIGHT_PX = 64;

/** The run's figures beneath its output, as they come, the newest in view; it can be folded up. */
export function FigureStrip({ stream }: { stream: RunStream }): React.JSX.Element | null {
  useCalmRunStream(stream, REDRAW_MS);
  const [isOpen, setOpen] = useState(true);
  const [shown, setShown] = useState<number | null>(null);
  const row = useRef<HTMLDivElement>(null);
  const figures = stream.displays.filter(({ kind }) => kind === "image");
  const newest = figures.at(-1)?.number;
  useLayoutEffect(() => {
    if (row.current) row.current.scrollLeft = row.current.scrollWidth;
  }, [newest, isOpen]);
  if (figures.length === 0) return null;
  return (
    <Box sx={{ borderTop: 1, borderColor: "divider", px: 1.5, minWidth: 0 }}>
      <Button
        size="small"
        color="inherit"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        startIcon={isOpen ? <ExpandMoreIcon /> : <ExpandLessIcon />}
      >
        {plural(figures.length, "figure")}
      </Button>
      {isOpen && (
        <Box ref={row} sx={{ display: "flex", gap: 1, overflowX: "auto", pb: 1 }}>
          {figures.map((figure) => (
            <ButtonBase
              key={figure.number}
              focusRipple
              aria-label={`Open figure ${figure.number}`}
              onClick={() => setShown(figure.number)}
              sx={{ flex: "none", border: 1, borderColor: "divider", borderRadius: 1, overflow: "hidden" }}
            >
              <Figure display={figure} maxHeight={HEIGHT_PX} isNamed />
            </ButtonBase>
          ))}
        </Box>
      )}
      <Gallery displays={stream.displays} shown={shown} onShow={setShown} />
    </Box>
  );
}
