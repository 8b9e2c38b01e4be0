import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import CircularProgress from "@mui/material/CircularProgress";
import { useCallback, useEffect, useState } from "react";

import { useServices } from "../api/services";

/** Shown for the moment a stored session is renewed, or while the server is away at that moment. */
export function RestoringPage(): React.JSX.Element {
  const { session } = useServices();
  const [failed, setFailed] = useState(false);
  const restore = useCallback(() => {
    session.restore().catch(() => setFailed(true));
  }, [session]);
  useEffect(restore, [restore]);
  if (!failed) return <LoadingPage />;
  return (
    <Center>
      <Alert severity="warning" action={<Button onClick={restore}>Try again</Button>}>
        The server cannot be reached.
      </Alert>
    </Center>
  );
}

export function LoadingPage(): React.JSX.Element {
  return (
    <Center>
      <CircularProgress aria-label="Loading" />
    </Center>
  );
}

function Center({ children }: { children: React.ReactNode }): React.JSX.Element {
  return (
    <Box component="main" sx={{ height: "100%", display: "grid", placeItems: "center", p: 2 }}>
      {children}
    </Box>
  );
}
