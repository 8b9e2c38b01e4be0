import CheckCircleOutlinedIcon from "@mui/icons-material/CheckCircleOutlined";
import ErrorOutlineIcon from "@mui/icons-material/ErrorOutlineOutlined";
import HourglassEmptyIcon from "@mui/icons-material/HourglassEmpty";
import Box from "@mui/material/Box";
import Typography from "@mui/material/Typography";

import { formatAgo, formatBytes } from "../../lib/format";
import { hostText } from "./image-words";
import type { Image, OnHost } from "./images-api";

/** How an image is on each host. */
export function HostStates({ image, now }: { image: Image; now: number }): React.JSX.Element {
  if (image.hosts.length === 0) {
    const isBuilt = image.created_at === null;
    return <>{isBuilt ? "Built on the hosts" : "No host has begun with it."}</>;
  }
  return (
    <Box component="ul" sx={{ m: 0, p: 0, listStyle: "none", display: "grid", gap: 1, minWidth: 240 }}>
      {image.hosts.map((host) => (
        <Box component="li" key={host.host} sx={{ display: "flex", gap: 1, alignItems: "flex-start" }}>
          <StateIcon state={host.state} />
          <Box sx={{ minWidth: 0, overflowWrap: "anywhere" }}>
            <Typography variant="body2">
              <strong>{host.host}</strong> {hostText(host)}
            </Typography>
            <Typography variant="caption" component="p" color="textSecondary">
              {moreOf(host, now)}
            </Typography>
          </Box>
        </Box>
      ))}
    </Box>
  );
}

const ICONS = {
  ready: <CheckCircleOutlinedIcon fontSize="small" color="success" />,
  failed: <ErrorOutlineIcon fontSize="small" color="error" />,
};

function StateIcon({ state }: { state: OnHost["state"] }): React.JSX.Element {
  return state === "ready" || state === "failed" ? (
    ICONS[state]
  ) : (
    <HourglassEmptyIcon fontSize="small" color="info" />
  );
}

/** What else is known: when it was verified, when it is tried again, how much room there was. */
function moreOf({ state, verified_at, retry_at, free_bytes, attempts }: OnHost, now: number): string {
  const parts = [
    state === "ready" && verified_at && `verified ${formatAgo(verified_at, now)}`,
    state === "failed" && attempts > 1 && `${attempts} attempts`,
    state === "failed" &&
      (retry_at ? `again at ${new Date(retry_at).toLocaleTimeString()}` : "not tried again by itself"),
    free_bytes !== null && `${formatBytes(free_bytes)} were free`,
  ];
  return parts.filter(Boolean).join(" · ");
}
