import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import { useState } from "react";

import { useNow } from "../../lib/use-now";
import { AskedDialog, type Asked, type Watched } from "./asked-dialog";
import { Failed } from "./failed";
import { isOver, rollbackTargets, yetToLook } from "./image-words";
import type { Image, Pull } from "./images-api";
import { ImagesTable } from "./images-table";
import { PullProgress } from "./pull-progress";
import { PullsSection } from "./pulls-section";
import { useImagesAndPulls } from "./use-images";

const CLOCK_MS = 30_000;

/** The images that runs may use: how they come onto the hosts, and what aliases mean. */
export function ImagesTab(): React.JSX.Element {
  const [asked, setAsked] = useState<Asked | null>(null);
  const [watched, setWatched] = useState<Watched | null>(null);
  const [verifying, setVerifying] = useState<string | null>(null);
  const found = useImagesAndPulls(verifying);
  const { images, pulls, imagesError, pullsError, hostsError, refetch } = found;
  const now = useNow(CLOCK_MS);
  if (imagesError && !images) return <Failed error={imagesError} onRetry={refetch} />;
  const stale = imagesError ?? hostsError ?? (pulls && pullsError);
  return (
    <Box sx={{ display: "grid", gap: 3, gridTemplateColumns: "minmax(0, 1fr)" }}>
      <Toolbar onAsk={setAsked} />
      {Boolean(stale) && <Failed error={stale} onRetry={refetch} />}
      <Hints hosts={found.hosts} images={images} verifying={verifying} onClose={() => setVerifying(null)} />
      {shown(watched, pulls).map((pull) => (
        <PullProgress
          key={pull.id}
          pull={pull}
          {...(watched?.pull.id === pull.id && {
            ...(isOver(pull) && { onClose: () => setWatched(null) }),
            ...(watched.request && { onAgain: () => setAsked({ what: "pull", again: watched.request }) }),
          })}
        />
      ))}
      <ImagesTable
        images={images}
        targets={rollbackTargets(images ?? [])}
        now={now}
        onActivate={(image) => setAsked({ what: "activate", image })}
        onRollBack={(alias) => setAsked({ what: "rollback", alias })}
      />
      <PullsSection
        pulls={pulls}
        error={pullsError}
        onRetry={refetch}
        now={now}
        isFetching={found.isFetchingMore}
        {...(found.onMore && { onMore: found.onMore })}
      />
      {asked && (
        <AskedDialog
          asked={asked}
          images={images ?? []}
          hosts={found.hosts}
          onWatch={setWatched}
          onVerifying={setVerifying}
          onClose={() => setAsked(null)}
        />
      )}
    </Box>
  );
}

/** What is shown at length: what this operator asked for until it is closed, and whatever else is under way. */
function shown(watched: Watched | null, pulls: readonly Pull[] | undefined): readonly Pull[] {
  const own = pulls?.find(({ id }) => id === watched?.pull.id) ?? watched?.pull;
  const others = (pulls ?? []).filter((pull) => pull.id !== own?.id && !isOver(pull) && !pull.dry_run);
  return own ? [own, ...others] : others;
}

function Toolbar({ onAsk }: { onAsk: (asked: Asked) => void }): React.JSX.Element {
  return (
    <Box role="group" aria-label="Image actions" sx={{ display: "flex", flexWrap: "wrap", gap: 1 }}>
      <Button variant="contained" onClick={() => onAsk({ what: "pull" })}>
        Pull image…
      </Button>
      <Button variant="outlined" onClick={() => onAsk({ what: "verify" })}>
        Verify…
      </Button>
      <Button variant="outlined" onClick={() => onAsk({ what: "prune" })}>
        Prune…
      </Button>
    </Box>
  );
}

interface HintsProps {
  hosts: number | undefined;
  images: readonly Image[] | undefined;
  verifying: string | null;
  onClose: () => void;
}

function Hints({ hosts, images, verifying, onClose }: HintsProps): React.JSX.Element | null {
  const late = verifying ? yetToLook(images ?? [], verifying) : [];
  if (hosts !== 0 && !verifying) return null;
  return (
    <>
      {hosts === 0 && (
        <Alert severity="warning">
          No host is there. What you pull now is pulled by each host that joins.
        </Alert>
      )}
      {verifying && (
        <Alert severity={late.length > 0 ? "info" : "success"} role="status" onClose={onClose}>
          {late.length > 0
            ? `Hosts look at their images again; not through yet: ${late.join(", ")}.`
            : "Every host has looked at its images again. The table says how they are."}
        </Alert>
      )}
    </>
  );
}
