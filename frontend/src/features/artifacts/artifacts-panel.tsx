import DownloadIcon from "@mui/icons-material/Download";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import IconButton from "@mui/material/IconButton";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import ListItemText from "@mui/material/ListItemText";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";
import { useState } from "react";

import { queryErrorText, useArtifactsQuery } from "../../api/base-api";
import { useDownload } from "../../api/services";
import type { Artifact, Run } from "../../api/types";
import { CopyButton } from "../../components/copy-button";
import { formatBytes, plural } from "../../lib/format";
import { artifactPath } from "./artifact-path";

const SKIPPED_SHOWN = 20;

/** What a finished run left in its outputs folder: each file with its size and checksum, one by one or all as a zip. */
export function ArtifactsPanel({ run }: { run: Run }): React.JSX.Element {
  const { data, isLoading, error } = useArtifactsQuery(run.id);
  const [failure, setFailure] = useState<string | null>(null);
  const download = useDownload();
  const save = (path: string, filename: string): void => {
    setFailure(null);
    download(path, filename).catch((problem: unknown) => setFailure(queryErrorText(problem)));
  };
  const artifacts = data?.items ?? [];
  return (
    <Box component="section" aria-label="Artifacts">
      <Box sx={{ display: "flex", alignItems: "center", gap: 1, mb: 0.5 }}>
        <Typography component="h2" variant="subtitle2" sx={{ flex: 1 }}>
          Artifacts
          {run.artifacts.count > 0 && ` · ${run.artifacts.count} · ${formatBytes(run.artifacts.bytes)}`}
        </Typography>
        {artifacts.length > 0 && (
          <Button
            size="small"
            startIcon={<DownloadIcon />}
            onClick={() => save(`/runs/${run.id}/artifacts.zip`, `${run.id}.zip`)}
          >
            All as zip
          </Button>
        )}
      </Box>
      {isLoading && <Skeleton variant="rectangular" height={56} />}
      {error && <Alert severity="error">{queryErrorText(error)}</Alert>}
      {failure && <Alert severity="error">{failure}</Alert>}
      {data && artifacts.length === 0 && (
        <Typography variant="body2" color="textSecondary">
          None. What a program writes to <code>outputs/</code> is kept here.
        </Typography>
      )}
      <List dense disablePadding>
        {artifacts.map((artifact) => (
          <ArtifactItem
            key={artifact.path}
            artifact={artifact}
            onDownload={() =>
              save(artifactPath(run.id, artifact.path), artifact.path.split("/").at(-1) ?? "artifact")
            }
          />
        ))}
      </List>
      <SkippedFiles skipped={run.artifacts.skipped} />
      {data?.next && (
        <Typography variant="body2" color="textSecondary">
          And {plural(run.artifacts.count - artifacts.length, "more file")}: download all as zip.
        </Typography>
      )}
    </Box>
  );
}

function SkippedFiles({ skipped }: { skipped: Run["artifacts"]["skipped"] }): React.JSX.Element | null {
  if (skipped.length === 0) return null;
  return (
    <Alert severity="warning" sx={{ mt: 1 }}>
      {plural(skipped.length, "file")} left out:
      <Box component="ul" sx={{ m: 0, pl: 2, overflowWrap: "anywhere" }}>
        {skipped.slice(0, SKIPPED_SHOWN).map(({ path, why }) => (
          <li key={path}>
            {path}: {why}
          </li>
        ))}
        {skipped.length > SKIPPED_SHOWN && <li>and {skipped.length - SKIPPED_SHOWN} more</li>}
      </Box>
    </Alert>
  );
}

interface ArtifactItemProps {
  artifact: Artifact;
  onDownload: () => void;
}

function ArtifactItem({ artifact, onDownload }: ArtifactItemProps): React.JSX.Element {
  return (
    <ListItem
      disableGutters
      secondaryAction={
        <IconButton edge="end" aria-label={`Download ${artifact.path}`} onClick={onDownload}>
          <DownloadIcon fontSize="small" />
        </IconButton>
      }
    >
      <ListItemText
        primary={artifact.path}
        secondary={
          <>
            {formatBytes(artifact.bytes)} · sha256 <code>{artifact.sha256.slice(0, 12)}</code>
            <CopyButton text={artifact.sha256} label={`Copy the sha256 of ${artifact.path}`} />
          </>
        }
        slotProps={{ primary: { sx: { overflowWrap: "anywhere" } }, secondary: { component: "div" } }}
      />
    </ListItem>
  );
}
