import CloseIcon from "@mui/icons-material/Close";
import IconButton from "@mui/material/IconButton";

export function CloseButton({ onClick }: { onClick: () => void }): React.JSX.Element {
  return (
    <IconButton aria-label="Close" color="inherit" size="small" onClick={onClick}>
      <CloseIcon fontSize="small" />
    </IconButton>
  );
}
