import Box from "@mui/material/Box";
import { Separator } from "react-resizable-panels";

/** The movable border between two panels; arrow keys move it too. */
export function ResizeHandle({ label }: { label: string }): React.JSX.Element {
  return (
    <Box
      component={Separator}
      aria-label={label}
      sx={{
        flex: "none",
        width: 6,
        bgcolor: "divider",
        opacity: 0.6,
        transition: "opacity 120ms",
        "&[aria-orientation=horizontal]": { width: "auto", height: 6 },
        "&:hover, &[data-separator=active]": { opacity: 1, bgcolor: "primary.main" },
        "&:focus-visible": { outline: "2px solid", outlineColor: "primary.main", opacity: 1 },
      }}
    />
  );
}
