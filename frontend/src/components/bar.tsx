import Typography from "@mui/material/Typography";
import visuallyHidden from "@mui/utils/visuallyHidden";
import { useContext, useEffect, useRef, type ReactNode } from "react";
import { createPortal } from "react-dom";

import { BarSlot } from "./bar-slot";

/** Puts the page's title and controls into the bar at the top. */
export function BarContent({ children }: { children: ReactNode }): React.JSX.Element {
  const slot = useContext(BarSlot);
  return <>{slot && createPortal(children, slot)}</>;
}

/**
 * The page's one heading of the first level; hidden from the eye where the place says enough. It takes the focus when the
 * user has come from another page, so that the keyboard and a screen reader go on from here.
 */
export function BarTitle({ children, hidden }: { children: ReactNode; hidden?: boolean }): React.JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // The router counts the pages of this visit.
    const { idx } = (window.history.state ?? {}) as { idx?: number };
    if (idx) heading.current?.focus();
  }, []);
  return (
    <Typography
      ref={heading}
      component="h1"
      tabIndex={-1}
      variant="subtitle1"
      noWrap
      sx={hidden ? visuallyHidden : { fontWeight: 700, minWidth: 0, outline: 0 }}
    >
      {children}
    </Typography>
  );
}
