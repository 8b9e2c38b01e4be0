import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useState } from "react";

import { queryErrorText } from "../../api/base-api";
import { ConfirmDialog } from "../../components/confirm-dialog";
import { DataTable, type Column } from "../../components/data-table";
import { formatAgo, formatDuration, formatTimeLimit } from "../../lib/format";
import { useNow } from "../../lib/use-now";
import { useCancelAnybodysMutation, useQueueQuery, type RunningRun, type WaitingRun } from "./admin-api";
import { Failed } from "./failed";
import { NoticeSection } from "./notice-section";
import { needsOf, type AnyRun } from "./words";

const REFRESH_MS = 3000;

/** Who waits for what, what runs, and the switch that lets nothing start. */
export function QueueTab(): React.JSX.Element {
  const { data, error, refetch } = useQueueQuery(undefined, { pollingInterval: REFRESH_MS });
  const [cancel] = useCancelAnybodysMutation();
  const [doomed, setDoomed] = useState<AnyRun | null>(null);
  const now = useNow(1000);
  if (error && !data) return <Failed error={error} onRetry={refetch} />;
  return (
    <Box sx={{ display: "grid", gap: 3, gridTemplateColumns: "minmax(0, 1fr)" }}>
      <NoticeSection />
      <div>
        <Heading>Waiting{data && `: ${data.queued}`}</Heading>
        <DataTable
          label="Runs that wait"
          rows={data?.items}
          keyOf={({ id }) => id}
          empty="Nothing waits."
          columns={waitingColumns(now, setDoomed)}
        />
      </div>
      <div>
        <Heading>Running{data && `: ${data.running.length} of ${data.slots} slots`}</Heading>
        <DataTable
          label="Runs under way"
          rows={data?.running}
          keyOf={({ id }) => id}
          empty="Nothing runs."
          columns={runningColumns(now, setDoomed)}
        />
      </div>
      {doomed && (
        <ConfirmDialog
          title="End this run?"
          action="End run"
          danger
          onConfirm={() => cancel(doomed.id).unwrap()}
          onClose={() => setDoomed(null)}
          describe={queryErrorText}
        >
          It is {doomed.owner_email}&apos;s ({doomed.id.slice(-8)}). Its owner sees it cancelled, and the
          audit trail says that it was you.
        </ConfirmDialog>
      )}
    </Box>
  );
}

function Heading({ children }: { children: React.ReactNode }): React.JSX.Element {
  return (
    <Typography component="h2" variant="h6" sx={{ mb: 1 }}>
      {children}
    </Typography>
  );
}

function waitingColumns(now: number, onEnd: (run: AnyRun) => void): Column<WaitingRun>[] {
  return [
    { title: "Turn", show: ({ position }) => position },
    { title: "Run", show: ({ id }) => <code>{id.slice(-8)}</code> },
    { title: "Owner", show: ({ owner_email }) => owner_email },
    { title: "Needs", show: needsOf },
    { title: "Since", show: ({ created_at }) => formatAgo(created_at, now) },
    { title: "Why it waits", show: ({ why }) => <Box sx={{ minWidth: 180 }}>{why}</Box> },
    { title: "", align: "right", show: (run) => <EndButton run={run} text="Cancel" onEnd={onEnd} /> },
  ];
}

function runningColumns(now: number, onEnd: (run: AnyRun) => void): Column<RunningRun>[] {
  return [
    { title: "Run", show: ({ id }) => <code>{id.slice(-8)}</code> },
    { title: "Owner", show: ({ owner_email }) => owner_email },
    { title: "State", show: ({ state, stopping }) => (stopping ? "stopping" : state) },
    { title: "Host", show: ({ host }) => host ?? "–" },
    {
      title: "Time",
      show: ({ started_at, limits }) =>
        `${started_at ? formatDuration((now - Date.parse(started_at)) / 1000) : "–"} of ${formatTimeLimit(limits.timeout_s)}`,
    },
    { title: "Needs", show: needsOf },
    {
      title: "",
      align: "right",
      show: (run) => <EndButton run={run} text="Stop" disabled={run.stopping} onEnd={onEnd} />,
    },
  ];
}

interface EndButtonProps {
  run: AnyRun;
  text: string;
  disabled?: boolean;
  onEnd: (run: AnyRun) => void;
}

function EndButton({ run, text, disabled, onEnd }: EndButtonProps): React.JSX.Element {
  return (
    <Button
      size="small"
      color="error"
      disabled={disabled}
      aria-label={`${text} ${run.id.slice(-8)} of ${run.owner_email}`}
      onClick={() => onEnd(run)}
    >
      {text}
    </Button>
  );
}
