import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useState } from "react";

import { fieldProblems, queryErrorText } from "../../api/base-api";
import { ConfirmDialog } from "../../components/confirm-dialog";
import { namedDigest } from "./image-words";
import {
  useActivateImageMutation,
  useRollBackMutation,
  useVerifyImagesMutation,
  type Image,
  type Pull,
  type Switched,
} from "./images-api";

interface ActivateProps {
  image: Image;
  onStarted: (pull: Pull) => void;
  onClose: () => void;
}

/** Asks which alias is to mean an image that hosts have. */
export function ActivateDialog({ image, onStarted, onClose }: ActivateProps): React.JSX.Element {
  const [alias, setAlias] = useState(image.active ? "" : (image.alias ?? "default"));
  const [quorum, setQuorum] = useState("100");
  const [activate, { error }] = useActivateImageMutation();
  const named = fieldProblems(error);
  const isWhole = /^\d+$/.test(quorum.trim());
  const act = async (): Promise<void> => {
    if (!alias.trim()) throw new Error("Enter an alias.");
    if (!isWhole) throw new Error("Enter how many per cent of the hosts are enough, from 1 to 100.");
    const request = { alias: alias.trim(), image: image.digest, quorum: Number(quorum) };
    onStarted(await activate(request).unwrap());
  };
  return (
    <ConfirmDialog
      title="Activate this image?"
      action="Activate"
      onConfirm={act}
      onClose={onClose}
      describe={describe}
    >
      <Typography component="p" gutterBottom sx={{ overflowWrap: "anywhere" }}>
        <code>{image.ref}</code> ({namedDigest(image.digest)})
      </Typography>
      What was found when it was pulled is held against the policy in force. Once enough hosts are ready, the
      alias is switched: new runs start on it, those under way stay on theirs. What the alias means now is
      kept for a rollback. It is written into the audit trail.
      <TextField
        label="Alias"
        fullWidth
        size="small"
        value={alias}
        onChange={(event) => setAlias(event.target.value)}
        error={Boolean(named["alias"])}
        helperText={named["alias"] ?? "What runs ask for"}
        sx={{ mt: 2 }}
      />
      <TextField
        label="Hosts that are enough, %"
        fullWidth
        size="small"
        value={quorum}
        onChange={(event) => setQuorum(event.target.value)}
        error={Boolean(named["quorum"])}
        helperText={named["quorum"] ?? "1 to 100"}
        slotProps={{ htmlInput: { inputMode: "numeric" } }}
        sx={{ mt: 2 }}
      />
    </ConfirmDialog>
  );
}

/** What the form itself found, or what the server said. */
function describe(error: unknown): string {
  return error instanceof Error ? error.message : queryErrorText(error);
}

interface RollbackProps {
  alias: string;
  now: Image;
  before: Image;
  onDone: (switched: Switched) => void;
  onClose: () => void;
}

/** Asks before an alias goes back to the image before. */
export function RollbackDialog({ alias, now, before, onDone, onClose }: RollbackProps): React.JSX.Element {
  const [rollBack] = useRollBackMutation();
  return (
    <ConfirmDialog
      title={`Roll ${alias} back?`}
      action="Roll back"
      danger
      onConfirm={async () => onDone(await rollBack(alias).unwrap())}
      onClose={onClose}
      describe={queryErrorText}
    >
      <Typography component="p" gutterBottom>
        <strong>{alias}</strong> goes back from {namedDigest(now.digest)} to{" "}
        <strong>{namedDigest(before.digest)}</strong> (<code>{before.ref}</code>), at once.
      </Typography>
      Nothing is pulled. New runs start on it, those under way stay on theirs. The policy does not hold it up;
      if it is against the policy by now, you are told. It is written into the audit trail.
    </ConfirmDialog>
  );
}

interface VerifyProps {
  onAsked: (since: string) => void;
  onClose: () => void;
}

/** Asks before every host looks at its images again. */
export function VerifyDialog({ onAsked, onClose }: VerifyProps): React.JSX.Element {
  const [verify] = useVerifyImagesMutation();
  return (
    <ConfirmDialog
      title="Have the hosts verify their images?"
      action="Verify"
      onConfirm={async () => onAsked((await verify().unwrap()).requested_at)}
      onClose={onClose}
      describe={queryErrorText}
    >
      Every host looks whether it still has each image, and whether that is what its digest names. One that is
      lost or was changed is pulled anew; until then its host takes no runs on it. It is written into the
      audit trail.
    </ConfirmDialog>
  );
}
