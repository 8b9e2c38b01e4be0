import LinearProgress from "@mui/material/LinearProgress";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";

import { useMeQuery } from "../../api/base-api";
import { formatBytes } from "../../lib/format";

const MIB = 1 << 20;

/** How much of the account's storage is used: by datasets, uploads, outputs and artifacts together. */
export function QuotaBar(): React.JSX.Element | null {
  const { data: me } = useMeQuery(undefined, { refetchOnMountOrArgChange: true });
  if (!me) return null;
  const share = Math.min(100, (100 * me.usage.storage_mb) / Math.max(1, me.quota.storage_mb));
  const text = `${formatBytes(me.usage.storage_mb * MIB)} of ${formatBytes(me.quota.storage_mb * MIB)}`;
  return (
    <Stack sx={{ gap: 0.5, minWidth: 200 }}>
      <Typography variant="body2" color="textSecondary" id="storage-used">
        Storage: {text} used
      </Typography>
      <LinearProgress
        variant="determinate"
        value={share}
        color={share >= 95 ? "error" : share >= 80 ? "warning" : "primary"}
        aria-labelledby="storage-used"
      />
    </Stack>
  );
}
