import CloseIcon from "@mui/icons-material/Close";
import DownloadIcon from "@mui/icons-material/Download";
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import IconButton from "@mui/material/IconButton";
import Skeleton from "@mui/material/Skeleton";
import Typography from "@mui/material/Typography";

import type { Artifact } from "../../api/types";
import { CopyButton } from "../../components/copy-button";
import { formatBytes } from "../../lib/format";
import { DataTable, OnnxView, SafetensorsView } from "./model-views";
import { TEXT_BYTES, usePreview, type Preview } from "./use-preview";

interface PreviewDialogProps {
  base: string;
  artifact: Artifact;
  onDownload: () => void;
  onClose: () => void;
}

/** An artifact to look at without downloading it. */
export default function PreviewDialog({
  base,
  artifact,
  onDownload,
  onClose,
}: PreviewDialogProps): React.JSX.Element {
  const preview = usePreview(base, artifact);
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="md" aria-labelledby="preview-title">
      <DialogTitle id="preview-title" sx={{ pr: 7, overflowWrap: "anywhere" }}>
        {artifact.path}
      </DialogTitle>
      <IconButton aria-label="Close" onClick={onClose} sx={{ position: "absolute", right: 12, top: 12 }}>
        <CloseIcon />
      </IconButton>
      <DialogContent dividers tabIndex={0} role="group" aria-label="Preview">
        <Content preview={preview} path={artifact.path} />
      </DialogContent>
      <DialogActions sx={{ flexWrap: "wrap", px: 3 }}>
        <Typography
          variant="body2"
          color="textSecondary"
          sx={{ flex: 1, minWidth: 200, overflowWrap: "anywhere" }}
        >
          {formatBytes(artifact.bytes)} · sha256 <code>{artifact.sha256}</code>
          <CopyButton text={artifact.sha256} label="Copy the sha256" />
        </Typography>
        <Button startIcon={<DownloadIcon />} onClick={onDownload}>
          Download
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function Content({ preview, path }: { preview: Preview; path: string }): React.JSX.Element {
  switch (preview.kind) {
    case "loading":
      return <Skeleton variant="rectangular" height={240} />;
    case "failed":
      return <Alert severity="error">{preview.why}</Alert>;
    case "image":
      return (
        <Box
          component="img"
          src={preview.url}
          alt={path}
          sx={{ display: "block", maxWidth: "100%", mx: "auto", bgcolor: "#fff" }}
        />
      );
    case "csv":
      return (
        <>
          <DataTable label={path} head={preview.table.header} rows={preview.table.rows} />
          {preview.table.cut && (
            <Typography variant="body2" color="textSecondary" sx={{ mt: 1 }}>
              The first {preview.table.rows.length} rows.
            </Typography>
          )}
        </>
      );
    case "safetensors":
      return <SafetensorsView header={preview.header} />;
    case "onnx":
      return <OnnxView model={preview.model} />;
    case "text":
      return (
        <>
          <Box component="pre" sx={{ m: 0, fontSize: 13, whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
            {preview.text}
          </Box>
          {preview.cut && (
            <Typography variant="body2" color="textSecondary" sx={{ mt: 1 }}>
              The first {formatBytes(TEXT_BYTES)}: download it for the rest.
            </Typography>
          )}
        </>
      );
  }
}
