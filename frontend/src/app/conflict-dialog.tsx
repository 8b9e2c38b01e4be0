import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogContentText from "@mui/material/DialogContentText";
import DialogTitle from "@mui/material/DialogTitle";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { useState } from "react";

import { TextDiff } from "../features/editor/text-diff";
import type { Files } from "../lib/file-tree";

interface ConflictDialogProps {
  paths: readonly string[];
  mine: Files;
  theirs: Files;
  dark: boolean;
  onChosen: (choice: "mine" | "theirs") => void;
}

/** The same file was changed here and elsewhere: the user compares, and says which one stays. */
export function ConflictDialog({
  paths,
  mine,
  theirs,
  dark,
  onChosen,
}: ConflictDialogProps): React.JSX.Element {
  const [compared, setCompared] = useState<string | null>(null);
  const path = compared ?? paths[0] ?? "";
  const isOne = paths.length === 1;
  return (
    <Dialog
      open
      fullWidth
      maxWidth={compared === null ? "sm" : "xl"}
      aria-labelledby="conflict-title"
      aria-describedby="conflict-text"
    >
      <DialogTitle id="conflict-title">Changed here and elsewhere</DialogTitle>
      <DialogContent>
        <DialogContentText id="conflict-text">
          {isOne
            ? path
            : `${paths.length} files (${paths.slice(0, 5).join(", ")}${paths.length > 5 ? ", …" : ""})`}{" "}
          {isOne ? "was" : "were"} also saved from another tab or browser. Your text is kept in this browser
          until you have chosen.
        </DialogContentText>
        {compared !== null && (
          <>
            {!isOne && (
              <TextField
                select
                size="small"
                label="File"
                value={path}
                onChange={(event) => setCompared(event.target.value)}
                sx={{ mt: 2, minWidth: 240 }}
              >
                {paths.map((other) => (
                  <MenuItem key={other} value={other}>
                    {other}
                  </MenuItem>
                ))}
              </TextField>
            )}
            <Box
              sx={{
                display: "flex",
                justifyContent: "space-between",
                mt: 2,
                fontSize: 13,
                color: "text.secondary",
              }}
            >
              <span>Theirs: saved on the server</span>
              <span>Yours: in this tab</span>
            </Box>
            <Box sx={{ height: "50vh", border: 1, borderColor: "divider" }}>
              <TextDiff path={path} before={theirs[path] ?? ""} after={mine[path] ?? ""} dark={dark} />
            </Box>
          </>
        )}
      </DialogContent>
      <DialogActions sx={{ flexWrap: "wrap" }}>
        {compared === null && (
          <Button autoFocus onClick={() => setCompared(path)}>
            Compare
          </Button>
        )}
        <Button onClick={() => onChosen("theirs")}>Reload theirs</Button>
        <Button variant="contained" onClick={() => onChosen("mine")}>
          Overwrite with mine
        </Button>
      </DialogActions>
    </Dialog>
  );
}
