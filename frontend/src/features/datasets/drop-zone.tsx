import UploadFileIcon from "@mui/icons-material/UploadFile";
import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";
import { useEffect, useState } from "react";

/** Files may be dropped anywhere on the page while this is there. */
export function DropZone({ onFiles }: { onFiles: (files: File[]) => void }): React.JSX.Element | null {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
    const drag = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      onFiles([...(event.dataTransfer?.files ?? [])]);
    };
    window.addEventListener("dragover", drag);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragover", drag);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
    };
  }, [onFiles]);
  if (!over) return null;
  return (
    <Box
      sx={{
        position: "fixed",
        inset: 8,
        zIndex: "modal",
        display: "grid",
        placeContent: "center",
        justifyItems: "center",
        border: "3px dashed",
        borderColor: "primary.main",
        borderRadius: 2,
        bgcolor: "background.default",
        opacity: 0.92,
        pointerEvents: "none",
      }}
    >
      <UploadFileIcon color="primary" sx={{ fontSize: 64 }} />
      <Typography variant="h6">Drop files to upload them as datasets</Typography>
    </Box>
  );
}
