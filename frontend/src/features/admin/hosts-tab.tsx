import Box from "@mui/material/Box";
import Chip from "@mui/material/Chip";

import { DataTable } from "../../components/data-table";
import { useHostsQuery } from "./admin-api";
import { Failed } from "./failed";
import { factsOf } from "./words";

const REFRESH_MS = 5000;

/** The hosts that runs are executed on. */
export function HostsTab(): React.JSX.Element {
  const { data, error, refetch } = useHostsQuery(undefined, { pollingInterval: REFRESH_MS });
  if (error && !data) return <Failed error={error} onRetry={refetch} />;
  return (
    <DataTable
      label="Hosts"
      rows={data?.items}
      keyOf={({ name }) => name}
      empty="No host executes runs."
      columns={[
        { title: "Name", show: ({ name }) => name },
        {
          title: "State",
          show: ({ state }) => (
            <Chip
              size="small"
              variant="outlined"
              color={state === "ready" ? "success" : "error"}
              label={state === "ready" ? "Ready" : "Unreachable"}
            />
          ),
        },
        { title: "Slots taken", show: ({ running_runs, slots }) => `${running_runs} of ${slots}` },
        { title: "Facts", show: (host) => <Box sx={{ minWidth: 200 }}>{factsOf(host)}</Box> },
      ]}
    />
  );
}
