import Box from "@mui/material/Box";
import ButtonBase from "@mui/material/ButtonBase";
import Typography from "@mui/material/Typography";

import type { Display } from "../../api/run-stream";
import { MARK_ROWS } from "../../lib/log-marks";
import { ROW_PX } from "../../lib/row-index";
import { Figure } from "./figure";

/** What is left of a mark's room in the log between its margins, with place for a scroll bar. */
const HEIGHT_PX = MARK_ROWS * ROW_PX - 32;

interface FigureRowProps {
  /** Those of one place in the log, side by side. */
  figures: readonly Display[];
  onOpen: (number: number) => void;
}

/** Figures small, where the program showed them; each opens large at a press. */
export function FigureRow({ figures, onOpen }: FigureRowProps): React.JSX.Element {
  if (figures.length === 0) {
    return (
      <Typography variant="caption" color="textSecondary">
        Older figures are not kept in this page.
      </Typography>
    );
  }
  return (
    <Box sx={{ display: "flex", alignItems: "flex-start", gap: 1, width: "max-content" }}>
      {figures.map((figure) => (
        <ButtonBase
          key={figure.number}
          focusRipple
          aria-label={`Open figure ${figure.number}`}
          onClick={() => onOpen(figure.number)}
          sx={{
            minWidth: 24,
            minHeight: 24,
            border: 1,
            borderColor: "divider",
            borderRadius: 1,
            overflow: "hidden",
          }}
        >
          <Figure display={figure} maxHeight={HEIGHT_PX} isNamed />
        </ButtonBase>
      ))}
    </Box>
  );
}
