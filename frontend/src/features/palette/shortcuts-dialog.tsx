import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";

interface ShortcutsDialogProps {
  /** What they do, and the keys. */
  shortcuts: readonly (readonly [text: string, keys: string])[];
  onClose: () => void;
}

export function ShortcutsDialog({ shortcuts, onClose }: ShortcutsDialogProps): React.JSX.Element {
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="xs" aria-labelledby="shortcuts-title">
      <DialogTitle id="shortcuts-title">Keyboard shortcuts</DialogTitle>
      <DialogContent>
        <Box
          component="dl"
          sx={{ display: "grid", gridTemplateColumns: "1fr auto", gap: 1, m: 0, fontSize: 14 }}
        >
          {shortcuts.map(([text, keys]) => (
            <Box key={text} sx={{ display: "contents" }}>
              <dt>{text}</dt>
              <Box component="dd" sx={{ m: 0 }}>
                <Box
                  component="kbd"
                  sx={{
                    px: 0.75,
                    border: 1,
                    borderColor: "divider",
                    borderRadius: 1,
                    fontFamily: "inherit",
                    fontSize: 13,
                  }}
                >
                  {keys}
                </Box>
              </Box>
            </Box>
          ))}
        </Box>
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose} autoFocus>
          Close
        </Button>
      </DialogActions>
    </Dialog>
  );
}
