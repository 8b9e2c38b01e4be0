import Box from "@mui/material/Box";
import { lazy, Suspense } from "react";

import type { MonacoDiffProps } from "./monaco-diff";

const MonacoDiff = lazy(() => import("./monaco-diff"));

/** Two texts side by side, and what differs. */
export function TextDiff(props: MonacoDiffProps): React.JSX.Element {
  return (
    <Box sx={{ position: "relative", height: "100%" }}>
      <Suspense fallback={null}>
        <MonacoDiff {...props} />
      </Suspense>
    </Box>
  );
}
