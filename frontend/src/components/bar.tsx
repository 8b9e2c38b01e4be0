import Typography from "@mui/material/Typography";
import visuallyHidden from "@mui/utils/visuallyHidden";
import { useContext, type ReactNode } from "react";
import { createPortal } from "react-dom";

import { BarSlot } from "./bar-slot";

/** Puts the page's title and controls into the bar at the top. */
export function BarContent({ children }: { children: ReactNode }): React.JSX.Element {
  const slot = useContext(BarSlot);
  return <>{slot && createPortal(children, slot)}</>;
}

/** The page's one heading of the first level; hidden from the eye where the place says enough. */
export function BarTitle({ children, hidden }: { children: ReactNode; hidden?: boolean }): React.JSX.Element {
  return (
    <Typography
      component="h1"
      variant="subtitle1"
      noWrap
      sx={hidden ? visuallyHidden : { fontWeight: 700, minWidth: 0 }}
    >
      {children}
    </Typography>
  );
}
