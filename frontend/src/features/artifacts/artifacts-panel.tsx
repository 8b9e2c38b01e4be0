import DownloadIcon from "@mui/icons-material/Download";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import List from "@mui/material/List";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";
import { lazy, Suspense, useState } from "react";

import { queryErrorText } from "../../api/base-api";
import { useArtifactPagesInfiniteQuery } from "../../api/results-api";
import { useDownload } from "../../api/services";
import type { Artifact, Run } from "../../api/types";
import { formatBytes, plural } from "../../lib/format";
import { reached } from "../../lib/milestones";
import { ArtifactItem } from "./artifact-item";
import { artifactPath, chosenQuery } from "./artifact-path";

const PreviewDialog = lazy(() => import("./preview-dialog"));
const SKIPPED_SHOWN = 20;

interface ArtifactsPanelProps {
  /** Where the run is read: `/runs/ID` or `/shared/TOKEN`. */
  base: string;
  artifacts: Run["artifacts"];
}

/** What a finished run left in its outputs folder: to look at, with sizes and checksums; one, some or all to download. */
export function ArtifactsPanel({ base, artifacts: summary }: ArtifactsPanelProps): React.JSX.Element {
  const { data, isLoading, error, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useArtifactPagesInfiniteQuery(base);
  const [failure, setFailure] = useState<string | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [shown, setShown] = useState<Artifact | null>(null);
  const download = useDownload();
  const artifacts = data?.pages.flatMap((page) => page.items) ?? [];

  const save = (path: string, filename: string, query = ""): void => {
    setFailure(null);
    download(path, filename, query).then(
      () => reached("download"),
      (problem: unknown) => setFailure(queryErrorText(problem)),
    );
  };
  const saveOne = ({ path }: Artifact): void =>
    save(artifactPath(base, path), path.split("/").at(-1) ?? "artifact");
  const saveAll = (query = ""): void =>
    save(`${base}/artifacts.zip`, `${base.split("/").at(-1)?.slice(0, 12) ?? "run"}.zip`, query);
  const choose = (path: string): void => {
    const next = new Set(chosen);
    if (!next.delete(path)) next.add(path);
    setChosen(next);
  };

  return (
    <Box component="section" aria-label="Artifacts">
      <Box sx={{ display: "flex", alignItems: "center", flexWrap: "wrap", gap: 1, mb: 0.5 }}>
        <Typography component="h2" variant="subtitle2" sx={{ flex: 1 }}>
          Artifacts
          {summary.count > 0 && ` · ${summary.count} · ${formatBytes(summary.bytes)}`}
        </Typography>
        {chosen.size > 0 && (
          <Button size="small" startIcon={<DownloadIcon />} onClick={() => saveAll(chosenQuery(chosen))}>
            Download selected ({chosen.size})
          </Button>
        )}
        {artifacts.length > 0 && (
          <Button size="small" startIcon={<DownloadIcon />} onClick={() => saveAll()}>
            Download all
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
            isChosen={chosen.has(artifact.path)}
            onChoose={() => choose(artifact.path)}
            onShow={() => setShown(artifact)}
            onDownload={() => saveOne(artifact)}
          />
        ))}
      </List>
      {hasNextPage && (
        <Button size="small" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
      <SkippedFiles skipped={summary.skipped} />
      {shown && (
        <Suspense>
          <PreviewDialog
            base={base}
            artifact={shown}
            onDownload={() => saveOne(shown)}
            onClose={() => setShown(null)}
          />
        </Suspense>
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
