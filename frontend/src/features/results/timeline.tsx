import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";

import { queryErrorText } from "../../api/base-api";
import { useRunEventsQuery } from "../../api/results-api";
import { formatSeconds } from "../../lib/format";
import { useNow } from "../../lib/use-now";
import { phasesOf, type Phase } from "./phases";

const TICK_MS = 1000;

/** What a run did when, as bars along the whole of its time and in words. */
export function Timeline({ runId, isLive }: { runId: string; isLive: boolean }): React.JSX.Element {
  const { data, error } = useRunEventsQuery(runId, { refetchOnMountOrArgChange: true });
  const now = useNow(isLive ? TICK_MS : null);
  return (
    <Box component="section" aria-label="Timeline">
      <Typography component="h2" variant="subtitle2" gutterBottom>
        Timeline
      </Typography>
      {!data && !error && <Skeleton variant="rectangular" height={96} />}
      {error && <Alert severity="error">{queryErrorText(error)}</Alert>}
      {data && (
        <Box component="ol" sx={{ m: 0, p: 0, listStyle: "none" }}>
          {phasesOf(data.items, now).map((phase, index) => (
            <PhaseRow key={index} phase={phase} />
          ))}
        </Box>
      )}
    </Box>
  );
}

function PhaseRow({ phase }: { phase: Phase }): React.JSX.Element {
  const { name, seconds, from, to, isGoingOn, attempt } = phase;
  return (
    <Box
      component="li"
      sx={{
        display: "grid",
        gridTemplateColumns: { xs: "1fr auto", sm: "200px 1fr 90px" },
        columnGap: 2,
        alignItems: "center",
        py: 0.25,
      }}
    >
      <Typography variant="body2">
        {name}
        {attempt > 1 && `, attempt ${attempt}`}
      </Typography>
      <Box
        aria-hidden
        sx={{
          display: { xs: "none", sm: "block" },
          position: "relative",
          height: 10,
          bgcolor: "action.hover",
        }}
      >
        <Box
          sx={{
            position: "absolute",
            left: `min(${from * 100}%, 100% - 2px)`,
            width: `max(2px, ${(to - from) * 100}%)`,
            maxWidth: "100%",
            height: "100%",
            bgcolor: name === "Ran" ? "primary.main" : "text.secondary",
          }}
        />
      </Box>
      <Typography variant="body2" sx={{ textAlign: "right", fontVariantNumeric: "tabular-nums" }}>
        {formatSeconds(seconds)}
        {isGoingOn && " …"}
      </Typography>
    </Box>
  );
}
