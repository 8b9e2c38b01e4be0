import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";
import { useEffect, useState } from "react";

import type { Dataset } from "../../api/datasets-api";
import { useServices } from "../../api/services";
import { formatBytes } from "../../lib/format";

const MOST = 20 << 20;

/** The image itself, fetched as plain bytes: the server never sends it as a page of its own. */
export function ImagePreview({ dataset, type }: { dataset: Dataset; type: string }): React.JSX.Element {
  const { session } = useServices();
  const [url, setUrl] = useState<string | null>(null);
  const [failed, setFailed] = useState(false);
  const isSmall = dataset.bytes <= MOST;
  useEffect(() => {
    if (!isSmall) return;
    const stop = new AbortController();
    let made: string | null = null;
    const load = async (): Promise<void> => {
      const headers = { Authorization: `Bearer ${await session.token()}` };
      const answer = await fetch(`/api/v1/datasets/${dataset.id}/content`, { headers, signal: stop.signal });
      if (!answer.ok) throw new Error(answer.statusText);
      made = URL.createObjectURL(new Blob([await answer.arrayBuffer()], { type }));
      if (!stop.signal.aborted) setUrl(made);
    };
    load().catch(() => !stop.signal.aborted && setFailed(true));
    return () => {
      stop.abort();
      if (made) URL.revokeObjectURL(made);
    };
  }, [dataset.id, isSmall, session, type]);
  if (!isSmall) return <Typography>Images above {formatBytes(MOST)} are not shown; download it.</Typography>;
  if (failed) return <Alert severity="error">The image can't be shown. Download it to look at it.</Alert>;
  if (!url) return <Skeleton variant="rectangular" height={240} />;
  return (
    <Box
      component="img"
      src={url}
      alt={dataset.name}
      onError={() => setFailed(true)}
      sx={{ maxWidth: "100%", maxHeight: 520, display: "block", borderRadius: 1 }}
    />
  );
}
