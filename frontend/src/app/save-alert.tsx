import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import { useState } from "react";

import type { SaveState } from "../features/projects/project-saver";

interface SaveAlertProps {
  saved: SaveState;
  /** Keeps what is on the screen as a new project. */
  onKeep: () => void;
}

/** Says that edits are not saved, where waiting does not mend it. */
export function SaveAlert({ saved, onKeep }: SaveAlertProps): React.JSX.Element | null {
  const [settled, setSettled] = useState(saved);
  // While it is tried again, what is shown stays.
  const isPending = saved.status === "unsaved" || saved.status === "saving";
  if (!isPending && settled !== saved) setSettled(saved);
  switch (settled.status) {
    case "gone":
      return (
        <Alert
          severity="warning"
          sx={{ borderRadius: 0, py: 0 }}
          action={
            <Button color="inherit" size="small" onClick={onKeep}>
              Save as a new project
            </Button>
          }
        >
          This project was deleted from elsewhere. Your files are still here.
        </Alert>
      );
    case "lost":
      return (
        <Alert severity="error" sx={{ borderRadius: 0, py: 0 }}>
          Not saved: the server is away and the browser&apos;s storage is full or blocked. Keep this page open
          until the server is back.
        </Alert>
      );
    case "refused":
      return (
        <Alert severity="error" sx={{ borderRadius: 0, py: 0 }}>
          Not saved: {settled.message}
        </Alert>
      );
    default:
      return null;
  }
}
