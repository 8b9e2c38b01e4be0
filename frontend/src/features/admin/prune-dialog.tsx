import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Skeleton from "@mui/material/Skeleton";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { skipToken } from "@reduxjs/toolkit/query";
import { useState } from "react";

import { queryErrorText } from "../../api/base-api";
import { ConfirmDialog } from "../../components/confirm-dialog";
import { plural } from "../../lib/format";
import { keptText, pruneText, shortDigest } from "./image-words";
import { usePruneMutation, usePrunePlanQuery, type Pruned } from "./images-api";

const USUAL = 3;
const MOST = 1000;

interface PruneProps {
  onDone: (text: string) => void;
  onClose: () => void;
}

/** Shows what would go and why the others stay, then does it. */
export function PruneDialog({ onDone, onClose }: PruneProps): React.JSX.Element {
  const [typed, setTyped] = useState(String(USUAL));
  const keep = keepFrom(typed);
  const { currentData, error } = usePrunePlanQuery(keep ?? skipToken, { refetchOnMountOrArgChange: true });
  const [prune] = usePruneMutation();
  const going = currentData?.items.filter(({ kept }) => kept === null).length ?? 0;
  const act = async (): Promise<void> => {
    if (keep === null) return;
    const { items } = await prune(keep).unwrap();
    const gone = items.filter(({ kept }) => kept === null).length;
    onDone(gone > 0 ? `${plural(gone, "image")} will be gone from the hosts soon` : "No image went");
  };
  return (
    <ConfirmDialog
      title="Prune images?"
      action={going > 0 ? `Remove ${plural(going, "image")}` : "Remove"}
      danger
      disabled={keep === null || going === 0}
      onConfirm={act}
      onClose={onClose}
      describe={queryErrorText}
    >
      Hosts remove images that nobody needs, but for the newest of them. It is written into the audit trail.
      <TextField
        label="How many of these stay"
        size="small"
        fullWidth
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        error={keep === null}
        helperText={keep === null ? `Enter a whole number from 0 to ${MOST}` : " "}
        slotProps={{ htmlInput: { inputMode: "numeric" } }}
        sx={{ mt: 2 }}
      />
      {keep !== null && error && <Alert severity="error">{queryErrorText(error)}</Alert>}
      {keep !== null && !error && !currentData && <Skeleton variant="rounded" height={60} />}
      {currentData && <Plan decided={currentData.items} />}
    </ConfirmDialog>
  );
}

/** How many are to stay; null for what is no such number. */
function keepFrom(typed: string): number | null {
  const text = typed.trim();
  return /^\d+$/.test(text) && Number(text) <= MOST ? Number(text) : null;
}

function Plan({ decided }: { decided: readonly Pruned[] }): React.JSX.Element {
  return (
    <>
      <Typography variant="body2" role="status" color="textPrimary" sx={{ fontWeight: 700 }}>
        {pruneText(decided)}
      </Typography>
      <Box component="ul" aria-label="Images" sx={{ m: 0, mt: 1, pl: 2.5, overflowWrap: "anywhere" }}>
        {decided.map(({ digest, ref, kept }) => (
          <li key={digest}>
            <code>{ref}</code> ({shortDigest(digest)}):{" "}
            {kept === null ? <strong>goes</strong> : `stays, ${keptText(kept)}`}
          </li>
        ))}
      </Box>
    </>
  );
}
