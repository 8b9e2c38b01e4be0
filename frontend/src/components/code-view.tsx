import Box from "@mui/material/Box";
import Skeleton from "@mui/material/Skeleton";
import { lazy, Suspense } from "react";

import type { Place } from "./use-reveal";

const MonacoView = lazy(() => import("./monaco-view"));

export interface CodeViewProps {
  /** Says to Monaco which language it is. */
  path: string;
  text: string;
  /** What it is compared with, shown at the left. */
  before?: string;
  dark: boolean;
  /** A place to show. */
  reveal?: Place | null;
  onRevealed?: () => void;
  label: string;
}

/** Code to read, not to change, or the difference between two texts. */
export function CodeView(props: CodeViewProps): React.JSX.Element {
  return (
    <Box sx={{ position: "relative", height: "60vh", minHeight: 240, border: 1, borderColor: "divider" }}>
      <Suspense fallback={<Skeleton variant="rectangular" height="100%" />}>
        <MonacoView {...props} />
      </Suspense>
    </Box>
  );
}
