import Box from "@mui/material/Box";
import ButtonBase from "@mui/material/ButtonBase";
import Typography from "@mui/material/Typography";
import { useState } from "react";

import type { Display, RunStream } from "../../api/run-stream";
import { useCalmRunStream } from "../../api/services";
import { Figure } from "./figure";
import { Gallery } from "./gallery";

const THUMBNAIL_PX = 190;
const REDRAW_MS = 250;

/** What the program has shown, in order: figures, which open large at a press, tables and texts. */
export function DisplaysPanel({ stream }: { stream: RunStream }): React.JSX.Element | null {
  useCalmRunStream(stream, REDRAW_MS);
  const [open, setOpen] = useState<number | null>(null);
  if (stream.displays.length === 0) return null;
  return (
    <Box component="section" aria-label="Figures">
      <Typography component="h2" variant="subtitle2" gutterBottom>
        Figures
      </Typography>
      <Box sx={{ display: "grid", gridTemplateColumns: "repeat(auto-fill, minmax(200px, 1fr))", gap: 1 }}>
        {stream.displays.map((display) => (
          <DisplayView key={display.number} display={display} onOpen={() => setOpen(display.number)} />
        ))}
      </Box>
      <Gallery displays={stream.displays} shown={open} onShow={setOpen} />
    </Box>
  );
}

function DisplayView({ display, onOpen }: { display: Display; onOpen: () => void }): React.JSX.Element {
  if (display.kind === "html") return <Table display={display} />;
  if (display.kind === "text") return <Text display={display} />;
  return (
    <ButtonBase
      onClick={onOpen}
      focusRipple
      sx={{ border: 1, borderColor: "divider", borderRadius: 1, overflow: "hidden" }}
    >
      <Figure display={display} maxHeight={THUMBNAIL_PX} />
    </ButtonBase>
  );
}

/** HTML of the program's, a data frame for example: in a frame that runs no script and has no origin. */
function Table({ display }: { display: Display }): React.JSX.Element {
  return (
    <Box
      component="iframe"
      sandbox=""
      srcDoc={display.content}
      title={`Table ${display.number}`}
      sx={{
        gridColumn: "1 / -1",
        width: "100%",
        height: 240,
        resize: "vertical",
        border: 1,
        borderColor: "divider",
        borderRadius: 1,
        bgcolor: "common.white",
      }}
    />
  );
}

function Text({ display }: { display: Display }): React.JSX.Element {
  return (
    <Box
      component="pre"
      tabIndex={0}
      aria-label={`Text ${display.number}`}
      sx={{
        gridColumn: "1 / -1",
        m: 0,
        p: 1,
        maxHeight: 240,
        overflow: "auto",
        fontSize: 12,
        border: 1,
        borderColor: "divider",
        borderRadius: 1,
      }}
    >
      {display.content}
    </Box>
  );
}
