import Box from "@mui/material/Box";
import FormControlLabel from "@mui/material/FormControlLabel";
import Switch from "@mui/material/Switch";
import Typography from "@mui/material/Typography";
import { useState } from "react";

import { DataTable } from "../../components/data-table";
import { useSettingsQuery } from "./admin-api";
import { Failed } from "./failed";
import { valueOf } from "./words";

/** What the server was started with. It is changed in its environment, then by a restart. */
export function SettingsTab(): React.JSX.Element {
  const { data, error, refetch } = useSettingsQuery();
  const [isShort, setShort] = useState(false);
  if (error && !data) return <Failed error={error} onRetry={refetch} />;
  const rows = isShort ? data?.items.filter(({ is_set }) => is_set) : data?.items;
  return (
    <>
      <FormControlLabel
        control={<Switch checked={isShort} onChange={(_event, checked) => setShort(checked)} />}
        label="Only those that differ from the defaults"
        sx={{ mb: 1 }}
      />
      <DataTable
        label="Settings"
        rows={rows}
        keyOf={({ name }) => name}
        empty="Every setting is as it comes."
        columns={[
          {
            title: "Setting",
            show: ({ name, description }) => (
              <Box sx={{ minWidth: 240 }}>
                <code>{name}</code>
                <Typography variant="caption" component="p" color="textSecondary">
                  {description}
                </Typography>
              </Box>
            ),
          },
          {
            title: "Value",
            show: (setting) => (
              <Box component="code" sx={{ overflowWrap: "anywhere", display: "block", minWidth: 160 }}>
                {valueOf(setting)}
              </Box>
            ),
          },
          { title: "From", show: ({ is_set }) => (is_set ? "environment" : "default") },
        ]}
      />
    </>
  );
}
