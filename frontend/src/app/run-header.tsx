import EditIcon from "@mui/icons-material/Edit";
import FileDownloadIcon from "@mui/icons-material/FileDownload";
import ReplayIcon from "@mui/icons-material/Replay";
import ShareIcon from "@mui/icons-material/Share";
import StopIcon from "@mui/icons-material/Stop";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import { Link as RouterLink } from "react-router-dom";

import { queryErrorText } from "../api/base-api";
import { saveJson } from "../api/download";
import { errorText } from "../api/problem";
import { useRunEventsQuery, useRunRecordMutation } from "../api/results-api";
import { isTerminal } from "../api/run-stream";
import { useServices } from "../api/services";
import type { Run } from "../api/types";
import { Star } from "../features/history/run-row";
import { phasesOf } from "../features/results/phases";
import { ShareDialog } from "../features/results/share-dialog";
import { RunStatus } from "../features/runs/run-status";
import { formatSeconds } from "../lib/format";
import { useNow } from "../lib/use-now";
import type { useRerun } from "./use-rerun";

interface RunHeaderProps {
  run: Run;
  rerun: ReturnType<typeof useRerun>;
  onFailure: (message: string | null) => void;
}

/** How a run stands, how long each phase took, and what can be done with it. */
export function RunHeader({ run, rerun, onFailure }: RunHeaderProps): React.JSX.Element {
  const { connection } = useServices();
  const [isSharing, setSharing] = useState(false);
  const [fetchRecord, { isLoading: isExporting }] = useRunRecordMutation();
  const isLive = !isTerminal(run.state);
  const exportRecord = (): void => {
    onFailure(null);
    fetchRecord(run.id)
      .unwrap()
      .then((record) => saveJson(record, `run-${run.id.slice(0, 12)}.record.json`))
      .catch((error: unknown) => onFailure(queryErrorText(error)));
  };
  const stop = (): void => {
    onFailure(null);
    connection.cancel(run.id).catch((error: unknown) => onFailure(errorText(error)));
  };
  return (
    <Box sx={{ display: "grid", gap: 1, mb: 2 }}>
      <Box sx={{ display: "flex", alignItems: "center", gap: 1, flexWrap: "wrap" }}>
        <RunStatus run={run} />
        <Typography component="code" variant="body2" color="textSecondary">
          {run.id.slice(0, 12)}
        </Typography>
        <Star run={run} />
        {run.tags.map((tag) => (
          <Chip
            key={tag}
            size="small"
            label={tag}
            component={RouterLink}
            to={`/runs?tag=${encodeURIComponent(tag)}`}
            clickable
          />
        ))}
        <PhaseTimes runId={run.id} isLive={isLive} />
      </Box>
      <Box sx={{ display: "flex", gap: 1, flexWrap: "wrap" }}>
        {isLive && (
          <Button size="small" variant="outlined" color="error" startIcon={<StopIcon />} onClick={stop}>
            Stop
          </Button>
        )}
        <Button
          size="small"
          variant="outlined"
          startIcon={<ReplayIcon />}
          loading={rerun.isBusy}
          onClick={() => rerun.again()}
        >
          Re-run
        </Button>
        <Button size="small" variant="outlined" startIcon={<EditIcon />} onClick={rerun.edit}>
          Edit and run
        </Button>
        <Button size="small" variant="outlined" startIcon={<ShareIcon />} onClick={() => setSharing(true)}>
          Share
        </Button>
        <Button
          size="small"
          variant="outlined"
          startIcon={<FileDownloadIcon />}
          loading={isExporting}
          onClick={exportRecord}
        >
          Export record
        </Button>
      </Box>
      {isSharing && <ShareDialog run={run} onClose={() => setSharing(false)} />}
    </Box>
  );
}

const TICK_MS = 1000;

function PhaseTimes({ runId, isLive }: { runId: string; isLive: boolean }): React.JSX.Element {
  const { data } = useRunEventsQuery(runId);
  const now = useNow(isLive ? TICK_MS : null);
  const text = phasesOf(data?.items ?? [], now)
    .map(({ name, seconds }) => `${name.toLowerCase()} ${formatSeconds(seconds)}`)
    .join(" · ");
  return (
    <Typography variant="body2" color="textSecondary">
      {text}
    </Typography>
  );
}
