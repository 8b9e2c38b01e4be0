import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useCallback, useEffect, useState } from "react";

import { errorText } from "../api/problem";
import { useServices } from "../api/services";
import { PageSkeleton } from "../components/page";

/** Shown for the moment a stored session is renewed, or while the server does not do so. */
export function RestoringPage(): React.JSX.Element {
  const { session } = useServices();
  const [failure, setFailure] = useState<string | null>(null);
  const restore = useCallback(() => {
    session.restore().catch((error: unknown) => setFailure(errorText(error)));
  }, [session]);
  useEffect(restore, [restore]);
  if (failure === null) return <LoadingPage />;
  const retry = (): void => {
    setFailure(null);
    restore();
  };
  return (
    <Box component="main" sx={{ height: "100%", display: "grid", placeItems: "center", p: 2 }}>
      <Alert severity="warning" action={<Button onClick={retry}>Try again</Button>}>
        {failure}
      </Alert>
    </Box>
  );
}

export function LoadingPage(): React.JSX.Element {
  return (
    <main>
      <PageSkeleton />
    </main>
  );
}
