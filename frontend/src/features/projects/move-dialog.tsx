import FolderIcon from "@mui/icons-material/Folder";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import ListItemButton from "@mui/material/ListItemButton";
import ListItemIcon from "@mui/material/ListItemIcon";
import ListItemText from "@mui/material/ListItemText";

interface MoveDialogProps {
  path: string;
  /** Where it can go; "" is the project's top. */
  folders: readonly string[];
  onMoved: (folder: string) => void;
  onClose: () => void;
}

/** Moving without a mouse: a list of the folders. */
export function MoveDialog({ path, folders, onMoved, onClose }: MoveDialogProps): React.JSX.Element {
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="xs" aria-labelledby="move-title">
      <DialogTitle id="move-title">Move {path} to</DialogTitle>
      <DialogContent>
        <List dense disablePadding>
          {folders.map((folder, index) => (
            <ListItem key={folder} disablePadding>
              <ListItemButton autoFocus={index === 0} onClick={() => onMoved(folder)}>
                <ListItemIcon sx={{ minWidth: 36 }}>
                  <FolderIcon fontSize="small" />
                </ListItemIcon>
                <ListItemText primary={folder || "The top of the project"} />
              </ListItemButton>
            </ListItem>
          ))}
        </List>
        {folders.length === 0 && "There is no other folder yet. Make one with New folder."}
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
      </DialogActions>
    </Dialog>
  );
}
