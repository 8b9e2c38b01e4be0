import CloseIcon from "@mui/icons-material/Close";
import PauseIcon from "@mui/icons-material/Pause";
import PlayArrowIcon from "@mui/icons-material/PlayArrow";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import IconButton from "@mui/material/IconButton";
import LinearProgress from "@mui/material/LinearProgress";
import Link from "@mui/material/Link";
import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import Tooltip from "@mui/material/Tooltip";
import Typography from "@mui/material/Typography";
import type { ReactNode } from "react";
import { Link as RouterLink } from "react-router-dom";

import type { PendingUpload } from "../../api/datasets-api";
import { formatBytes, formatDuration } from "../../lib/format";
import { FileButton } from "./file-button";
import { secondsLeft, type Transfer } from "./transfer";
import type { Uploader } from "./uploader";

interface UploadListProps {
  uploader: Uploader;
  transfers: readonly Transfer[];
  /** What the server has of uploads that nobody goes on with. */
  pending: readonly PendingUpload[];
  onGoOn: (upload: PendingUpload, file: File) => void;
  onDiscard: (upload: PendingUpload) => void;
}

/** Everything that is on its way, and what an earlier page has left on its way. */
export function UploadList(props: UploadListProps): React.JSX.Element | null {
  const { uploader, transfers, pending, onGoOn, onDiscard } = props;
  if (transfers.length + pending.length === 0) return null;
  return (
    <Stack component="section" aria-label="Uploads" sx={{ gap: 1, mb: 3 }}>
      {transfers.map((transfer) => (
        <TransferRow key={transfer.id} transfer={transfer} uploader={uploader} />
      ))}
      {pending.map((upload) => (
        <PendingRow
          key={upload.id}
          upload={upload}
          onGoOn={(file) => onGoOn(upload, file)}
          onDiscard={() => onDiscard(upload)}
        />
      ))}
    </Stack>
  );
}

function describe(transfer: Transfer): string {
  const left = secondsLeft(transfer);
  switch (transfer.status) {
    case "queued":
      return "Waits for its turn";
    case "waiting":
      return "Connection lost; trying again";
    case "paused":
      return "Paused";
    case "failed":
      return transfer.error ?? "Failed";
    case "done":
      return "Done";
    case "uploading":
      if (transfer.sent >= transfer.bytes) return "Checking what has come";
      return [
        transfer.speed === null ? "Uploading" : `${formatBytes(transfer.speed)}/s`,
        left === null ? null : `${formatDuration(left)} left`,
      ]
        .filter(Boolean)
        .join(" · ");
  }
}

function TransferRow({ transfer, uploader }: { transfer: Transfer; uploader: Uploader }): React.JSX.Element {
  const { id, name, status, datasetId } = transfer;
  const canPause = status === "uploading" || status === "waiting";
  const canResume = status === "paused" || status === "failed";
  return (
    <Row
      name={
        datasetId ? (
          <Link component={RouterLink} to={`/datasets/${datasetId}`}>
            {name}
          </Link>
        ) : (
          name
        )
      }
      label={name}
      sent={transfer.sent}
      bytes={transfer.bytes}
      text={describe(transfer)}
      isError={status === "failed"}
      isDone={status === "done"}
    >
      {canPause && <Act label={`Pause ${name}`} icon={<PauseIcon />} onClick={() => uploader.pause(id)} />}
      {canResume && (
        <Act label={`Resume ${name}`} icon={<PlayArrowIcon />} onClick={() => uploader.resume(id)} />
      )}
      {status === "done" ? (
        <Act label={`Hide ${name}`} icon={<CloseIcon />} onClick={() => uploader.dismiss(id)} />
      ) : (
        <Act label={`Cancel ${name}`} icon={<CloseIcon />} onClick={() => void uploader.cancel(id)} />
      )}
    </Row>
  );
}

interface PendingRowProps {
  upload: PendingUpload;
  onGoOn: (file: File) => void;
  onDiscard: () => void;
}

function PendingRow({ upload, onGoOn, onDiscard }: PendingRowProps): React.JSX.Element {
  return (
    <Row
      name={upload.name}
      label={upload.name}
      sent={upload.offset}
      bytes={upload.bytes}
      text="Not finished. Choose or drop the same file, and it goes on from here."
    >
      <FileButton label="Choose file" size="small" onFiles={([file]) => file && onGoOn(file)} />
      <Button size="small" color="inherit" onClick={onDiscard}>
        Discard
      </Button>
    </Row>
  );
}

interface RowProps {
  name: ReactNode;
  label: string;
  sent: number;
  bytes: number;
  text: string;
  isError?: boolean;
  isDone?: boolean;
  children: ReactNode;
}

function Row({ name, label, sent, bytes, text, isError, isDone, children }: RowProps): React.JSX.Element {
  const share = bytes === 0 ? 100 : (100 * sent) / bytes;
  return (
    <Paper variant="outlined" role="group" aria-label={label} sx={{ px: 2, py: 1 }}>
      <Box sx={{ display: "flex", alignItems: "center", gap: 1, flexWrap: "wrap" }}>
        <Typography sx={{ flex: 1, minWidth: 120, overflowWrap: "anywhere", fontWeight: 600 }}>
          {name}
        </Typography>
        <Typography variant="body2" color="textSecondary" sx={{ whiteSpace: "nowrap" }}>
          {isDone ? formatBytes(bytes) : `${formatBytes(sent)} of ${formatBytes(bytes)}`}
        </Typography>
        {children}
      </Box>
      {!isDone && (
        <LinearProgress
          variant="determinate"
          value={share}
          color={isError ? "error" : "primary"}
          aria-label={`Progress of ${label}`}
        />
      )}
      <Typography variant="body2" color={isError ? "error" : "textSecondary"} sx={{ mt: 0.5 }}>
        {text}
      </Typography>
    </Paper>
  );
}

function Act({
  label,
  icon,
  onClick,
}: {
  label: string;
  icon: ReactNode;
  onClick: () => void;
}): React.JSX.Element {
  return (
    <Tooltip title={label.split(" ")[0]}>
      <IconButton size="small" aria-label={label} onClick={onClick}>
        {icon}
      </IconButton>
    </Tooltip>
  );
}
