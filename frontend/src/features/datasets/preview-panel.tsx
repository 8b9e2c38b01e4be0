import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Skeleton from "@mui/material/Skeleton";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useState } from "react";

import { queryErrorText } from "../../api/base-api";
import {
  usePreviewQuery,
  useRowsQuery,
  type Dataset,
  type Preview,
  type Reading,
} from "../../api/datasets-api";
import { plural } from "../../lib/format";
import { ImagePreview } from "./image-preview";
import { PreviewTable } from "./preview-table";
import { ReadingControls } from "./reading-controls";

const PAGE = 100;

/** What is in a dataset, as far as that can be shown. */
export function PreviewPanel({ dataset }: { dataset: Dataset }): React.JSX.Element {
  const [reading, setReading] = useState<Reading>({});
  const { data: preview, error, isFetching } = usePreviewQuery({ id: dataset.id, reading });
  if (error) return <Alert severity="error">{queryErrorText(error)}</Alert>;
  if (!preview) return <Skeleton variant="rectangular" height={320} />;
  return (
    <Box aria-busy={isFetching} sx={{ opacity: isFetching ? 0.6 : 1 }}>
      {preview.kind === "table" && (
        <>
          <ReadingControls preview={preview} onChange={setReading} />
          <TablePages key={JSON.stringify(reading)} id={dataset.id} preview={preview} reading={reading} />
        </>
      )}
      {preview.kind === "image" && <ImagePreview dataset={dataset} type={preview.media_type ?? ""} />}
      {preview.kind === "archive" && <ArchiveNames preview={preview} />}
      {preview.kind === "none" && (
        <Alert severity="info" variant="outlined">
          No preview. {preview.why}
        </Alert>
      )}
    </Box>
  );
}

interface TablePagesProps {
  id: string;
  preview: Preview;
  reading: Reading;
}

/** The rows, a hundred at a time. */
function TablePages({ id, preview, reading }: TablePagesProps): React.JSX.Element {
  const [start, setStart] = useState(0);
  const later = useRowsQuery({ id, reading, cursor: String(start) }, { skip: start === 0 });
  const rows = start === 0 ? preview.rows : (later.currentData?.items ?? later.data?.items ?? []);
  const next = start === 0 ? preview.next : later.currentData?.next;
  return (
    <>
      <PreviewTable columns={preview.columns} rows={rows} first={start + 1} />
      {later.error && <Alert severity="error">{queryErrorText(later.error)}</Alert>}
      <Stack direction="row" sx={{ gap: 1, alignItems: "center", mt: 1, flexWrap: "wrap" }}>
        <Typography variant="body2" color="textSecondary" sx={{ flex: 1, minWidth: 200 }}>
          {preview.complete
            ? `${plural(preview.rows_read, "row")} in all`
            : `Statistics of the first ${plural(preview.rows_read, "row")}`}
          {" · "}
          {plural(preview.columns.length, "column")}
        </Typography>
        <Button size="small" disabled={start === 0} onClick={() => setStart(start - PAGE)}>
          Previous rows
        </Button>
        <Button size="small" disabled={!next} onClick={() => setStart(Number(next))}>
          Next rows
        </Button>
      </Stack>
    </>
  );
}

function ArchiveNames({ preview }: { preview: Preview }): React.JSX.Element {
  return (
    <>
      <Typography variant="body2" color="textSecondary" sx={{ mb: 1 }}>
        {plural(preview.names_total, "file")} in the archive
        {preview.names.length < preview.names_total && `, of which the first ${preview.names.length}`}
      </Typography>
      <Box
        component="ul"
        aria-label="Files in the archive"
        tabIndex={0}
        sx={{
          display: "grid",
          gridTemplateColumns: "repeat(auto-fill, minmax(200px, 1fr))",
          gap: 0.5,
          m: 0,
          p: 1,
          listStyle: "none",
          maxHeight: 420,
          overflow: "auto",
          border: 1,
          borderColor: "divider",
          borderRadius: 1,
        }}
      >
        {preview.names.map((name, number) => (
          <Typography component="li" key={number} variant="body2" noWrap title={name} sx={{ minWidth: 0 }}>
            {name}
          </Typography>
        ))}
      </Box>
    </>
  );
}
