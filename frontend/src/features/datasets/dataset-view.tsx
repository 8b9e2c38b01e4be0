import DeleteIcon from "@mui/icons-material/Delete";
import DownloadIcon from "@mui/icons-material/Download";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useState, type ReactNode } from "react";

import { queryErrorText } from "../../api/base-api";
import type { Dataset } from "../../api/datasets-api";
import { useDownload } from "../../api/services";
import { CopyButton } from "../../components/copy-button";
import { formatBytes } from "../../lib/format";
import { UsedBy, UseInCode, Versions } from "./dataset-facts";
import { DeleteDialog } from "./delete-dialog";
import { PreviewPanel } from "./preview-panel";

/** One version of a dataset: what is in it, how to use it, and what did. */
export function DatasetView({
  dataset,
  onDeleted,
}: {
  dataset: Dataset;
  onDeleted: () => void;
}): React.JSX.Element {
  const download = useDownload();
  const [failure, setFailure] = useState<unknown>(null);
  const [deleting, setDeleting] = useState(false);
  const save = (): void => {
    setFailure(null);
    download(`/datasets/${dataset.id}/content`, dataset.name).catch(setFailure);
  };
  return (
    <>
      <Box sx={{ display: "flex", gap: 1, flexWrap: "wrap", alignItems: "center", mb: 3 }}>
        <Box sx={{ flex: "1 1 260px", minWidth: 0 }}>
          <Typography component="h2" variant="h5" sx={{ overflowWrap: "anywhere" }}>
            {dataset.name}{" "}
            <Typography component="span" color="textSecondary">
              v{dataset.version}
            </Typography>
          </Typography>
          <Typography variant="body2" color="textSecondary">
            {formatBytes(dataset.bytes)} · {new Date(dataset.created_at).toLocaleString()} · sha256{" "}
            <code>{dataset.sha256.slice(0, 12)}</code>
            <CopyButton text={dataset.sha256} label="Copy the sha256" />
          </Typography>
        </Box>
        <Button startIcon={<DownloadIcon />} onClick={save}>
          Download
        </Button>
        <Button color="error" startIcon={<DeleteIcon />} onClick={() => setDeleting(true)}>
          Delete
        </Button>
      </Box>
      {failure !== null && (
        <Alert severity="error" sx={{ mb: 2 }}>
          {queryErrorText(failure)}
        </Alert>
      )}
      <Section title="Preview">
        <PreviewPanel key={dataset.id} dataset={dataset} />
      </Section>
      <Box
        sx={{
          display: "grid",
          gap: 3,
          gridTemplateColumns: { xs: "minmax(0, 1fr)", md: "minmax(0, 1fr) minmax(0, 1fr)" },
        }}
      >
        <Section title="Use in code">
          <UseInCode dataset={dataset} />
        </Section>
        <Section title="Used by runs">
          <UsedBy dataset={dataset} />
        </Section>
      </Box>
      <Section title="Versions">
        <Versions dataset={dataset} />
      </Section>
      {deleting && (
        <DeleteDialog dataset={dataset} onDeleted={onDeleted} onClose={() => setDeleting(false)} />
      )}
    </>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }): React.JSX.Element {
  return (
    <Box component="section" aria-label={title} sx={{ mb: 4, minWidth: 0 }}>
      <Typography component="h3" variant="h6" sx={{ mb: 1 }}>
        {title}
      </Typography>
      {children}
    </Box>
  );
}
