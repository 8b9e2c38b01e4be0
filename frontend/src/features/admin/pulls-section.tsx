import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import Typography from "@mui/material/Typography";

import { DataTable, type Column } from "../../components/data-table";
import { formatAgo, formatSeconds } from "../../lib/format";
import { Failed } from "./failed";
import { endingOf, pullName, pullStateText, shortDigest } from "./image-words";
import type { Pull } from "./images-api";

interface PullsProps {
  /** Undefined until they are known. */
  pulls: readonly Pull[] | undefined;
  /** Why they could not be read. */
  error: unknown;
  onRetry: () => void;
  now: number;
  isFetching: boolean;
  /** Where there are more. */
  onMore?: () => void;
}

/** What was asked for of late, and how it ended. */
export function PullsSection({
  pulls,
  error,
  onRetry,
  now,
  isFetching,
  onMore,
}: PullsProps): React.JSX.Element {
  return (
    <div>
      <Typography component="h2" variant="h6" sx={{ mb: 1 }}>
        Recent pulls
      </Typography>
      {error && !pulls ? (
        <Failed error={error} onRetry={onRetry} />
      ) : (
        <DataTable
          label="Recent pulls"
          rows={pulls}
          keyOf={({ id }) => id}
          empty="Nothing was pulled yet."
          columns={columns(now)}
        />
      )}
      {onMore && (
        <Button sx={{ mt: 1 }} loading={isFetching} onClick={onMore}>
          Show more
        </Button>
      )}
    </div>
  );
}

function columns(now: number): Column<Pull>[] {
  return [
    {
      title: "When",
      show: ({ created_at }) => (
        <time
          dateTime={created_at}
          title={new Date(created_at).toLocaleString()}
          style={{ whiteSpace: "nowrap" }}
        >
          {formatAgo(created_at, now)}
        </time>
      ),
    },
    {
      title: "Image",
      show: ({ ref, digest }) => (
        <Box sx={{ minWidth: 180, maxWidth: 420, overflowWrap: "anywhere" }}>
          <code title={ref}>{pullName(ref)}</code>
          {digest && !ref.includes(digest) && (
            <Typography
              variant="caption"
              component="p"
              color="textSecondary"
              title={digest}
              sx={{ fontFamily: "monospace" }}
            >
              {shortDigest(digest)}
            </Typography>
          )}
        </Box>
      ),
    },
    { title: "Alias", show: ({ alias, activate }) => (activate ? alias : "–") },
    { title: "Ending", show: (pull) => <EndingOf pull={pull} /> },
    {
      title: "Took",
      align: "right",
      show: ({ created_at, finished_at }) =>
        finished_at ? <Took seconds={(Date.parse(finished_at) - Date.parse(created_at)) / 1000} /> : "–",
    },
  ];
}

function Took({ seconds }: { seconds: number }): React.JSX.Element {
  return <span style={{ whiteSpace: "nowrap" }}>{formatSeconds(seconds)}</span>;
}

const COLOURS = { active: "success", ready: "success", planned: "default", failed: "error" } as const;

function EndingOf({ pull }: { pull: Pull }): React.JSX.Element {
  const ending = endingOf(pull);
  const colour = pull.state in COLOURS ? COLOURS[pull.state as keyof typeof COLOURS] : "info";
  return (
    <Box sx={{ minWidth: 220 }}>
      <Chip size="small" variant="outlined" color={colour} label={pullStateText(pull)} />
      {ending && pull.state === "failed" && (
        <Typography variant="body2" sx={{ mt: 0.5, overflowWrap: "anywhere" }}>
          {ending.title}. {pull.message}
        </Typography>
      )}
    </Box>
  );
}
