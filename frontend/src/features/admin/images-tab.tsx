import Box from "@mui/material/Box";

import { DataTable } from "../../components/data-table";
import { useImagesQuery } from "./admin-api";
import { Failed } from "./failed";

/** The images that runs may use. */
export function ImagesTab(): React.JSX.Element {
  const { data, error, refetch } = useImagesQuery();
  if (error && !data) return <Failed error={error} onRetry={refetch} />;
  return (
    <DataTable
      label="Images"
      rows={data?.items}
      keyOf={({ alias, ref, digest }) => alias ?? (digest || ref)}
      empty="No image is there: runs can't start. `make image` builds one."
      columns={[
        { title: "Alias", show: ({ alias }) => alias },
        { title: "Name", show: ({ ref }) => <code>{ref}</code> },
        {
          title: "Digest",
          show: ({ digest }) =>
            digest && (
              <Box component="code" title={digest}>
                {digest.replace("sha256:", "").slice(0, 16)}…
              </Box>
            ),
        },
        { title: "In use", show: ({ active }) => (active ? "Yes" : "No") },
      ]}
    />
  );
}
