import Box from "@mui/material/Box";
import Chip from "@mui/material/Chip";
import Link from "@mui/material/Link";
import Paper from "@mui/material/Paper";
import Skeleton from "@mui/material/Skeleton";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Typography from "@mui/material/Typography";
import { Link as RouterLink } from "react-router-dom";

import { useDatasetRunsQuery, useDatasetVersionsQuery, type Dataset } from "../../api/datasets-api";
import { CopyButton } from "../../components/copy-button";
import { formatAgo, formatBytes, plural } from "../../lib/format";
import { useNow } from "../../lib/use-now";
import { snippetFor } from "./snippet";

/** How a program reads it. */
export function UseInCode({ dataset }: { dataset: Dataset }): React.JSX.Element {
  const { path, code } = snippetFor(dataset.name);
  return (
    <>
      <Typography variant="body2" sx={{ mb: 1, overflowWrap: "anywhere" }}>
        Choose it under “Data” in the workspace. The run finds it, read-only, at <code>{path}</code>
        <CopyButton text={path} label="Copy the path" />
      </Typography>
      <Paper variant="outlined" sx={{ position: "relative", bgcolor: "background.default" }}>
        <Box sx={{ position: "absolute", right: 4, top: 4 }}>
          <CopyButton text={code} label="Copy the code" />
        </Box>
        <Box
          component="pre"
          tabIndex={0}
          role="region"
          aria-label="Code"
          sx={{ m: 0, p: 1.5, pr: 5, overflow: "auto", fontSize: 13 }}
        >
          {code}
        </Box>
      </Paper>
    </>
  );
}

/** Every version there is; the one on the screen is marked. */
export function Versions({ dataset }: { dataset: Dataset }): React.JSX.Element {
  const { data } = useDatasetVersionsQuery(dataset.id);
  const now = useNow(60_000);
  if (!data) return <Skeleton variant="rectangular" height={80} />;
  return (
    <TableContainer>
      <Table size="small" aria-label="Versions">
        <TableHead>
          <TableRow>
            <TableCell>Version</TableCell>
            <TableCell align="right">Size</TableCell>
            <TableCell>Used by</TableCell>
            <TableCell>Uploaded</TableCell>
            <TableCell>sha256</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {data.items.map((version) => (
            <TableRow key={version.id}>
              <TableCell sx={{ whiteSpace: "nowrap" }}>
                <Link component={RouterLink} to={`/datasets/${version.id}`}>
                  v{version.version}
                </Link>{" "}
                {version.id === dataset.id && <Chip size="small" label="shown" />}
              </TableCell>
              <TableCell align="right" sx={{ whiteSpace: "nowrap" }}>
                {formatBytes(version.bytes)}
              </TableCell>
              <TableCell>{plural(version.used_by_runs, "run")}</TableCell>
              <TableCell sx={{ whiteSpace: "nowrap" }}>{formatAgo(version.created_at, now)}</TableCell>
              <TableCell sx={{ whiteSpace: "nowrap" }}>
                <code>{version.sha256.slice(0, 12)}</code>
                <CopyButton text={version.sha256} label={`Copy the sha256 of version ${version.version}`} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

/** The runs that were given this version. */
export function UsedBy({ dataset }: { dataset: Dataset }): React.JSX.Element {
  const { data } = useDatasetRunsQuery(dataset.id, { refetchOnMountOrArgChange: true });
  const now = useNow(60_000);
  if (!data) return <Skeleton variant="rectangular" height={40} />;
  if (data.items.length === 0)
    return (
      <Typography variant="body2" color="textSecondary">
        No run has used this version.
      </Typography>
    );
  return (
    <Box component="ul" sx={{ m: 0, pl: 2.5, display: "grid", gap: 0.75 }}>
      {data.items.map((run) => (
        <li key={run.id}>
          <Link component={RouterLink} to={`/runs/${run.id}`}>
            {run.entrypoint}
          </Link>{" "}
          <Typography component="span" variant="body2" color="textSecondary">
            {run.state} · {formatAgo(run.created_at, now)}
          </Typography>
        </li>
      ))}
    </Box>
  );
}
