import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";

import { queryErrorText } from "../../api/base-api";

/** What went wrong with a query, and the button that tries again. */
export function Failed({ error, onRetry }: { error: unknown; onRetry: () => unknown }): React.JSX.Element {
  return (
    <Alert severity="error" action={<Button onClick={() => void onRetry()}>Try again</Button>}>
      {queryErrorText(error)}
    </Alert>
  );
}
