import { useSnackbar } from "notistack";

import { ActivateDialog, RollbackDialog, VerifyDialog } from "./image-dialogs";
import { namedDigest, rollbackTargets } from "./image-words";
import type { Image, Pull, PullRequest } from "./images-api";
import { PruneDialog } from "./prune-dialog";
import { PullDialog } from "./pull-dialog";

/** What an operator is about to do. */
export type Asked =
  | { what: "pull"; again?: PullRequest }
  | { what: "activate"; image: Image }
  | { what: "rollback"; alias: string }
  | { what: "prune" }
  | { what: "verify" };

/** What this operator asked for on this page; `request` where it was a pull. */
export interface Watched {
  pull: Pull;
  request?: PullRequest;
}

interface AskedProps {
  asked: Asked;
  images: readonly Image[];
  hosts: number | undefined;
  onWatch: (watched: Watched) => void;
  onVerifying: (since: string) => void;
  onClose: () => void;
}

/** The question that goes with it. */
export function AskedDialog({
  asked,
  images,
  hosts,
  onWatch,
  onVerifying,
  onClose,
}: AskedProps): React.JSX.Element | null {
  const { enqueueSnackbar } = useSnackbar();
  const say = (text: string): void => void enqueueSnackbar(text, { variant: "success" });
  if (asked.what === "verify") return <VerifyDialog onAsked={onVerifying} onClose={onClose} />;
  if (asked.what === "prune") return <PruneDialog onDone={say} onClose={onClose} />;
  if (asked.what === "activate") {
    return <ActivateDialog image={asked.image} onStarted={(pull) => onWatch({ pull })} onClose={onClose} />;
  }
  if (asked.what === "rollback") {
    const before = rollbackTargets(images).get(asked.alias);
    const active = images.find((image) => image.active && image.alias === asked.alias);
    return before && active ? (
      <RollbackDialog
        alias={asked.alias}
        now={active}
        before={before}
        onDone={({ alias, digest, warning }) =>
          warning
            ? enqueueSnackbar(`${alias} is ${namedDigest(digest)} again. ${warning}`, {
                variant: "warning",
                autoHideDuration: 20_000,
              })
            : say(`${alias} is ${namedDigest(digest)} again`)
        }
        onClose={onClose}
      />
    ) : null;
  }
  return (
    <PullDialog
      hosts={hosts}
      {...(asked.again && { again: asked.again })}
      onStarted={(pull, request) => {
        onWatch({ pull, request });
        onClose();
      }}
      onClose={onClose}
    />
  );
}
