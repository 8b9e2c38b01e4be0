import DownloadIcon from "@mui/icons-material/Download";
import Box from "@mui/material/Box";
import Checkbox from "@mui/material/Checkbox";
import IconButton from "@mui/material/IconButton";
import Link from "@mui/material/Link";
import ListItem from "@mui/material/ListItem";
import ListItemText from "@mui/material/ListItemText";

import type { Artifact } from "../../api/types";
import { CopyButton } from "../../components/copy-button";
import { formatBytes } from "../../lib/format";
import { previewKind } from "./artifact-path";

interface ArtifactItemProps {
  artifact: Artifact;
  isChosen: boolean;
  onChoose: () => void;
  onShow: () => void;
  onDownload: () => void;
}

/** One file that a run left. */
export function ArtifactItem({
  artifact,
  isChosen,
  onChoose,
  onShow,
  onDownload,
}: ArtifactItemProps): React.JSX.Element {
  const { path, bytes, sha256 } = artifact;
  const name = previewKind(artifact) ? (
    <Link
      component="button"
      variant="body2"
      onClick={onShow}
      aria-label={`Preview ${path}`}
      sx={{ textAlign: "left", overflowWrap: "anywhere", minHeight: 24 }}
    >
      {path}
    </Link>
  ) : (
    <Box component="span" sx={{ overflowWrap: "anywhere" }}>
      {path}
    </Box>
  );
  return (
    <ListItem
      disableGutters
      secondaryAction={
        <IconButton edge="end" aria-label={`Download ${path}`} onClick={onDownload}>
          <DownloadIcon fontSize="small" />
        </IconButton>
      }
    >
      <Checkbox
        edge="start"
        size="small"
        checked={isChosen}
        onChange={onChoose}
        slotProps={{ input: { "aria-label": `Select ${path}` } }}
      />
      <ListItemText
        primary={name}
        secondary={
          <>
            {formatBytes(bytes)} · sha256 <code>{sha256.slice(0, 12)}</code>
            <CopyButton text={sha256} label={`Copy the sha256 of ${path}`} />
          </>
        }
        slotProps={{ primary: { component: "div" }, secondary: { component: "div" } }}
      />
    </ListItem>
  );
}
