import Button from "@mui/material/Button";
import { useState } from "react";

import { queryErrorText } from "../../api/base-api";
import { ConfirmDialog } from "../../components/confirm-dialog";
import { Section } from "../../components/section";
import { useSignOutEverywhereMutation } from "./account-api";

/** The way out of every browser at once. */
export function SessionsSection({ onSignedOut }: { onSignedOut: () => void }): React.JSX.Element {
  const [signOut] = useSignOutEverywhereMutation();
  const [isAsking, setAsking] = useState(false);
  return (
    <Section
      title="Sessions"
      text="If you have signed in somewhere that is not yours, or think that somebody else has."
    >
      <Button variant="outlined" color="error" onClick={() => setAsking(true)}>
        Sign out everywhere
      </Button>
      {isAsking && (
        <ConfirmDialog
          title="Sign out everywhere?"
          action="Sign out everywhere"
          danger
          onConfirm={() => signOut().unwrap().then(onSignedOut)}
          onClose={() => setAsking(false)}
          describe={queryErrorText}
        >
          All your sessions end, here too. Runs go on, and API keys stay until you revoke them.
        </ConfirmDialog>
      )}
    </Section>
  );
}
